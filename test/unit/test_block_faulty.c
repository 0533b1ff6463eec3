// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <mirage/block_faulty.h>

enum {
	SECTORS = 16,
	SIZE = 512,
};

static struct test_disk medium;
static struct block_faulty_state faulty_state;
static const struct block_faulty faulty = { .state = &faulty_state, .below = &medium.block };
static const struct block disk = { .ops = &block_faulty_ops, .self = &faulty };
static uint8_t old[SECTORS * SIZE], new[SECTORS * SIZE], bytes[SECTORS * SIZE];

/* All sectors are old on the medium. */
static int begin(void **state)
{
	(void)state;
	test_disk_init(&medium, SECTORS * SIZE, SIZE);
	for (uint64_t i = 0; i < SECTORS; i++) {
		test_pattern(old + i * SIZE, SIZE, i, 1);
		test_pattern(new + i *SIZE, SIZE, i, 2);
	}
	memcpy(medium.state.bytes, old, sizeof(old));
	return block_faulty_connect(&faulty);
}

static int end(void **state)
{
	(void)state;
	block_faulty_disconnect(&faulty);
	test_disk_fini(&medium);
	return 0;
}

static void start(struct block_faulty_plan plan)
{
	block_faulty_start(&faulty, &plan);
}

static int write_new(uint64_t sector, uint64_t count)
{
	return block_write(&disk, sector, new + sector *SIZE, count * SIZE, NEVER);
}

static bool medium_is(uint64_t sector, const uint8_t *what)
{
	return memcmp(medium.state.bytes + sector * SIZE, what + sector * SIZE, SIZE) == 0;
}

static void assert_medium(uint64_t sector, uint64_t count, const uint8_t *what)
{
	for (uint64_t i = sector; i < sector + count; i++)
		assert_true(medium_is(i, what));
}

static void without_a_plan_it_is_the_device_below(void **state)
{
	(void)state;
	assert_int_equal(write_new(2, 3), 0);
	assert_medium(2, 3, new);
	assert_int_equal(block_read(&disk, 0, bytes, sizeof(bytes), NEVER), 0);
	assert_memory_equal(bytes, medium.state.bytes, sizeof(bytes));
	assert_int_equal(block_read(&disk, SECTORS, bytes, SIZE, NEVER), -ERANGE);
}

static void unflushed_writes_are_read_but_not_on_the_medium(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .unflushed = BLOCK_FAULTY_LOSE });
	assert_int_equal(write_new(4, 2), 0);
	assert_medium(0, SECTORS, old);
	assert_int_equal(block_read(&disk, 3, bytes, 4 * SIZE, NEVER), 0);
	assert_memory_equal(bytes, old + 3 * SIZE, SIZE);
	assert_memory_equal(bytes + SIZE, new + 4 * SIZE, 2 * SIZE);
	assert_memory_equal(bytes + 3 * SIZE, old + 6 * SIZE, SIZE);
	assert_int_equal(block_flush(&disk, NEVER), 0);
	assert_medium(4, 2, new);
}

static void the_latest_of_several_unflushed_writes_is_read(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .unflushed = BLOCK_FAULTY_LOSE });
	assert_int_equal(write_new(4, 2), 0);
	assert_int_equal(block_write(&disk, 5, old, SIZE, NEVER), 0);
	assert_int_equal(block_read(&disk, 5, bytes, SIZE, NEVER), 0);
	assert_memory_equal(bytes, old, SIZE);
	assert_int_equal(block_flush(&disk, NEVER), 0);
	assert_memory_equal(medium.state.bytes + 5 * SIZE, old, SIZE);
}

