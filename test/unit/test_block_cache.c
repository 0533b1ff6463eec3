// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <stdlib.h>

#include <mirage/block_cache.h>
#include <mirage/block_driver.h>
#include <mirage/block_faulty.h>
#include <mirage/fiber.h>

#include "test/unit/on_virtual.h"

enum {
	SIZE = 512,
	SECTORS = 1024 - 3, /* the last line is short */
	LINE = 8,           /* sectors */
	FIBERS = 7,
};

static struct test_disk medium;
static struct block_faulty_state faulty_state;
static const struct block_faulty faulty = { .state = &faulty_state, .below = &medium.block };
static const struct block below = { .ops = &block_faulty_ops, .self = &faulty };

/* A device on which requests take turns of the run loop, and are done in two halves. */
struct slow {
	uint64_t random;
	size_t requests;
};

static struct slow slow_state;

static const struct block_info *slow_info(const void *self)
{
	(void)self;
	return block_info(&below);
}

static void dawdle(void)
{
	for (uint32_t i = test_random(&slow_state.random) % 4; i > 0; i--)
		assert_int_equal(fiber_yield(), 0);
}

static void slow_submit(const void *self, struct block_request *requests, size_t count,
                        nanoseconds deadline)
{
	(void)self;
	for (size_t i = 0; i < count; i++) {
		dawdle();
		error_ignore(block_submit(&below, &requests[i], 1, deadline), "in the request");
		slow_state.requests++;
		dawdle();
	}
}

static const struct block_ops slow_ops = { .info = slow_info, .submit = slow_submit };
static const struct block slow = { .ops = &slow_ops, .self = &slow_state };

static struct block_cache_state state;
static const struct block_cache cache = { .state = &state, .below = &slow, .size = 16 * 4096 };
static const struct block disk = { .ops = &block_cache_ops, .self = &cache };

static uint8_t model[SECTORS * SIZE], bytes[SECTORS * SIZE];

static int begin(void **unused)
{
	(void)unused;
	test_disk_init(&medium, SECTORS * SIZE, SIZE);
	test_pattern(medium.state.bytes, SECTORS * SIZE, 0, 0);
	memcpy(model, medium.state.bytes, sizeof(model));
	slow_state = (struct slow){ .random = 11 };
	return block_faulty_connect(&faulty) | block_cache_connect(&cache);
}

static int end(void **unused)
{
	(void)unused;
	block_cache_disconnect(&cache);
	block_faulty_disconnect(&faulty);
	test_disk_fini(&medium);
	return 0;
}

static void assert_reads(uint64_t sector, size_t count)
{
	memset(bytes, 0xee, count * SIZE);
	assert_int_equal(block_read(&disk, sector, bytes, count * SIZE, NEVER), 0);
	assert_memory_equal(bytes, model + sector * SIZE, count * SIZE);
}

static int reads_twice(void *argument)
{
	(void)argument;
	assert_reads(3, 1);
	assert_int_equal(slow_state.requests, 1);
	for (uint64_t i = 0; i < LINE; i++) /* the line was read whole */
		assert_reads(i, 1);
	assert_int_equal(slow_state.requests, 1);
	assert_int_equal(state.counts.hits, LINE);
	assert_int_equal(state.counts.misses, 1);
	assert_reads(SECTORS - 1, 1);
	assert_reads(SECTORS - 5, 5);
	assert_int_equal(slow_state.requests, 2);
	return 0;
}

static void what_was_read_is_not_read_again(void **unused)
{
	(void)unused;
	on_virtual(reads_twice, NULL);
}

static int reads_a_lot(void *argument)
{
	(void)argument;
	for (uint64_t line = 0; line < 64; line++) {
		assert_reads(line * LINE, 1);
		assert_reads(0, 1); /* always used, never forgotten */
	}
	assert_int_equal(state.counts.misses, 64);
	assert_reads(63 * LINE, 1);
	assert_int_equal(state.counts.misses, 64);
	assert_reads(LINE, 1);
	assert_int_equal(state.counts.misses, 65);
	return 0;
}

static void the_line_used_longest_ago_is_forgotten(void **unused)
{
	(void)unused;
	on_virtual(reads_a_lot, NULL);
}

