/* SPDX-License-Identifier: ISC */
/* The header before a frame: what is written is read back, and nothing wrong is believed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/net.h>

#include "net/virtio_header.h"

static struct frame_pool *pool;

static int setup(void **state)
{
	(void)state;
	return frame_pool_new(&pool, 256, 4);
}

static int teardown(void **state)
{
	(void)state;
	frame_pool_free(pool);
	return 0;
}

static struct frame *new_frame(size_t length)
{
	struct frame *frame;

	assert_int_equal(frame_new(&frame, pool, 32), 0);
	memset(frame_append(frame, length), 0, length);
	return frame;
}

static struct frame *super_frame(void)
{
	struct frame *frame = new_frame(200);

	assert_int_equal(frame_set_checksum_partial(frame, 34, 16), 0);
	assert_int_equal(frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, 1448, 66), 0);
	return frame;
}

static void the_bytes_are_those_of_the_specification(void **state)
{
	static const uint8_t expected[10] = { 1, 0x81, 66, 0, 0xa8, 0x05, 34, 0, 16, 0 };
	struct virtio_net_frame_header header;
	struct frame *frame = super_frame();

	(void)state;
	frame_set_congestion(frame, true);
	virtio_header_write(&header, frame);
	assert_memory_equal(&header, expected, 10);
	frame_release(frame);

	frame = new_frame(60);
	virtio_header_write(&header, frame);
	assert_memory_equal(&header, "\0\0\0\0\0\0\0\0\0\0", 10);
	frame_release(frame);
}

static void every_kind_is_read_back(void **state)
{
	(void)state;
	for (int kind = FRAME_SEGMENTATION_NONE; kind <= FRAME_SEGMENTATION_UDP; kind++) {
		struct virtio_net_frame_header header;
		struct frame *sent = new_frame(200), *received = new_frame(200);

		assert_int_equal(frame_set_checksum_partial(sent, 34, 6), 0);
		if (kind != FRAME_SEGMENTATION_NONE)
			assert_int_equal(frame_set_segmentation(sent, (enum frame_segmentation)kind,
			                                        1000, 42),
			                 0);
		virtio_header_write(&header, sent);
		assert_int_equal(virtio_header_read(&header, received, NET_OFFLOAD_ALL), 0);
		assert_int_equal(frame_segmentation(received), kind);
		assert_int_equal(frame_checksum(received), FRAME_CHECKSUM_PARTIAL);
		assert_int_equal(frame_checksum_start(received), 34);
		assert_int_equal(frame_checksum_offset(received), 6);
		if (kind != FRAME_SEGMENTATION_NONE) {
			assert_int_equal(frame_segment_size(received), 1000);
			assert_int_equal(frame_payload(received), 42);
		}
		frame_release(sent);
		frame_release(received);
	}
}

static void verified_data_counts_only_if_checksums_were_accepted(void **state)
{
	struct virtio_net_frame_header header = { .flags = VIRTIO_NET_FLAG_DATA_VALID };
	struct frame *frame = new_frame(60);

	(void)state;
	assert_int_equal(virtio_header_read(&header, frame, 0), 0);
	assert_int_equal(frame_checksum(frame), FRAME_CHECKSUM_NONE);
	assert_int_equal(virtio_header_read(&header, frame, NET_OFFLOAD_CHECKSUM), 0);
	assert_int_equal(frame_checksum(frame), FRAME_CHECKSUM_VERIFIED);
	frame_release(frame);
}

/* What a header says, the offloads that were accepted, and what to make of it, for 100 bytes. */
struct hostile {
	uint8_t bytes[10];
	uint32_t offloads;
	int result;
};