static void a_cut_loses_what_was_not_flushed(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .unflushed = BLOCK_FAULTY_LOSE, .cut_at = 4 });
	assert_int_equal(write_new(0, 2), 0);
	assert_int_equal(block_flush(&disk, NEVER), 0);
	assert_int_equal(write_new(2, 2), 0);
	assert_int_equal(write_new(4, 2), -ENXIO);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -ENXIO);
	assert_int_equal(block_flush(&disk, NEVER), -ENXIO);
	assert_int_equal(block_info(&disk)->sector_size, 0);
	start((struct block_faulty_plan){ .seed = 0 });
	assert_medium(0, 2, new);
	assert_medium(2, SECTORS - 2, old);
	assert_int_equal(block_read(&disk, 2, bytes, SIZE, NEVER), 0);
	assert_memory_equal(bytes, old + 2 * SIZE, SIZE);
}

static void a_cut_in_a_flush_may_leave_any_of_it(void **state)
{
	bool seen[2][2] = { { false } }; /* was the earlier there, and the later? */

	(void)state;
	for (uint64_t seed = 0; seed < 64; seed++) {
		memcpy(medium.state.bytes, old, sizeof(old));
		start((struct block_faulty_plan){
			.unflushed = BLOCK_FAULTY_SHUFFLE, .cut_at = 3, .seed = seed });
		assert_int_equal(write_new(1, 1), 0);
		assert_int_equal(write_new(9, 1), 0);
		assert_int_equal(block_flush(&disk, NEVER), -ENXIO);
		for (uint64_t i = 0; i < SECTORS; i++)
			assert_true(medium_is(i, old) || ((i == 1 || i == 9) && medium_is(i, new)));
		seen[medium_is(1, new)][medium_is(9, new)] = true;
	}
	assert_true(seen[0][0] && seen[0][1] && seen[1][0] && seen[1][1]);
}

static void torn_prefixes_are_whole_sectors_in_order(void **state)
{
	bool seen[5] = { false };

	(void)state;
	for (uint64_t seed = 0; seed < 64; seed++) {
		uint64_t length = 0;

		memcpy(medium.state.bytes, old, sizeof(old));
		start((struct block_faulty_plan){
			.tear = BLOCK_FAULTY_TEAR_PREFIX, .cut_at = 1, .seed = seed });
		assert_int_equal(write_new(3, 4), -ENXIO);
		while (length < 4 && medium_is(3 + length, new))
			length++;
		assert_medium(3, length, new);
		assert_medium(3 + length, SECTORS - 3 - length, old);
		assert_medium(0, 3, old);
		seen[length] = true;
	}
	for (size_t i = 0; i < 5; i++)
		assert_true(seen[i]);
}

static void torn_bytes_leave_a_sector_between_old_and_new(void **state)
{
	size_t mixed = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 64; seed++) {
		memcpy(medium.state.bytes, old, sizeof(old));
		start((struct block_faulty_plan){
			.tear = BLOCK_FAULTY_TEAR_BYTES, .cut_at = 1, .seed = seed });
		assert_int_equal(write_new(3, 4), -ENXIO);
		size_t at = 3 * SIZE;
		while (at < 7 * SIZE && medium.state.bytes[at] == new[at])
			at++;
		mixed += at % SIZE != 0;
		/* From the first byte that is not new on, all are old. */
		assert_memory_equal(medium.state.bytes + at, old + at, sizeof(old) - at);
	}
	assert_true(mixed > 16);
}

static void torn_sectors_come_in_any_order(void **state)
{
	bool later_alone = false;

	(void)state;
	for (uint64_t seed = 0; seed < 64; seed++) {
		memcpy(medium.state.bytes, old, sizeof(old));
		start((struct block_faulty_plan){
			.tear = BLOCK_FAULTY_TEAR_SECTORS, .cut_at = 1, .seed = seed });
		assert_int_equal(write_new(3, 4), -ENXIO);
		later_alone = later_alone || (medium_is(3, old) && medium_is(6, new));
	}
	assert_true(later_alone);
}

