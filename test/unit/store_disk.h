/* SPDX-License-Identifier: ISC */
/*
 * For tests of stores: what they stand on, a RAM disk and a clock that is set.
 */
#ifndef TEST_UNIT_STORE_DISK_H
#define TEST_UNIT_STORE_DISK_H

#include <string.h>

#include <mirage/mock_clock.h>
#include <mirage/ramdisk.h>
#include <mirage/wall_clock.h>

struct store_disk {
	struct ramdisk_state ram_state;
	struct ramdisk ram;
	struct block block;
	struct mock_clock_state now;
	struct mock_clock mock;
	struct wall_clock clock;
};

/* A disk of zeros; it is not to be moved. `sector_size` 0: 512. Returns 0 or an error. */
static inline must_check int store_disk_init(struct store_disk *disk, uint64_t size,
                                             uint32_t sector_size)
{
	memset(disk, 0, sizeof(*disk));
	disk->ram = (struct ramdisk){ .state = &disk->ram_state,
		                      .size = size,
		                      .sector_size = sector_size };
	disk->block = (struct block){ .ops = &ramdisk_ops, .self = &disk->ram };
	disk->mock.state = &disk->now;
	disk->clock = (struct wall_clock){ .ops = &mock_wall_clock_ops, .self = &disk->mock };
	int error = mock_clock_connect(&disk->mock);

	return error != 0 ? error : ramdisk_connect(&disk->ram);
}

static inline void store_disk_fini(struct store_disk *disk)
{
	ramdisk_disconnect(&disk->ram);
}

#endif