static void nothing_wrong_is_believed(void **state)
{
	const uint32_t all = NET_OFFLOAD_ALL, sum = NET_OFFLOAD_CHECKSUM;
	const struct hostile cases[] = {
		/* flags, kind, header length, segment size, checksum start, checksum offset */
		{ { 1, 0, 0, 0, 0, 0, 34, 0, 16, 0 }, sum, 0 },
		{ { 1, 0, 0, 0, 0, 0, 34, 0, 16, 0 }, 0, -EINVAL },   /* was not accepted */
		{ { 1, 0, 0, 0, 0, 0, 34, 0, 64, 0 }, sum, 0 },       /* the last two bytes */
		{ { 1, 0, 0, 0, 0, 0, 34, 0, 65, 0 }, sum, -EINVAL }, /* one beyond */
		{ { 1, 0, 0, 0, 0, 0, 101, 0, 0, 0 }, sum, -EINVAL },
		{ { 1, 0, 0, 0, 0, 0, 255, 255, 255, 255 }, sum, -EINVAL },
		{ { 1, 0, 0, 0, 0, 0, 1, 0, 255, 255 }, sum, -EINVAL },
		{ { 1, 1, 54, 0, 100, 0, 34, 0, 16, 0 }, all, 0 },
		{ { 1, 1, 54, 0, 100, 0, 34, 0, 16, 0 }, sum, -EINVAL }, /* was not accepted */
		{ { 1, 4, 54, 0, 100, 0, 34, 0, 16, 0 }, sum | NET_OFFLOAD_TCP4, -EINVAL },
		{ { 1, 1, 54, 0, 0, 0, 34, 0, 16, 0 }, all, -EINVAL },     /* segments of nothing */
		{ { 0, 1, 54, 0, 100, 0, 0, 0, 0, 0 }, all, -EINVAL },     /* without checksum */
		{ { 1, 2, 54, 0, 100, 0, 34, 0, 16, 0 }, all, -EINVAL },   /* no such kind */
		{ { 1, 3, 54, 0, 100, 0, 34, 0, 16, 0 }, all, -EINVAL },   /* IP fragments */
		{ { 1, 0x85, 54, 0, 100, 0, 34, 0, 6, 0 }, all, -EINVAL }, /* CWR in UDP */
		{ { 1, 0x80, 54, 0, 100, 0, 34, 0, 6, 0 }, all, -EINVAL },
		{ { 1, 255, 54, 0, 100, 0, 34, 0, 16, 0 }, all, -EINVAL },
		{ { 1, 1, 255, 255, 100, 0, 34, 0, 16, 0 }, all, 0 }, /* a hint that is wrong */
		{ { 1, 1, 0, 0, 255, 255, 34, 0, 16, 0 }, all, 0 },
		{ { 0xfc, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, all, 0 }, /* flags of the future */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct virtio_net_frame_header header;
		struct frame *frame = new_frame(100);

		memcpy(&header, cases[i].bytes, sizeof(header));
		int result = virtio_header_read(&header, frame, cases[i].offloads);

		if (result != cases[i].result)
			fail_msg("case %zu gives %d", i, result);
		frame_check(frame);
		frame_release(frame);
	}
}

static void a_wrong_hint_gives_the_end_of_the_checksum_field(void **state)
{
	static const uint8_t hints[][2] = { { 0, 0 }, { 51, 0 }, { 101, 0 }, { 255, 255 } };

	(void)state;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		struct virtio_net_frame_header header = {
			.flags = 1,
			.segmentation = 1,
			.header_length = { hints[i][0], hints[i][1] },
			.segment_size = { 100 },
			.checksum_start = { 34 },
			.checksum_offset = { 16 },
		};
		struct frame *frame = new_frame(100);

		assert_int_equal(virtio_header_read(&header, frame, NET_OFFLOAD_ALL), 0);
		assert_int_equal(frame_payload(frame), 52);
		frame_release(frame);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_POOL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		WITH_POOL(the_bytes_are_those_of_the_specification),
		WITH_POOL(every_kind_is_read_back),
		WITH_POOL(verified_data_counts_only_if_checksums_were_accepted),
		WITH_POOL(nothing_wrong_is_believed),
		WITH_POOL(a_wrong_hint_gives_the_end_of_the_checksum_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