static void a_seed_repeats_itself(void **state)
{
	static uint8_t first[SECTORS * SIZE];

	(void)state;
	for (int round = 0; round < 2; round++) {
		memcpy(medium.state.bytes, old, sizeof(old));
		start((struct block_faulty_plan){ .unflushed = BLOCK_FAULTY_SHUFFLE,
		                                  .tear = BLOCK_FAULTY_TEAR_BYTES,
		                                  .cut_at = 3,
		                                  .seed = 99 });
		assert_int_equal(write_new(0, 8), 0);
		assert_int_equal(block_discard(&disk, 10, 4, NEVER), 0);
		assert_int_equal(write_new(8, 8), -ENXIO);
		if (round == 0)
			memcpy(first, medium.state.bytes, sizeof(first));
	}
	assert_memory_equal(first, medium.state.bytes, sizeof(first));
}

static void the_nth_operation_fails_and_no_other(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .fail_at = 3 });
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), 0);
	assert_int_equal(write_new(0, 1), 0);
	assert_int_equal(write_new(1, 1), -EIO);
	assert_int_equal(write_new(2, 1), 0);
	assert_int_equal(faulty_state.counts.failed, 1);
	assert_int_equal(faulty_state.counts.operations, 4);
	assert_medium(1, 1, old);
	start((struct block_faulty_plan){
		.fail_at = 1, .fail_count = UINT64_MAX, .fail_error = -ENOSPC });
	for (int i = 0; i < 10; i++)
		assert_int_equal(write_new(1, 1), -ENOSPC);
	start((struct block_faulty_plan){ .fail_at = 2, .fail_count = 2 });
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), 0);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -EIO);
	assert_int_equal(block_flush(&disk, NEVER), -EIO);
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), 0);
}

static void bad_sectors_fail_and_no_others(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .bad_sector = 4, .bad_count = 2 });
	for (uint64_t i = 0; i < SECTORS; i++) {
		int expected = i == 4 || i == 5 ? -EIO : 0;

		assert_int_equal(write_new(i, 1), expected);
		assert_int_equal(block_read(&disk, i, bytes, SIZE, NEVER), expected);
	}
	assert_int_equal(write_new(2, 3), -EIO);
	assert_int_equal(write_new(5, 1), -EIO);
	assert_int_equal(write_new(0, SECTORS), -EIO);
	assert_int_equal(write_new(6, 4), 0);
	assert_medium(4, 2, old);
	assert_medium(6, 4, new);
	assert_int_equal(faulty_state.counts.failed, 7);
}

static void frozen_sectors_can_be_read(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .bad_sector = 15,
	                                  .bad_count = 1,
	                                  .bad = BLOCK_FAULTY_BAD_FROZEN,
	                                  .fail_error = -ENOSPC });
	assert_int_equal(write_new(14, 2), -ENOSPC);
	assert_int_equal(block_read(&disk, 15, bytes, SIZE, NEVER), 0);
	assert_memory_equal(bytes, old + 15 * SIZE, SIZE);
}

static void lying_sectors_keep_what_they_had(void **state)
{
	(void)state;
	start((struct block_faulty_plan){
		.bad_sector = 0, .bad_count = 1, .bad = BLOCK_FAULTY_BAD_LIES });
	assert_int_equal(write_new(0, 1), 0);
	assert_int_equal(write_new(1, 1), 0);
	assert_int_equal(block_read(&disk, 0, bytes, 2 * SIZE, NEVER), 0);
	assert_memory_equal(bytes, old, SIZE);
	assert_memory_equal(bytes + SIZE, new + SIZE, SIZE);
	assert_int_equal(faulty_state.counts.lost, 1);
}

static void a_failed_flush_loses_what_was_not_flushed(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .unflushed = BLOCK_FAULTY_LOSE, .fail_at = 2 });
	assert_int_equal(write_new(0, 1), 0);
	assert_int_equal(block_flush(&disk, NEVER), -EIO);
	assert_int_equal(block_flush(&disk, NEVER), 0);
	assert_medium(0, 1, old);
}

static void discarded_sectors_are_rubbish(void **state)
{
	(void)state;
	assert_true(block_info(&disk)->can_discard);
	assert_int_equal(block_discard(&disk, 4, 2, NEVER), 0);
	assert_medium(0, 4, old);
	assert_medium(6, SECTORS - 6, old);
	assert_false(medium_is(4, old));
	assert_int_equal(block_read(&disk, 4, bytes, SIZE, NEVER), 0);
	assert_memory_not_equal(bytes, old + 4 * SIZE, SIZE);
}

