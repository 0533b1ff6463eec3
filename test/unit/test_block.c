// SPDX-License-Identifier: ISC
#include "test/unit/on_ramdisk.h"

#include <mirage/block_driver.h>

/* A driver that remembers what it was given. */
struct recorder {
	struct block_info info;
	size_t calls;
	size_t requests;
	size_t counts[8];
	uint64_t sectors[8];
	int result;
};

static struct recorder record;

static const struct block_info *recorder_info(const void *self)
{
	(void)self;
	return &record.info;
}

static void recorder_submit(const void *self, struct block_request *requests, size_t count,
                            nanoseconds deadline)
{
	(void)self;
	assert_int_equal(deadline, NEVER);
	assert_true(count > 0);
	record.counts[record.calls++] = count;
	for (size_t i = 0; i < count; i++) {
		record.sectors[record.requests++] = requests[i].sector;
		requests[i].result = record.result;
	}
}

static const struct block_ops recorder_ops = { .info = recorder_info, .submit = recorder_submit };
static const struct block recorder = { .ops = &recorder_ops, .self = &record };

static uint8_t bytes[8192];

static int reset(void **state)
{
	(void)state;
	record = (struct recorder){
		.info = { .sector_size = 512,
		          .sector_count = 100,
		          .depth = 1,
		          .read_write = true,
		          .can_discard = true },
	};
	return 0;
}

static void requests_within_the_device_reach_the_driver(void **state)
{
	(void)state;
	assert_int_equal(block_read(&recorder, 0, bytes, 512, NEVER), 0);
	assert_int_equal(block_write(&recorder, 99, bytes, 512, NEVER), 0);
	assert_int_equal(block_read(&recorder, 84, bytes, 8192, NEVER), 0);
	assert_int_equal(block_flush(&recorder, NEVER), 0);
	assert_int_equal(block_discard(&recorder, 0, 100, NEVER), 0);
	assert_int_equal(record.requests, 5);
}

static void ranges_past_the_end_do_not(void **state)
{
	(void)state;
	assert_int_equal(block_read(&recorder, 100, bytes, 512, NEVER), -ERANGE);
	assert_int_equal(block_write(&recorder, 100, bytes, 512, NEVER), -ERANGE);
	assert_int_equal(block_read(&recorder, 99, bytes, 1024, NEVER), -ERANGE);
	assert_int_equal(block_write(&recorder, UINT64_MAX, bytes, 1024, NEVER), -ERANGE);
	assert_int_equal(block_discard(&recorder, 1, UINT64_MAX, NEVER), -ERANGE);
	assert_int_equal(block_discard(&recorder, 50, 51, NEVER), -ERANGE);
	assert_int_equal(record.calls, 0);
}

static void parts_of_sectors_do_not(void **state)
{
	const struct slice split[] = { slice_of(bytes, 256), slice_of(bytes + 256, 256) };

	(void)state;
	assert_int_equal(block_read(&recorder, 0, bytes, 511, NEVER), -EINVAL);
	assert_int_equal(block_write(&recorder, 0, bytes, 513, NEVER), -EINVAL);
	assert_int_equal(block_read_slices(&recorder, 0, split, 2, NEVER), -EINVAL);
	assert_int_equal(record.calls, 0);
}

static void lengths_that_overflow_together_are_refused(void **state)
{
	const size_t huge = SIZE_MAX & ~(size_t)511;
	const struct slice slices[] = { slice_of(bytes, huge), slice_of(bytes, huge) };

	(void)state;
	assert_int_equal(block_read_slices(&recorder, 0, slices, 2, NEVER), -EINVAL);
	assert_int_equal(record.calls, 0);
}

static void writes_to_a_read_only_device_do_not(void **state)
{
	(void)state;
	record.info.read_write = false;
	assert_int_equal(block_write(&recorder, 0, bytes, 512, NEVER), -EROFS);
	assert_int_equal(block_discard(&recorder, 0, 1, NEVER), -EROFS);
	assert_int_equal(block_write(&recorder, 100, bytes, 512, NEVER), -ERANGE);
	assert_int_equal(record.calls, 0);
	assert_int_equal(block_read(&recorder, 0, bytes, 512, NEVER), 0);
	assert_int_equal(block_flush(&recorder, NEVER), 0);
	assert_int_equal(record.calls, 2);
}

static void discards_that_the_device_cannot_do_say_so(void **state)
{
	(void)state;
	record.info.can_discard = false;
	assert_int_equal(block_discard(&recorder, 0, 1, NEVER), -EOPNOTSUPP);
	assert_int_equal(record.calls, 0);
}

static void a_device_that_is_not_connected_does_nothing(void **state)
{
	(void)state;
	record.info = (struct block_info){ .sector_size = 0 };
	assert_int_equal(block_read(&recorder, 0, bytes, 512, NEVER), -ENXIO);
	assert_int_equal(block_flush(&recorder, NEVER), -ENXIO);
	assert_int_equal(record.calls, 0);
}

