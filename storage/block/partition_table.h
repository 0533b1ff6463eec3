/* SPDX-License-Identifier: ISC */
/*
 * Partition tables, private to storage/block: one scheme per file.
 */
#ifndef STORAGE_BLOCK_PARTITION_TABLE_H
#define STORAGE_BLOCK_PARTITION_TABLE_H

#include <mirage/block_partition.h>

/* What goes through a table: the disk, one sector of it, and whom to tell. */
struct partition_walk {
	const struct block *disk;
	const struct block_info *info;
	uint8_t *sector; /* what walk_read() read last */
	int (*visit)(void *context, const struct partition *partition);
	void *context;
};

/* Read a sector of the disk. -EBADMSG if it has no such sector. */
must_check int partition_walk_read(const struct partition_walk *walk, uint64_t sector);

/* Walk the table. `walk->sector` is the disk's first one, with the signature of an MBR. */
must_check int partition_mbr_walk(const struct partition_walk *walk);

/* Walk the table. -EBADMSG if neither copy is whole. */
must_check int partition_gpt_walk(const struct partition_walk *walk);

/* True if the first sector's table says that there is a GPT. */
bool partition_mbr_is_protective(const uint8_t *sector);

/* True if the sector looks like an MBR's, rather than like the first one of a file system. */
bool partition_mbr_is_one(const uint8_t *sector);

static inline uint16_t get_le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *bytes)
{
	return get_le16(bytes) | (uint32_t)get_le16(bytes + 2) << 16;
}

static inline uint64_t get_le64(const uint8_t *bytes)
{
	return get_le32(bytes) | (uint64_t)get_le32(bytes + 4) << 32;
}

#endif