static void reads_are_flipped_at_the_rate_of_the_plan(void **state)
{
	size_t wrong = 0;

	(void)state;
	start((struct block_faulty_plan){ .flip_one_in = 4 });
	for (int i = 0; i < 400; i++) {
		unsigned int bits = 0;

		assert_int_equal(block_read(&disk, 2, bytes, 2 * SIZE, NEVER), 0);
		for (size_t j = 0; j < 2 * SIZE; j++)
			bits += (unsigned int)__builtin_popcount(bytes[j] ^ old[2 * SIZE + j]);
		assert_true(bits <= 1);
		wrong += bits;
	}
	assert_int_equal(wrong, faulty_state.counts.flipped);
	assert_in_range(wrong, 50, 150);
	assert_medium(0, SECTORS, old);
}

static void writes_are_lost_at_the_rate_of_the_plan(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .lose_one_in = 2 });
	for (uint64_t i = 0; i < SECTORS; i++) {
		uint64_t lost = faulty_state.counts.lost;

		assert_int_equal(write_new(i, 1), 0);
		assert_true(medium_is(i, faulty_state.counts.lost > lost ? old : new));
	}
	assert_in_range(faulty_state.counts.lost, 1, SECTORS - 1);
}

static void a_bit_can_be_flipped_behind_everybodys_back(void **state)
{
	(void)state;
	assert_int_equal(block_faulty_flip(&faulty, 7, 8 * 100 + 3), 0);
	assert_int_equal(medium.state.bytes[7 * SIZE + 100], old[7 * SIZE + 100] ^ 8);
	assert_int_equal(block_faulty_flip(&faulty, SECTORS, 0), -ERANGE);
	assert_int_equal(block_faulty_flip(&faulty, 0, 8 * SIZE), -ERANGE);
}

static void disconnecting_in_order_loses_nothing(void **state)
{
	(void)state;
	start((struct block_faulty_plan){ .unflushed = BLOCK_FAULTY_LOSE });
	assert_int_equal(write_new(0, 3), 0);
	block_faulty_disconnect(&faulty);
	assert_medium(0, 3, new);
	assert_int_equal(write_new(0, 1), -ENXIO);
}

static void a_device_on_nothing_cannot_be_connected(void **state)
{
	(void)state;
	ramdisk_disconnect(&medium.ramdisk);
	assert_int_equal(block_faulty_connect(&faulty), -ENXIO);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(without_a_plan_it_is_the_device_below),
		EACH(unflushed_writes_are_read_but_not_on_the_medium),
		EACH(the_latest_of_several_unflushed_writes_is_read),
		EACH(a_cut_loses_what_was_not_flushed),
		EACH(a_cut_in_a_flush_may_leave_any_of_it),
		EACH(torn_prefixes_are_whole_sectors_in_order),
		EACH(torn_bytes_leave_a_sector_between_old_and_new),
		EACH(torn_sectors_come_in_any_order),
		EACH(a_seed_repeats_itself),
		EACH(the_nth_operation_fails_and_no_other),
		EACH(bad_sectors_fail_and_no_others),
		EACH(frozen_sectors_can_be_read),
		EACH(lying_sectors_keep_what_they_had),
		EACH(a_failed_flush_loses_what_was_not_flushed),
		EACH(discarded_sectors_are_rubbish),
		EACH(reads_are_flipped_at_the_rate_of_the_plan),
		EACH(writes_are_lost_at_the_rate_of_the_plan),
		EACH(a_bit_can_be_flipped_behind_everybodys_back),
		EACH(disconnecting_in_order_loses_nothing),
		EACH(a_device_on_nothing_cannot_be_connected),
	};

	return cmocka_run_group_tests_name("block_faulty", tests, NULL, NULL);
}