static void requests_of_nothing_succeed_without_the_driver(void **state)
{
	(void)state;
	assert_int_equal(block_read(&recorder, 0, NULL, 0, NEVER), 0);
	assert_int_equal(block_write_slices(&recorder, 100, NULL, 0, NEVER), 0);
	assert_int_equal(block_discard(&recorder, 3, 0, NEVER), 0);
	assert_int_equal(block_submit(&recorder, NULL, 0, NEVER), 0);
	assert_int_equal(block_read(&recorder, 101, NULL, 0, NEVER), -ERANGE);
	assert_int_equal(record.calls, 0);
}

static void an_unknown_operation_is_refused(void **state)
{
	struct block_request request = { .operation = (enum block_operation)17 };

	(void)state;
	assert_int_equal(block_submit(&recorder, &request, 1, NEVER), -EINVAL);
	assert_int_equal(record.calls, 0);
}

static void a_wrong_request_does_not_keep_the_others_of_its_batch(void **state)
{
	const struct slice one = slice_of(bytes, 512);
	struct block_request requests[] = {
		{ .operation = BLOCK_READ, .sector = 1, .slices = &one, .slice_count = 1 },
		{ .operation = BLOCK_READ, .sector = 2, .slices = &one, .slice_count = 1 },
		{ .operation = BLOCK_READ, .sector = 200, .slices = &one, .slice_count = 1 },
		{ .operation = BLOCK_READ, .sector = 3 },
		{ .operation = BLOCK_WRITE, .sector = 4, .slices = &one, .slice_count = 1 },
	};

	(void)state;
	assert_int_equal(block_submit(&recorder, requests, 5, NEVER), -ERANGE);
	assert_int_equal(record.calls, 2);
	assert_int_equal(record.counts[0], 2);
	assert_int_equal(record.counts[1], 1);
	assert_int_equal(record.sectors[2], 4);
	assert_int_equal(requests[0].result, 0);
	assert_int_equal(requests[2].result, -ERANGE);
	assert_int_equal(requests[4].result, 0);
}

static void a_good_batch_is_one_call_of_the_driver(void **state)
{
	const struct slice one = slice_of(bytes, 512);
	struct block_request requests[6];

	(void)state;
	for (size_t i = 0; i < 6; i++)
		requests[i] = (struct block_request){
			.operation = BLOCK_READ, .sector = i, .slices = &one, .slice_count = 1
		};
	record.result = -EIO;
	assert_int_equal(block_submit(&recorder, requests, 6, NEVER), -EIO);
	assert_int_equal(record.calls, 1);
	assert_int_equal(record.counts[0], 6);
}

static void sectors_are_counted_for_the_driver(void **state)
{
	const struct slice slices[] = { slice_of(bytes, 512), slice_of(NULL, 0),
		                        slice_of(bytes, 1024) };
	struct block_request request = { .operation = BLOCK_WRITE,
		                         .slices = slices,
		                         .slice_count = 3 };

	(void)state;
	assert_int_equal(block_submit(&recorder, &request, 1, NEVER), 0);
	assert_int_equal(request.sector_count, 3);
}

static void copies_meet_slices_at_any_offset(void **state)
{
	uint8_t whole[100], parts[100], copy[100];
	uint64_t random = 1;

	(void)state;
	test_pattern(whole, sizeof(whole), 0, 0);
	for (int round = 0; round < 1000; round++) {
		size_t cut = test_random(&random) % 101, end = test_random(&random) % 101;
		size_t offset = test_random(&random) % 101;
		size_t length = test_random(&random) % (101 - offset);
		if (cut > end) {
			size_t other = cut;
			cut = end;
			end = other;
		}
		const struct slice slices[] = { slice_of(parts, cut),
			                        slice_of(parts + cut, end - cut),
			                        slice_of(parts + end, 100 - end) };
		struct block_request request = { .slices = slices, .slice_count = 3 };

		memset(parts, 0, sizeof(parts));
		block_copy_to_slices(&request, 0, whole, sizeof(whole));
		assert_memory_equal(parts, whole, sizeof(whole));
		memset(copy, 0, sizeof(copy));
		block_copy_from_slices(&request, offset, copy, length);
		assert_memory_equal(copy, whole + offset, length);
		memset(parts, 0, sizeof(parts));
		block_copy_to_slices(&request, offset, whole, length);
		assert_memory_equal(parts + offset, whole, length);
		for (size_t i = 0; i < 100; i++)
			if (i < offset || i >= offset + length)
				assert_int_equal(parts[i], 0);
	}
}

#define EACH(test) cmocka_unit_test_setup(test, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(requests_within_the_device_reach_the_driver),
		EACH(ranges_past_the_end_do_not),
		EACH(parts_of_sectors_do_not),
		EACH(lengths_that_overflow_together_are_refused),
		EACH(writes_to_a_read_only_device_do_not),
		EACH(discards_that_the_device_cannot_do_say_so),
		EACH(a_device_that_is_not_connected_does_nothing),
		EACH(requests_of_nothing_succeed_without_the_driver),
		EACH(an_unknown_operation_is_refused),
		EACH(a_wrong_request_does_not_keep_the_others_of_its_batch),
		EACH(a_good_batch_is_one_call_of_the_driver),
		EACH(sectors_are_counted_for_the_driver),
		EACH(copies_meet_slices_at_any_offset),
	};

	return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
