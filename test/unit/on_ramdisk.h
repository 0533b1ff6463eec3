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
#include <mirage/random.h>

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

/* The device type `random`, with the same numbers in each run of a test. */
static inline int test_random_fill(const void *self, void *bytes, size_t length)
{
	static uint64_t state;

	(void)self;
	for (size_t i = 0; i < length; i++)
		((uint8_t *)bytes)[i] = (uint8_t)test_random(&state);
	return 0;
}

static const struct random_ops test_random_ops
	__attribute__((unused)) = { .fill = test_random_fill };

/* Bytes that tell where they belong and which of several writes they are of. */
static inline void test_pattern(uint8_t *bytes, size_t length, uint64_t sector, uint32_t version)
{
	uint64_t state = sector * 1000003 + version;

	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)test_random(&state);
}

/*
 * Random requests: what is read is what was last written. Both buffers have room for all of the disk;
 * `model` holds it in the end.
 */
static inline void test_agrees_with_array(const struct block *disk, uint8_t *model, uint8_t *bytes,
                                          uint32_t rounds)
{
	uint64_t random = 29, sectors = block_info(disk)->sector_count;
	size_t size = block_info(disk)->sector_size;

	memset(model, 0, sectors * size);
	assert_int_equal(block_write(disk, 0, model, sectors * size, NEVER), 0);
	for (uint32_t round = 0; round < rounds; round++) {
		uint64_t sector = test_random(&random) % sectors;
		size_t count = 1 + test_random(&random) % (sectors - sector);
		size_t cut = test_random(&random) % (count + 1);
		const struct slice slices[] = { slice_of(bytes, cut * size),
			                        slice_of(bytes + cut * size,
			                                 (count - cut) * size) };

		if (round % 2 == 0) {
			test_pattern(bytes, count * size, sector, round);
			memcpy(model + sector * size, bytes, count * size);
			assert_int_equal(block_write_slices(disk, sector, slices, 2, NEVER), 0);
		} else {
			assert_int_equal(block_read_slices(disk, sector, slices, 2, NEVER), 0);
		}
		assert_memory_equal(bytes, model + sector * size, count * size);
	}
}

#endif
