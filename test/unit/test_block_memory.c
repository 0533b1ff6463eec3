// SPDX-License-Identifier: ISC
/*
 * Memory that runs out, in every layer: the Nth allocation fails, N rising until none does. What
 * succeeded is kept, what failed said -ENOMEM, and afterwards all works.
 *
 * Linked with --wrap=malloc and --wrap=calloc (test.mk).
 */
#include "test/unit/block_stack.h"

#include <stdlib.h>

enum {
	SECTORS = 20,
	SIZE = 4096,
};

static unsigned int allocations, fails_at; /* 0: never */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_malloc(size_t size)
{
	return ++allocations == fails_at ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return ++allocations == fails_at ? NULL : __real_calloc(count, size);
}

static uint8_t bytes[SECTORS * SIZE], expected[SIZE];
static uint32_t versions[SECTORS]; /* what is known to be there */

static bool short_of_memory(int result)
{
	assert_true(result == 0 || result == -ENOMEM);
	return result != 0;
}

static void check(uint64_t sector)
{
	if (short_of_memory(block_read(&on_cache, sector, bytes, SIZE, NEVER)))
		return;
	test_pattern(expected, SIZE, sector, versions[sector]);
	if (versions[sector] == 0)
		memset(expected, 0, SIZE);
	assert_memory_equal(bytes, expected, SIZE);
}

/* A write that had no memory did nothing: no layer had begun it. */
static void write_one(uint64_t sector, uint32_t version)
{
	test_pattern(bytes, SIZE, sector, version);
	if (!short_of_memory(block_write(&on_cache, sector, bytes, SIZE, NEVER)))
		versions[sector] = version;
}

static void use(void)
{
	for (uint32_t version = 1; version <= 3; version++) {
		for (uint64_t sector = 0; sector < SECTORS; sector += version)
			write_one(sector, version);
		for (uint64_t sector = 0; sector < SECTORS; sector++)
			check(sector);
		error_ignore(short_of_memory(block_flush(&on_cache, NEVER)), "checked there");
		error_ignore(short_of_memory(block_read(&on_cache, 0, bytes, sizeof(bytes), NEVER)),
		             "checked there");
	}
}

static int connect_layers(void)
{
	int result = block_partition_connect(&partition);

	if (result != 0)
		return result;
	result = block_checksum_connect(&checksum);
	if (result == 0)
		result = block_cache_connect(&cache);
	return result;
}

static void disconnect_layers(void)
{
	block_cache_disconnect(&cache);
	block_checksum_disconnect(&checksum);
	block_partition_disconnect(&partition);
}

static void begin_medium(void)
{
	static const uint8_t entry[16] = { 0, 0, 0, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 0xff, 0, 0, 0 };

	memset(medium.state.bytes, 0, medium.ramdisk.size);
	memset(versions, 0, sizeof(versions));
	memcpy(medium.state.bytes + 446, entry, sizeof(entry));
	medium.state.bytes[510] = 0x55;
	medium.state.bytes[511] = 0xaa;
}

static void memory_that_runs_out_is_an_error_and_nothing_worse(void **state)
{
	const struct block_faulty_plan plan = { .unflushed = BLOCK_FAULTY_LOSE };
	unsigned int tries = 0;

	(void)state;
	test_disk_init(&medium, 512 * 512, 512);
	assert_int_equal(block_faulty_connect(&faulty), 0);
	for (bool failed = true; failed; tries++) {
		begin_medium();
		block_faulty_start(&faulty, &plan);
		allocations = 0;
		fails_at = tries + 1;
		if (!short_of_memory(connect_layers()))
			use();
		failed = allocations >= fails_at;
		fails_at = 0;
		disconnect_layers();
		assert_int_equal(connect_layers(), 0);
		for (uint64_t sector = 0; sector < SECTORS; sector++)
			check(sector);
		disconnect_layers();
		assert_int_equal(block_flush(&on_faulty, NEVER), 0);
	}
	assert_true(tries > 50);
	block_faulty_disconnect(&faulty);
	test_disk_fini(&medium);
}

static void a_ramdisk_without_memory_is_not_connected(void **state)
{
	struct ramdisk_state ramdisk_state;
	const struct ramdisk ramdisk = { .state = &ramdisk_state, .size = 4096 };
	const struct block block = { .ops = &ramdisk_ops, .self = &ramdisk };

	(void)state;
	allocations = 0;
	fails_at = 1;
	assert_int_equal(ramdisk_connect(&ramdisk), -ENOMEM);
	fails_at = 0;
	assert_int_equal(block_read(&block, 0, bytes, 512, NEVER), -ENXIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_that_runs_out_is_an_error_and_nothing_worse),
		cmocka_unit_test(a_ramdisk_without_memory_is_not_connected),
	};

	return cmocka_run_group_tests_name("block_memory", tests, NULL, NULL);
}
