/* SPDX-License-Identifier: ISC */
/*
 * For tests of block devices: a RAM disk to stand on, patterns, and a generator of random numbers
 * that gives the same ones each time.
 */
#ifndef TEST_UNIT_ON_RAMDISK_H
#define TEST_UNIT_ON_RAMDISK_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/block.h>
#include <mirage/ramdisk.h>

struct test_disk {
	struct ramdisk_state state;
	struct ramdisk ramdisk;
	struct block block;
};

static inline void test_disk_init(struct test_disk *disk, uint64_t size, uint32_t sector_size)
{
	disk->ramdisk = (struct ramdisk){
		.state = &disk->state,
		.size = size,
		.sector_size = sector_size,
	};
	disk->block = (struct block){ .ops = &ramdisk_ops, .self = &disk->ramdisk };
	assert_int_equal(ramdisk_connect(&disk->ramdisk), 0);
}

static inline void test_disk_fini(struct test_disk *disk)
{
	ramdisk_disconnect(&disk->ramdisk);
}

static inline uint32_t test_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

/* Bytes that tell where they belong and which of several writes they are of. */
static inline void test_pattern(uint8_t *bytes, size_t length, uint64_t sector, uint32_t version)
{
	uint64_t state = sector * 1000003 + version;

	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)test_random(&state);
}

#endif
