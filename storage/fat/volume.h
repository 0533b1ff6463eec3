/* SPDX-License-Identifier: ISC */
/*
 * FAT volumes: where everything is, after Microsoft's "FAT32 File System Specification" of 2000.
 *
 *     reserved sectors | tables, all the same | root directory (FAT12, FAT16) | clusters
 *
 * Invariants, for a volume that is open:
 *   1. All regions lie within the device, and the tables have an entry for each cluster.
 *   2. Clusters count from 2 to cluster_count + 1; what is followed on the disk is checked first.
 */
#ifndef STORAGE_FAT_VOLUME_H
#define STORAGE_FAT_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

#include "storage/kv/medium.h"

/* Bits in an entry of a table. */
enum fat_type {
	FAT_12 = 12,
	FAT_16 = 16,
	FAT_32 = 32,
};

enum {
	FAT_FIRST_CLUSTER = 2,
	FAT12_CLUSTERS_MAX = 4084,
	FAT16_CLUSTERS_MAX = 65524,
	FAT32_CLUSTERS_MAX = 0x0ffffff5,
	FAT_SECTOR_SIZE_MAX = 4096,
};

struct fat_volume {
	struct medium medium;
	enum fat_type type;
	uint32_t sector_size;
	uint32_t cluster_size; /* bytes */
	uint32_t cluster_count;
	uint32_t table_count;
	uint64_t table_offset; /* bytes, of the first table */
	uint64_t table_size;   /* of each */
	uint64_t root_offset;  /* of the fixed root directory; FAT32: 0 */
	uint32_t root_slots;
	uint32_t root_cluster; /* FAT32 */
	uint64_t info_offset;  /* FAT32: of the sector with the free count; 0: none */
	uint64_t data_offset;  /* of cluster 2 */

	/* One sector of the first table, and whether the tables on the disk differ from it. */
	uint8_t *window;
	uint64_t window_sector;
	bool window_held;
	bool window_dirty;

	uint32_t next_free;  /* where to look first */
	int64_t free_change; /* clusters freed less those taken, since the count was written */

	/* Where a chain was followed to last, so that reading on need not begin anew. */
	uint32_t chain_first;
	uint32_t chain_index;
	uint32_t chain_cluster;

	const char *problem; /* why it cannot be opened */
};

/*
 * Open a volume.
 *
 * -EBADMSG  it is none, or damaged: `problem` says how
 * -ENXIO, -ENOMEM, and what the device says
 */
must_check int fat_volume_open(struct fat_volume *volume, const struct block *block);

/* Free what it holds. What was changed must have been flushed. */
void fat_volume_close(struct fat_volume *volume);

/* Where a cluster's bytes are. */
uint64_t fat_cluster_offset(const struct fat_volume *volume, uint32_t cluster);

/* What to make. Zero in any field means its default. */
struct fat_format {
	enum fat_type type;           /* default: the smallest that does */
	uint32_t sectors_per_cluster; /* default 4, or what the type needs for so large a device */
	uint32_t root_slots;          /* default 512 */
	uint32_t table_count;         /* default 1 */
	bool without_label;           /* FAT12, FAT16: no extended record, as before DOS 4 */
	const char *maker;            /* 8 bytes; default "ocamlfat", as MirageOS's always said */
};

/*
 * Make an empty volume of the whole device. -EINVAL: such a volume cannot be, or not of this size;
 * else what the device says.
 */
must_check int fat_format(const struct block *block, const struct fat_format *format);

#endif
