/* SPDX-License-Identifier: ISC */
/* Super-frames cut in software: every segment is right, and together they are what was cut. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/checksum.h>
#include <mirage/net.h>
#include <mirage/net_segment.h>

enum {
	PAYLOAD_MAX = 60000,
	SEQUENCE = 0x7ffffff0, /* so that it carries */
};

/* One way to build a super-frame. */
struct shape {
	enum frame_segmentation kind;
	bool tagged;
	size_t options;  /* bytes, in the TCP header */
	size_t linear;   /* bytes of payload in the linear part */
	size_t fragment; /* bytes of payload in each fragment */
	size_t total;    /* bytes of payload */
	size_t segment;  /* bytes of payload in a segment */
};

static uint8_t payload[PAYLOAD_MAX];
static struct frame_pool *pool;

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 31 + i / 251);
	return frame_pool_new(&pool, FRAME_STORAGE_SIZE, 200);
}

static int teardown(void **state)
{
	(void)state;
	frame_pool_free(pool); /* aborts if a segment was lost */
	return 0;
}

static void put16(uint8_t *bytes, size_t number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

static size_t get16(const uint8_t *bytes)
{
	return (size_t)(bytes[0] << 8 | bytes[1]);
}

static bool is_ipv6(const struct shape *shape)
{
	return shape->kind == FRAME_SEGMENTATION_TCP6;
}

static size_t network_of(const struct shape *shape)
{
	return NET_HEADER_LENGTH + (shape->tagged ? NET_TAG_LENGTH : 0);
}

static size_t transport_of(const struct shape *shape)
{
	return network_of(shape) + (is_ipv6(shape) ? 40 : 20);
}

static size_t headers_of(const struct shape *shape)
{
	return transport_of(shape) +
	       (shape->kind == FRAME_SEGMENTATION_UDP ? 8 : 20 + shape->options);
}

static uint32_t pseudo_header(const struct shape *shape, const uint8_t *network, size_t length)
{
	uint32_t sum = is_ipv6(shape) ? checksum_add(0, network + 8, 32)
	                              : checksum_add(0, network + 12, 8);

	sum = checksum_add_number(sum, shape->kind == FRAME_SEGMENTATION_UDP ? 17 : 6);
	return checksum_add_number(sum, (uint16_t)length);
}

static void put_network(const struct shape *shape, uint8_t *network, size_t length)
{
	for (size_t i = 0;
	     i < 40 && network + i < network + transport_of(shape) - network_of(shape); i++)
		network[i] = (uint8_t)(i * 3);
	if (is_ipv6(shape)) {
		network[0] = 0x60;
		put16(network + 4, length - 40);
		network[6] = 6;
		return;
	}
	network[0] = 0x45;
	put16(network + 2, length);
	put16(network + 4, 0xfffe); /* the identification carries */
	network[9] = shape->kind == FRAME_SEGMENTATION_UDP ? 17 : 6;
	put16(network + 10, 0);
	checksum_store(network + 10, checksum_finish(checksum_add(0, network, 20)));
}

static struct frame *build(const struct shape *shape)
{
	size_t headers = headers_of(shape), transport = transport_of(shape);
	size_t network = network_of(shape), length = headers + shape->total;
	struct frame *frame;

	assert_int_equal(frame_new(&frame, pool, 20), 0);
	uint8_t *bytes = frame_append(frame, headers + shape->linear);

	assert_non_null(bytes);
	memset(bytes, 2, headers);
	if (shape->tagged)
		put16(bytes + 12, 0x8100);
	put16(bytes + network - 2, is_ipv6(shape) ? 0x86dd : 0x0800);
	put_network(shape, bytes + network, length - network);
	if (shape->kind != FRAME_SEGMENTATION_UDP) {
		put16(bytes + transport + 4, SEQUENCE >> 16);
		put16(bytes + transport + 6, SEQUENCE & 0xffff);
		bytes[transport + 12] = (uint8_t)((20 + shape->options) / 4 << 4);
		bytes[transport + 13] = 0x80 | 0x10 | 0x08 | 0x01; /* CWR, ACK, PSH, FIN */
	}
	size_t offset = shape->kind == FRAME_SEGMENTATION_UDP ? 6 : 16;

	checksum_store(bytes + transport + offset,
	               (uint16_t)pseudo_header(shape, bytes + network, length - transport));
	memcpy(bytes + headers, payload, shape->linear);
	for (size_t at = shape->linear; at < shape->total;) {
		size_t left = shape->total - at;
		size_t count = left < shape->fragment ? left : shape->fragment;
		struct view view = { .slice = slice_of(payload + at, count) };

		assert_int_equal(frame_append_view(frame, &view), 0);
		at += count;
	}
	assert_int_equal(frame_set_checksum_partial(frame, transport, offset), 0);
	assert_int_equal(frame_set_segmentation(frame, shape->kind, shape->segment, headers), 0);
	return frame;
}

static void check_tcp(const struct shape *shape, const uint8_t *transport, size_t at)
{
	bool is_last = at + shape->segment >= shape->total;
	size_t sequence = get16(transport + 4) << 16 | get16(transport + 6);
	uint8_t flags = 0x10;

	if (at == 0)
		flags |= 0x80;
	if (is_last)
		flags |= 0x08 | 0x01;
	assert_int_equal(sequence, SEQUENCE + at);
	assert_int_equal(transport[13], flags);
}

/* One segment, with payload from `at`. Returns how much it has. */
static size_t check_segment(const struct shape *shape, struct frame *frame, size_t at)
{
	static uint8_t came[2048];
	size_t headers = headers_of(shape), transport = transport_of(shape);
	size_t network = network_of(shape), length = frame_length(frame);
	const uint8_t *bytes = frame_bytes(frame);

	frame_check(frame);
	assert_int_equal(frame_segmentation(frame), FRAME_SEGMENTATION_NONE);
	assert_int_equal(frame_network(frame), network);
	assert_int_equal(frame_transport(frame), transport);
	assert_int_equal(frame_checksum_finish(frame), 0);
	uint32_t sum = pseudo_header(shape, bytes + network, length - transport);
	uint32_t both[2] = { sum, frame_sum(frame, transport) };

	assert_int_equal(checksum_finish(checksum_add(0, both, sizeof(both))), 0);
	if (is_ipv6(shape)) {
		assert_int_equal(get16(bytes + network + 4), length - network - 40);
	} else {
		assert_int_equal(checksum_finish(checksum_add(0, bytes + network, 20)), 0);
		assert_int_equal(get16(bytes + network + 2), length - network);
		assert_int_equal(get16(bytes + network + 4),
		                 (0xfffe + at / shape->segment) & 0xffff);
	}
	if (shape->kind == FRAME_SEGMENTATION_UDP)
		assert_int_equal(get16(bytes + transport + 4), length - transport);
	else
		check_tcp(shape, bytes + transport, at);
	assert_int_equal(frame_read(frame, headers, came, length - headers), 0);
	assert_memory_equal(came, payload + at, length - headers);
	return length - headers;
}

static void check_shape(const struct shape *shape)
{
	struct frame *frame = build(shape), *segment;
	struct frame_queue segments;
	size_t at = 0;

	frame_queue_init(&segments);
	assert_int_equal(net_segment(frame, pool, &segments), 0);
	frame_release(frame); /* what was shared lives on */
	assert_int_equal(segments.count, (shape->total + shape->segment - 1) / shape->segment);
	while ((segment = frame_queue_pop(&segments)) != NULL) {
		size_t length = check_segment(shape, segment, at);

		assert_true(length == shape->segment || at + length == shape->total);
		at += length;
		frame_release(segment);
	}
	assert_int_equal(at, shape->total);
}

static void every_segment_is_right(void **state)
{
	static const enum frame_segmentation kinds[] = {
		FRAME_SEGMENTATION_TCP4,
		FRAME_SEGMENTATION_TCP6,
		FRAME_SEGMENTATION_UDP,
	};
	static const size_t totals[] = { 1, 999, 1000, 1001, 5000, 16999, 40000 };
	static const size_t linears[] = { 0, 1, 501, 1500 };

	(void)state;
	for (size_t kind = 0; kind < 3; kind++)
		for (size_t total = 0; total < 7; total++)
			for (size_t linear = 0; linear < 4; linear++)
				for (size_t tagged = 0; tagged < 2; tagged++) {
					struct shape shape = {
						.kind = kinds[kind],
						.tagged = tagged,
						.options = tagged * 12,
						.linear = linears[linear] < totals[total]
						                  ? linears[linear]
						                  : totals[total],
						.fragment = 3001,
						.total = totals[total],
						.segment = 1000,
					};
					check_shape(&shape);
				}
}

static void what_is_no_super_frame_is_refused(void **state)
{
	const struct shape shape = {
		.kind = FRAME_SEGMENTATION_TCP4, .fragment = 3000, .total = 9000, .segment = 1000
	};
	struct frame_queue segments;
	/* A byte of the headers that makes them something else, and which. */
	static const uint8_t spoilt[][2] = {
		{ 12, 0x86 }, { 13, 0x06 }, { 14, 0x44 }, { 14, 0x46 },
		{ 14, 0x65 }, { 46, 0x40 }, { 46, 0xf0 },
	};

	(void)state;
	frame_queue_init(&segments);
	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		struct frame *frame = build(&shape);

		frame_bytes(frame)[spoilt[i][0]] = spoilt[i][1];
		assert_int_equal(net_segment(frame, pool, &segments), -EINVAL);
		frame_release(frame);
	}
	struct frame *frame = build(&shape);

	frame_set_segmentation_none(frame);
	assert_int_equal(net_segment(frame, pool, &segments), -EINVAL);
	frame_release(frame);
	frame = build(&shape);
	assert_int_equal(frame_truncate(frame, 54), 0); /* nothing left */
	assert_int_equal(net_segment(frame, pool, &segments), -EINVAL);
	assert_int_equal(frame_truncate(frame, 40), 0);
	assert_int_equal(net_segment(frame, pool, &segments), -EINVAL);
	frame_release(frame);
	assert_int_equal(segments.count, 0);
}

static void a_pool_that_is_spent_leaves_nothing_half_done(void **state)
{
	const struct shape shape = {
		.kind = FRAME_SEGMENTATION_TCP4, .fragment = 3000, .total = 9000, .segment = 1000
	};
	struct frame_queue segments;
	struct frame_pool *small;
	struct frame *frame = build(&shape);

	(void)state;
	frame_queue_init(&segments);
	assert_int_equal(frame_pool_new(&small, FRAME_STORAGE_SIZE, 5), 0);
	assert_int_equal(net_segment(frame, small, &segments), -ENOBUFS);
	assert_int_equal(segments.count, 0);
	frame_pool_free(small); /* aborts if one of the five was lost */
	assert_int_equal(frame_pool_new(&small, FRAME_HEAD_ROOM + 10, 100), 0);
	assert_int_equal(net_segment(frame, small, &segments), -ERANGE);
	frame_pool_free(small);
	frame_release(frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_segment_is_right, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_super_frame_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pool_that_is_spent_leaves_nothing_half_done,
		                                setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
