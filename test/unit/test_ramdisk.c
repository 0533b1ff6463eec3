// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <stdlib.h>

static void a_new_ramdisk_is_zero(void **state)
{
	struct test_disk disk;
	uint8_t bytes[512], zero[512] = { 0 };

	(void)state;
	test_disk_init(&disk, 4096, 0);
	assert_int_equal(block_info(&disk.block)->sector_count, 8);
	assert_int_equal(block_info(&disk.block)->sector_size, 512);
	assert_true(block_info(&disk.block)->read_write);
	for (uint64_t i = 0; i < 8; i++) {
		assert_int_equal(block_read(&disk.block, i, bytes, sizeof(bytes), NEVER), 0);
		assert_memory_equal(bytes, zero, sizeof(bytes));
	}
	test_disk_fini(&disk);
}

/* Random operations on the device and on an array agree. */
static void a_ramdisk_is_an_array(void **state)
{
	enum {
		SECTORS = 64
	};
	struct test_disk disk;
	uint8_t *model = calloc(SECTORS, 1024), *bytes = malloc(SECTORS * 1024);
	uint64_t random = 7;

	(void)state;
	assert_non_null(model);
	assert_non_null(bytes);
	test_disk_init(&disk, SECTORS * 1024, 1024);
	for (uint32_t round = 0; round < 5000; round++) {
		uint64_t sector = test_random(&random) % SECTORS;
		size_t count = test_random(&random) % (SECTORS - sector + 1);
		size_t cut = count == 0 ? 0 : test_random(&random) % (count + 1);
		const struct slice slices[] = { slice_of(bytes, cut * 1024),
			                        slice_of(bytes + cut * 1024,
			                                 (count - cut) * 1024) };

		switch (test_random(&random) % 4) {
		case 0:
			assert_int_equal(block_read_slices(&disk.block, sector, slices, 2, NEVER),
			                 0);
			assert_memory_equal(bytes, model + sector * 1024, count * 1024);
			break;
		case 1:
			assert_int_equal(block_discard(&disk.block, sector, count, NEVER), 0);
			memset(model + sector * 1024, 0, count * 1024);
			break;
		case 2:
			assert_int_equal(block_flush(&disk.block, NEVER), 0);
			break;
		default:
			test_pattern(bytes, count * 1024, sector, round);
			assert_int_equal(block_write_slices(&disk.block, sector, slices, 2, NEVER),
			                 0);
			memcpy(model + sector * 1024, bytes, count * 1024);
		}
	}
	assert_memory_equal(disk.state.bytes, model, SECTORS * 1024);
	test_disk_fini(&disk);
	free(model);
	free(bytes);
}

static void impossible_ramdisks_are_refused(void **state)
{
	struct ramdisk_state ramdisk_state;
	struct ramdisk ramdisk = { .state = &ramdisk_state, .size = 1000 };
	struct block block = { .ops = &ramdisk_ops, .self = &ramdisk };
	uint8_t bytes[512];

	(void)state;
	assert_int_equal(ramdisk_connect(&ramdisk), -EINVAL);
	assert_int_equal(block_read(&block, 0, bytes, sizeof(bytes), NEVER), -ENXIO);
	ramdisk.size = 1024;
	ramdisk.sector_size = 768;
	assert_int_equal(ramdisk_connect(&ramdisk), -EINVAL);
	ramdisk.sector_size = 256;
	assert_int_equal(ramdisk_connect(&ramdisk), -EINVAL);
	ramdisk.sector_size = 512;
	ramdisk.size = UINT64_MAX & ~UINT64_C(511);
	assert_int_equal(ramdisk_connect(&ramdisk), -ENOMEM);
}

static void an_empty_ramdisk_has_no_sector(void **state)
{
	struct test_disk disk;
	uint8_t bytes[512];

	(void)state;
	test_disk_init(&disk, 0, 512);
	assert_int_equal(block_read(&disk.block, 0, bytes, sizeof(bytes), NEVER), -ERANGE);
	test_disk_fini(&disk);
}

static void a_read_only_ramdisk_is_not_written(void **state)
{
	struct ramdisk_state ramdisk_state;
	const struct ramdisk ramdisk = { .state = &ramdisk_state, .size = 1024, .read_only = true };
	const struct block block = { .ops = &ramdisk_ops, .self = &ramdisk };
	uint8_t bytes[512] = { 1 };

	(void)state;
	assert_int_equal(ramdisk_connect(&ramdisk), 0);
	assert_int_equal(block_write(&block, 0, bytes, sizeof(bytes), NEVER), -EROFS);
	assert_int_equal(ramdisk_state.bytes[0], 0);
	ramdisk_disconnect(&ramdisk);
}

static void a_disconnected_ramdisk_says_so(void **state)
{
	struct test_disk disk;
	uint8_t bytes[512];

	(void)state;
	test_disk_init(&disk, 1024, 512);
	ramdisk_disconnect(&disk.ramdisk);
	assert_int_equal(block_read(&disk.block, 0, bytes, sizeof(bytes), NEVER), -ENXIO);
	ramdisk_disconnect(&disk.ramdisk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_ramdisk_is_zero),
		cmocka_unit_test(a_ramdisk_is_an_array),
		cmocka_unit_test(impossible_ramdisks_are_refused),
		cmocka_unit_test(an_empty_ramdisk_has_no_sector),
		cmocka_unit_test(a_read_only_ramdisk_is_not_written),
		cmocka_unit_test(a_disconnected_ramdisk_says_so),
	};

	return cmocka_run_group_tests_name("ramdisk", tests, NULL, NULL);
}