static int reads_long(void *argument)
{
	(void)argument;
	assert_reads(0, 1);
	assert_reads(0, 200);
	assert_int_equal(state.counts.passed, 1);
	assert_reads(0, 1);
	assert_int_equal(state.counts.misses, 1);
	return 0;
}

static void long_reads_do_not_empty_the_cache(void **unused)
{
	(void)unused;
	on_virtual(reads_long, NULL);
}

static void write_new(uint64_t sector, size_t count, uint32_t version)
{
	test_pattern(model + sector * SIZE, count * SIZE, sector, version);
	assert_int_equal(block_write(&disk, sector, model + sector * SIZE, count * SIZE, NEVER), 0);
}

static int writes(void *argument)
{
	(void)argument;
	assert_reads(0, 16);
	assert_int_equal(state.counts.misses, 2);
	write_new(5, 6, 1); /* over the edge of two lines */
	assert_memory_equal(medium.state.bytes, model, sizeof(model));
	assert_reads(0, 16);
	assert_int_equal(state.counts.misses, 2); /* kept, and changed */
	assert_int_equal(block_discard(&disk, 0, 8, NEVER), 0);
	memcpy(model, medium.state.bytes, sizeof(model));
	assert_reads(0, 16);
	assert_int_equal(state.counts.misses, 3);
	write_new(0, 1000, 2); /* more lines than there are */
	assert_reads(0, 16);
	assert_int_equal(block_flush(&disk, NEVER), 0);
	assert_int_equal(faulty_state.counts.flushes, 1);
	return 0;
}

static void writes_go_below_and_stay(void **unused)
{
	(void)unused;
	on_virtual(writes, NULL);
}

static int meets_errors(void *argument)
{
	(void)argument;
	block_faulty_start(&faulty, &(struct block_faulty_plan){ .fail_at = 1, .fail_count = 2 });
	assert_int_equal(block_read(&disk, 0, bytes, SIZE, NEVER), -EIO);
	assert_reads(0, 1); /* the error was not kept */
	block_faulty_start(&faulty, &(struct block_faulty_plan){
					    .fail_at = 1, .tear = BLOCK_FAULTY_TEAR_SECTORS });
	test_pattern(bytes, 4 * SIZE, 0, 9);
	assert_int_equal(block_write(&disk, 0, bytes, 4 * SIZE, NEVER), -EIO);
	memcpy(model, medium.state.bytes, sizeof(model));
	assert_reads(0, 4); /* what is there, not what was to be written */
	return 0;
}

static void errors_are_not_kept(void **unused)
{
	(void)unused;
	on_virtual(meets_errors, NULL);
}

static int submits_batches(void *argument)
{
	enum {
		COUNT = 100
	};
	static struct block_request requests[COUNT];
	static struct slice slices[COUNT];
	uint64_t random = 23;

	(void)argument;
	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < COUNT; i++) {
			size_t count = 1 + test_random(&random) % 10;

			slices[i] = slice_of(bytes + i * 10 * SIZE, count * SIZE);
			requests[i] = (struct block_request){
				.operation = BLOCK_READ,
				.sector = test_random(&random) % (SECTORS - 10),
				.slices = &slices[i],
				.slice_count = 1,
			};
		}
		assert_int_equal(block_submit(&disk, requests, COUNT, NEVER), 0);
		for (size_t i = 0; i < COUNT; i++)
			assert_memory_equal(slices[i].bytes, model + requests[i].sector * SIZE,
			                    slices[i].length);
		write_new(test_random(&random) % (SECTORS - 20), 1 + test_random(&random) % 20,
		          (uint32_t)round);
	}
	return 0;
}

static void batches_are_answered_request_by_request(void **unused)
{
	(void)unused;
	on_virtual(submits_batches, NULL);
}

/*
 * Many fibers. Sector n belongs to fiber n % FIBERS, which alone writes it: a number it counts up.
 * Whoever reads a sector finds one number throughout, no less than what its owner had when the read
 * began, and its owner finds its own.
 */
static uint64_t numbers[SECTORS];

static void fill_sector(uint8_t *sector, uint64_t number)
{
	for (size_t i = 0; i < SIZE; i += sizeof(number))
		memcpy(sector + i, &number, sizeof(number));
}

static uint64_t sector_number(const uint8_t *sector)
{
	uint64_t number;

	memcpy(&number, sector, sizeof(number));
	for (size_t i = 0; i < SIZE; i += sizeof(number))
		assert_memory_equal(sector, sector + i, sizeof(number));
	return number;
}

