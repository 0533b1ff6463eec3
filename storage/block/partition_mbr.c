// SPDX-License-Identifier: ISC
/*
 * The table in the first sector of a disk, which IBM's PC brought in 1983, and the chain of tables
 * that its extended partition begins: each has a logical partition, counted from the table itself,
 * and the next table, counted from the beginning of the extended partition.
 */
#include <errno.h>
#include <string.h>

#include "storage/block/partition_table.h"

enum {
	TABLE_OFFSET = 446, /* in the sector */
	ENTRY_SIZE = 16,
	ENTRY_COUNT = 4,
	SIGNATURE_OFFSET = 510,
	SIGNATURE = 0xaa55,
	STATUS_BOOTABLE = 0x80,
	TYPE_NONE = 0x00,
	TYPE_EXTENDED = 0x05,
	TYPE_EXTENDED_LBA = 0x0f,
	TYPE_EXTENDED_LINUX = 0x85,
	TYPE_PROTECTIVE = 0xee,
	LOGICAL_NUMBER_FIRST = 5,
};

struct entry {
	uint8_t status;
	uint8_t type;
	uint32_t sector;
	uint32_t sector_count;
};

static struct entry entry_get(const uint8_t *sector, size_t index)
{
	const uint8_t *bytes = sector + TABLE_OFFSET + index * ENTRY_SIZE;

	return (struct entry){
		.status = bytes[0],
		.type = bytes[4],
		.sector = get_le32(bytes + 8),
		.sector_count = get_le32(bytes + 12),
	};
}

static bool is_extended(const struct entry *entry)
{
	return entry->type == TYPE_EXTENDED || entry->type == TYPE_EXTENDED_LBA ||
	       entry->type == TYPE_EXTENDED_LINUX;
}

bool partition_mbr_is_one(const uint8_t *sector)
{
	if (get_le16(sector + SIGNATURE_OFFSET) != SIGNATURE)
		return false;
	for (unsigned int i = 0; i < ENTRY_COUNT; i++) {
		struct entry entry = entry_get(sector, i);

		if ((entry.status & ~STATUS_BOOTABLE) != 0)
			return false;
	}
	return true;
}

bool partition_mbr_is_protective(const uint8_t *sector)
{
	for (unsigned int i = 0; i < ENTRY_COUNT; i++)
		if (entry_get(sector, i).type == TYPE_PROTECTIVE)
			return true;
	return false;
}

/* `base` is what the entry counts from, and the last sector that is no partition's. */
static int visit(const struct partition_walk *walk, unsigned int number, uint64_t base,
                 const struct entry *entry)
{
	struct partition partition = {
		.scheme = PARTITION_MBR,
		.number = number,
		.sector = base + entry->sector,
		.sector_count = entry->sector_count,
		.mbr_type = entry->type,
	};

	if (entry->sector == 0 || entry->sector_count == 0 ||
	    partition.sector > walk->info->sector_count ||
	    partition.sector_count > walk->info->sector_count - partition.sector)
		return -EBADMSG;
	return walk->visit(walk->context, &partition);
}

/* The next table of the chain, or 0 if `walk->sector` is the last. -EBADMSG. */
static int chain_next(const struct partition_walk *walk, const struct entry *extended,
                      uint64_t *table)
{
	struct entry link = entry_get(walk->sector, 1);

	if (link.type == TYPE_NONE || link.sector_count == 0) {
		*table = 0;
		return 0;
	}
	/* Forwards only: a chain of hostile links comes to an end. */
	uint64_t next = (uint64_t)extended->sector + link.sector;
	if (!is_extended(&link) || link.sector >= extended->sector_count || next <= *table)
		return -EBADMSG;
	*table = next;
	return 0;
}

static int walk_logical(const struct partition_walk *walk, const struct entry *extended)
{
	unsigned int number = LOGICAL_NUMBER_FIRST;
	uint64_t table = extended->sector;

	while (table != 0 && number <= PARTITION_NUMBER_MAX) {
		int result = partition_walk_read(walk, table);

		if (result == 0 && get_le16(walk->sector + SIGNATURE_OFFSET) != SIGNATURE)
			result = -EBADMSG;
		if (result != 0)
			return result;
		struct entry logical = entry_get(walk->sector, 0);
		uint64_t here = table;
		result = chain_next(walk, extended, &table);
		/* An extended partition without logical ones has one empty table. */
		if (result == 0 && logical.type != TYPE_NONE)
			result = visit(walk, number++, here, &logical);
		if (result != 0)
			return result;
	}
	return 0;
}

int partition_mbr_walk(const struct partition_walk *walk)
{
	struct entry extended = { .type = TYPE_NONE };
	uint8_t first[512];

	memcpy(first, walk->sector, sizeof(first));
	for (unsigned int i = 0; i < ENTRY_COUNT; i++) {
		struct entry entry = entry_get(first, i);

		if (is_extended(&entry)) {
			if (extended.type != TYPE_NONE)
				return -EBADMSG;
			extended = entry;
		} else if (entry.type != TYPE_NONE) {
			int result = visit(walk, i + 1, 0, &entry);

			if (result != 0)
				return result;
		}
	}
	return extended.type == TYPE_NONE ? 0 : walk_logical(walk, &extended);
}
