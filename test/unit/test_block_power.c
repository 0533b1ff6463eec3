// SPDX-License-Identifier: ISC
/*
 * Block devices whose power goes: whatever the order in which the device below has done what was not
 * flushed, a sector is what it was at the last flush, or what was written to it since. Said of
 * block_faulty alone, and of the layers upon it.
 */
#include "test/unit/block_stack.h"

#include <stdlib.h>

#include <mirage/block_ccm.h>

enum {
	SECTORS = 24, /* of the device under test */
	STEPS = 60,
	HISTORY = 16, /* versions of a sector since the last flush */
	SECTOR_SIZE_MAX = 4096,
};

static const struct argument_value key = { .present = true,
	                                   .text = "404142434445464748494a4b4c4d4e4f" };
static const struct random numbers = { .ops = &test_random_ops };
static struct block_ccm_state ccm_state;
static const struct block_ccm ccm = {
	.state = &ccm_state, .below = &on_faulty, .random = &numbers, .key = &key
};
static const struct block on_ccm = { .ops = &block_ccm_ops, .self = &ccm };

/* What a sector may be: versions, of which the first is the flushed one. */
struct history {
	uint32_t versions[HISTORY];
	size_t count;
};

static struct history histories[SECTORS];
static const struct block *disk;
static size_t torn; /* sectors that were found damaged */

static void connect_layers(void)
{
	if (disk == &on_ccm)
		assert_int_equal(block_ccm_connect(&ccm), 0);
	if (disk != &on_cache)
		return;
	assert_int_equal(block_partition_connect(&partition), 0);
	assert_int_equal(block_checksum_connect(&checksum), 0);
	assert_int_equal(block_cache_connect(&cache), 0);
}

static void disconnect_layers(void)
{
	if (disk == &on_ccm)
		block_ccm_disconnect(&ccm);
	if (disk != &on_cache)
		return;
	block_cache_disconnect(&cache);
	block_checksum_disconnect(&checksum);
	block_partition_disconnect(&partition);
}

static void make_pattern(uint8_t *bytes, uint64_t sector, uint32_t version)
{
	size_t size = block_info(disk)->sector_size;

	if (version == 0)
		memset(bytes, 0, size);
	else
		test_pattern(bytes, size, sector, version);
}

/* A table with one partition, behind everybody's back. */
static void make_medium(void)
{
	static const uint8_t entry[16] = { 0, 0, 0, 0, 0x83, 0, 0, 0, 1, 0, 0, 0, 0xff, 0, 0, 0 };

	memset(medium.state.bytes, 0, medium.ramdisk.size);
	memcpy(medium.state.bytes + 446, entry, sizeof(entry));
	medium.state.bytes[510] = 0x55;
	medium.state.bytes[511] = 0xaa;
	if (disk != &on_cache)
		memset(medium.state.bytes, 0, medium.ramdisk.size);
	for (size_t i = 0; i < SECTORS; i++)
		histories[i] = (struct history){ .count = 1 };
}

static void write_some(uint64_t *random, uint32_t version)
{
	static uint8_t bytes[4 * SECTOR_SIZE_MAX];
	uint64_t sector = test_random(random) % SECTORS;
	size_t size = block_info(disk)->sector_size, count = 1 + test_random(random) % 4;

	if (size == 0)
		return;
	if (count > SECTORS - sector)
		count = SECTORS - sector;
	for (size_t i = 0; i < count; i++) {
		struct history *history = &histories[sector + i];

		make_pattern(bytes + i * size, sector + i, version);
		assert_true(history->count < HISTORY);
		history->versions[history->count++] = version;
	}
	error_ignore(block_write(disk, sector, bytes, count * size, NEVER), "the power may be off");
}

static void flush(void)
{
	if (block_flush(disk, NEVER) != 0)
		return;
	for (size_t i = 0; i < SECTORS; i++) {
		struct history *history = &histories[i];

		history->versions[0] = history->versions[history->count - 1];
		history->count = 1;
	}
}