static void write_own(uint64_t fiber, uint64_t *random, uint8_t *mine)
{
	uint64_t sector = test_random(random) % (SECTORS / FIBERS) * FIBERS + fiber;

	fill_sector(mine, numbers[sector] + 1);
	if (test_random(random) % 8 == 0) {
		/* Two in a batch, the same sector. */
		const struct slice slice = slice_of(mine, SIZE);
		struct block_request requests[2] = {
			{ .operation = BLOCK_WRITE,
			  .sector = sector,
			  .slices = &slice,
			  .slice_count = 1 },
		};

		requests[1] = requests[0];
		assert_int_equal(block_submit(&disk, requests, 2, NEVER), 0);
	} else {
		assert_int_equal(block_write(&disk, sector, mine, SIZE, NEVER), 0);
	}
	numbers[sector]++;
	assert_int_equal(block_read(&disk, sector, mine, SIZE, NEVER), 0);
	assert_int_equal(sector_number(mine), numbers[sector]);
}

static void read_any(uint64_t *random, uint8_t *mine)
{
	size_t count = 1 + test_random(random) % 20;
	uint64_t sector = test_random(random) % (SECTORS - count), before[20];

	memcpy(before, numbers + sector, count * sizeof(*numbers));
	assert_int_equal(block_read(&disk, sector, mine, count * SIZE, NEVER), 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(sector_number(mine + i * SIZE) >= before[i]);
		assert_true(sector_number(mine + i * SIZE) <= numbers[sector + i] + 1);
	}
}

static int lives(void *argument)
{
	uint64_t fiber = (uintptr_t)argument, random = fiber + 100;
	uint8_t *mine = malloc(20 * SIZE);

	assert_non_null(mine);
	for (int i = 0; i < 600; i++)
		if (test_random(&random) % 3 == 0)
			write_own(fiber, &random, mine);
		else
			read_any(&random, mine);
	free(mine);
	return 0;
}

static int live_together(void *argument)
{
	struct scope scope;

	(void)argument;
	memset(numbers, 0, sizeof(numbers));
	memset(medium.state.bytes, 0, SECTORS * SIZE);
	scope_open(&scope);
	for (uintptr_t i = 0; i < FIBERS; i++)
		assert_int_equal(fiber_start(&scope, "fiber", lives, (void *)i), 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(scope_close(&scope), 0);
	for (uint64_t i = 0; i < SECTORS; i++) {
		assert_int_equal(sector_number(medium.state.bytes + i * SIZE), numbers[i]);
		assert_int_equal(block_read(&disk, i, bytes, SIZE, NEVER), 0);
		assert_int_equal(sector_number(bytes), numbers[i]);
	}
	assert_true(state.counts.hits > 100);
	return 0;
}

static void nobody_reads_what_another_has_overwritten(void **unused)
{
	(void)unused;
	on_virtual(live_together, NULL);
}

static void a_cache_needs_a_disk_and_some_memory(void **unused)
{
	struct block_cache_state other_state;
	struct block_cache other = { .state = &other_state, .below = &medium.block };
	const struct block block = { .ops = &block_cache_ops, .self = &other };

	(void)unused;
	other.size = 4096;
	assert_int_equal(block_cache_connect(&other), -EINVAL);
	other.size = UINT64_MAX;
	assert_int_equal(block_cache_connect(&other), -ENOMEM);
	other.size = 0;
	assert_int_equal(block_cache_connect(&other), 0);
	assert_int_equal(other_state.line_count, 256);
	block_cache_disconnect(&other);
	assert_int_equal(block_read(&block, 0, bytes, SIZE, NEVER), -ENXIO);
	ramdisk_disconnect(&medium.ramdisk);
	assert_int_equal(block_cache_connect(&other), -ENXIO);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(what_was_read_is_not_read_again),
		EACH(the_line_used_longest_ago_is_forgotten),
		EACH(long_reads_do_not_empty_the_cache),
		EACH(writes_go_below_and_stay),
		EACH(errors_are_not_kept),
		EACH(batches_are_answered_request_by_request),
		EACH(nobody_reads_what_another_has_overwritten),
		EACH(a_cache_needs_a_disk_and_some_memory),
	};

	return cmocka_run_group_tests_name("block_cache", tests, NULL, NULL);
}
