/* SPDX-License-Identifier: ISC */
/*
 * For tests of FAT: a store on a volume of each type, on a RAM disk.
 */
#ifndef TEST_UNIT_FAT_DISK_H
#define TEST_UNIT_FAT_DISK_H

#include "test/unit/kv_checks.h"
#include "test/unit/store_disk.h"

#include <mirage/fat_kv.h>

#include "storage/fat/volume.h"

struct fat_disk {
	struct kv_rw kv; /* first: the tests' state */
	struct store_disk on;
	struct fat_rw_state state;
	struct fat_rw fat;
	struct fat_format format; /* as which it was made */
};

static inline int fat_disk_open(void **state, uint64_t size, uint32_t sector_size,
                                const struct fat_format *format)
{
	struct fat_disk *disk = calloc(1, sizeof(*disk));

	if (disk == NULL)
		return -1;
	disk->fat = (struct fat_rw){ .state = &disk->state,
		                     .block = &disk->on.block,
		                     .clock = &disk->on.clock };
	disk->kv = (struct kv_rw){ .ops = &fat_rw_ops, .self = &disk->fat };
	disk->format = *format;
	*state = disk;
	if (store_disk_init(&disk->on, size, sector_size) != 0)
		return -1;
	assert_int_equal(fat_format(&disk->on.block, format), 0);
	return fat_rw_connect(&disk->fat);
}

static inline int fat_disk_open_fat12(void **state)
{
	return fat_disk_open(state, 400 << 10, 512, &(struct fat_format){ .table_count = 2 });
}

static inline int fat_disk_open_fat16(void **state)
{
	return fat_disk_open(state, 5000 << 10, 4096,
	                     &(struct fat_format){ .type = FAT_16, .sectors_per_cluster = 2 });
}

static inline int fat_disk_open_fat32(void **state)
{
	return fat_disk_open(state, 34 << 20, 512,
	                     &(struct fat_format){ .type = FAT_32, .sectors_per_cluster = 1 });
}

static inline int fat_disk_close(void **state)
{
	struct fat_disk *disk = *state;

	fat_rw_disconnect(&disk->fat);
	store_disk_fini(&disk->on);
	free(disk);
	return 0;
}

#endif