/* What has no sectors before they are written. */
static void format(void)
{
	static const uint8_t zeros[SECTORS * 512];

	if (disk == &on_ccm)
		assert_int_equal(block_write(disk, 0, zeros, sizeof(zeros), NEVER), 0);
}

/* True if the power went. */
static bool work(uint64_t seed)
{
	uint64_t random = seed;

	for (uint32_t step = 1; step <= STEPS && !faulty_state.cut; step++)
		if (step % 6 == 0)
			flush();
		else
			write_some(&random, step);
	return faulty_state.cut;
}

static void check_sector(uint64_t sector)
{
	static uint8_t bytes[SECTOR_SIZE_MAX], expected[SECTOR_SIZE_MAX];
	const struct history *history = &histories[sector];
	size_t size = block_info(disk)->sector_size;
	int result = block_read(disk, sector, bytes, size, NEVER);

	if (result == -EBADMSG && disk != &on_faulty && history->count > 1) {
		torn++;
		return;
	}
	assert_int_equal(result, 0);
	for (size_t i = 0; i < history->count; i++) {
		make_pattern(expected, sector, history->versions[i]);
		if (memcmp(bytes, expected, size) == 0)
			return;
	}
	fail_msg("sector %u is none of its %u versions", (unsigned int)sector,
	         (unsigned int)history->count);
}

static void sweep(enum block_faulty_unflushed unflushed, enum block_faulty_tear tear)
{
	bool cut = true;

	for (uint64_t at = 1; cut; at++) {
		block_faulty_start(&faulty, NULL);
		make_medium();
		connect_layers();
		format();
		block_faulty_start(&faulty, &(struct block_faulty_plan){ .cut_at = at,
		                                                         .unflushed = unflushed,
		                                                         .tear = tear,
		                                                         .seed = at });
		cut = work(at);
		disconnect_layers();
		block_faulty_start(&faulty, NULL);
		connect_layers();
		for (uint64_t i = 0; i < SECTORS; i++)
			check_sector(i);
		disconnect_layers();
		assert_int_equal(block_flush(&on_faulty, NEVER), 0); /* for the next round */
		assert_true(at < 1000);
	}
}

static void sweep_all(enum block_faulty_tear last)
{
	test_disk_init(&medium, 512 * 512, 512);
	assert_int_equal(block_faulty_connect(&faulty), 0);
	for (int tear = BLOCK_FAULTY_TEAR_NOTHING; tear <= (int)last; tear++) {
		sweep(BLOCK_FAULTY_KEEP, (enum block_faulty_tear)tear);
		sweep(BLOCK_FAULTY_LOSE, (enum block_faulty_tear)tear);
		sweep(BLOCK_FAULTY_SHUFFLE, (enum block_faulty_tear)tear);
	}
	block_faulty_disconnect(&faulty);
	test_disk_fini(&medium);
}

static void a_sector_is_what_was_flushed_or_written_since(void **state)
{
	(void)state;
	disk = &on_faulty;
	sweep_all(BLOCK_FAULTY_TEAR_SECTORS); /* BYTES is for those who know better */
}

static void with_checksums_it_may_also_be_known_to_be_damaged(void **state)
{
	(void)state;
	disk = &on_cache;
	torn = 0;
	sweep_all(BLOCK_FAULTY_TEAR_BYTES);
	assert_true(torn > 10);
}

static void so_it_may_with_authentication(void **state)
{
	(void)state;
	disk = &on_ccm;
	torn = 0;
	sweep_all(BLOCK_FAULTY_TEAR_BYTES);
	assert_true(torn > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sector_is_what_was_flushed_or_written_since),
		cmocka_unit_test(with_checksums_it_may_also_be_known_to_be_damaged),
		cmocka_unit_test(so_it_may_with_authentication),
	};

	return cmocka_run_group_tests_name("block_power", tests, NULL, NULL);
}
