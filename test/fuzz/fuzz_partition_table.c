// SPDX-License-Identifier: ISC
/*
 * Partition tables: the input is the beginning of a disk. Whatever is visited lies on the disk, and
 * all ends in bounded time. An input whose last byte is odd has the checksums of its GPT set right,
 * so that what they cover is reached too.
 */
#include <stdlib.h>
#include <string.h>

#include <mirage/block_partition.h>
#include <mirage/ramdisk.h>

#include "storage/block/crc32.h"

enum {
	SECTOR = 512,
	DISK_SIZE = 24 * 1024,
	VISITS_MAX = PARTITION_NUMBER_MAX + 4,
};

struct visits {
	const struct block_info *info;
	unsigned int count;
};

static int check(void *context, const struct partition *partition)
{
	struct visits *visits = context;

	if (++visits->count > VISITS_MAX || partition->sector_count == 0 ||
	    partition->sector == 0 || partition->sector >= visits->info->sector_count ||
	    partition->sector_count > visits->info->sector_count - partition->sector ||
	    strlen(partition->name) > PARTITION_NAME_MAX || partition->number == 0 ||
	    partition->number > PARTITION_NUMBER_MAX)
		abort();
	return 0;
}

static uint64_t get(const uint8_t *bytes, int count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 8 | bytes[count];
	return value;
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static void seal(uint8_t *disk)
{
	uint8_t *header = disk + SECTOR;
	uint64_t array = get(header + 72, 8), size = get(header + 80, 4) * get(header + 84, 4);
	uint64_t header_size = get(header + 12, 4);

	if (array < DISK_SIZE / SECTOR && size <= DISK_SIZE - array * SECTOR)
		put_u32(header + 88, crc32_update(0, disk + array * SECTOR, size));
	put_u32(header + 16, 0);
	if (header_size <= SECTOR)
		put_u32(header + 16, crc32_update(0, header, header_size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ramdisk_state state;
	const struct ramdisk ramdisk = { .state = &state, .size = DISK_SIZE };
	const struct block disk = { .ops = &ramdisk_ops, .self = &ramdisk };
	struct visits visits = { .info = &state.info };
	struct partition partition;

	if (size == 0 || size > DISK_SIZE || ramdisk_connect(&ramdisk) != 0)
		return 0;
	memcpy(state.bytes, data, size);
	if (data[size - 1] % 2 == 1)
		seal(state.bytes);
	error_ignore(partition_each(&disk, check, &visits), "most are damaged");
	for (unsigned int number = 1; number < 8; number += 2) {
		visits.count = 0;
		if (partition_find(&disk, number, &partition) == 0)
			check(&visits, &partition);
	}
	ramdisk_disconnect(&ramdisk);
	return 0;
}
