/* SPDX-License-Identifier: ISC */
/*
 * The allocation tables: which cluster follows which.
 */
#ifndef STORAGE_FAT_TABLE_H
#define STORAGE_FAT_TABLE_H

#include "storage/fat/volume.h"

/* What comes behind a cluster, whatever the type of the volume. */
#define FAT_FREE 0u
#define FAT_END  0x0fffffffu

/* True if it is one of the volume's. */
static inline bool fat_is_cluster(const struct fat_volume *volume, uint32_t cluster)
{
	return cluster >= FAT_FIRST_CLUSTER && cluster - FAT_FIRST_CLUSTER < volume->cluster_count;
}

/* The entry of a cluster: FAT_FREE, FAT_END, another cluster, or something that is none of them. */
must_check int fat_table_get(struct fat_volume *volume, uint32_t cluster, uint32_t *next);

/* Set an entry; it is on the disk after fat_table_write(). */
must_check int fat_table_set(struct fat_volume *volume, uint32_t cluster, uint32_t next);

/* Write what was set to all tables. */
must_check int fat_table_write(struct fat_volume *volume);

/*
 * The cluster that is `index` clusters behind `first`. -ENODATA: the chain ends before.
 * -EBADMSG: it does not end, or leads to what is no cluster.
 */
must_check int fat_chain_at(struct fat_volume *volume, uint32_t first, uint32_t index,
                            uint32_t *cluster);

/*
 * Find `count` free clusters, without taking them: at least 1. The caller frees the array.
 * -ENOSPC, -ENOMEM
 */
must_check int fat_find_free(struct fat_volume *volume, uint32_t count, uint32_t **clusters);

/* Link the clusters to a chain that ends with the last. */
must_check int fat_chain_make(struct fat_volume *volume, const uint32_t *clusters, uint32_t count);

/* Free a chain up to its end, or to where it is damaged. */
must_check int fat_chain_free(struct fat_volume *volume, uint32_t first);

/* Clusters that are free. */
must_check int fat_count_free(struct fat_volume *volume, uint32_t *count);

/* Write the change of the count of free clusters (FAT32), then flush the device. */
must_check int fat_flush(struct fat_volume *volume);

#endif
