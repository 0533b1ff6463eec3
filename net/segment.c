/* SPDX-License-Identifier: ISC */
/*
 * Segmentation in software. Where the headers lie is taken from the frame's bytes, not from the hint
 * that came with it; only the transport header's place is (it is the checksum's start, which was
 * checked when it was set).
 */
#include <mirage/net_segment.h>

#include <errno.h>
#include <string.h>

#include <mirage/checksum.h>
#include <mirage/net.h>

enum {
	ETHERNET_TYPE = 12,

	IPV4_HEADER_MIN = 20,
	IPV4_LENGTH = 2,
	IPV4_IDENTIFICATION = 4,
	IPV4_CHECKSUM = 10,

	IPV6_HEADER = 40,
	IPV6_LENGTH = 4,

	TCP_HEADER_MIN = 20,
	TCP_SEQUENCE = 4,
	TCP_OFFSET = 12,
	TCP_FLAGS = 13,
	TCP_CHECKSUM = 16,
	TCP_FIN = 0x01,
	TCP_PSH = 0x08,
	TCP_CWR = 0x80,

	UDP_HEADER = 8,
	UDP_LENGTH = 4,
	UDP_CHECKSUM = 6,
};

/* What is to be cut: offsets from the start of the frame. */
struct plan {
	const struct frame *frame;
	bool is_ipv6;
	bool is_udp;
	size_t network;
	size_t transport;
	size_t payload;
	size_t total; /* bytes of payload */
	size_t segment_size;
};

static uint16_t read16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void write16(uint8_t *bytes, size_t number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

static void add32(uint8_t *bytes, size_t number)
{
	uint32_t sum = ((uint32_t)read16(bytes) << 16 | read16(bytes + 2)) + (uint32_t)number;

	write16(bytes, sum >> 16);
	write16(bytes + 2, sum & 0xffff);
}

/* ------------------------------------------------------------------ what is there */

static bool plan_network(struct plan *plan)
{
	const uint8_t *bytes = frame_bytes(plan->frame);
	size_t transport = plan->transport;

	if (transport < NET_HEADER_LENGTH + NET_TAG_LENGTH)
		return false;
	plan->network = NET_HEADER_LENGTH;
	if (read16(bytes + ETHERNET_TYPE) == 0x8100)
		plan->network += NET_TAG_LENGTH;
	switch (read16(bytes + plan->network - 2)) {
	case 0x0800:
		plan->is_ipv6 = false;
		return transport >= plan->network + IPV4_HEADER_MIN &&
		       bytes[plan->network] >> 4 == 4 &&
		       plan->network + (size_t)(bytes[plan->network] & 15) * 4 == transport;
	case 0x86dd:
		plan->is_ipv6 = true;
		return transport >= plan->network + IPV6_HEADER && bytes[plan->network] >> 4 == 6;
	default:
		return false;
	}
}

static bool plan_transport(struct plan *plan)
{
	const uint8_t *bytes = frame_bytes(plan->frame) + plan->transport;
	size_t linear = frame_linear_length(plan->frame);
	size_t header = plan->is_udp ? UDP_HEADER : TCP_HEADER_MIN;

	if (linear < plan->transport + header ||
	    frame_checksum_offset(plan->frame) != (plan->is_udp ? UDP_CHECKSUM : TCP_CHECKSUM))
		return false;
	if (!plan->is_udp)
		header = (size_t)(bytes[TCP_OFFSET] >> 4) * 4;
	plan->payload = plan->transport + header;
	return (plan->is_udp || header >= TCP_HEADER_MIN) && plan->payload <= linear;
}

static int plan_make(struct plan *plan, const struct frame *frame)
{
	if (frame_segmentation(frame) == FRAME_SEGMENTATION_NONE ||
	    frame_checksum(frame) != FRAME_CHECKSUM_PARTIAL ||
	    frame_checksum_start(frame) > frame_linear_length(frame))
		return -EINVAL;
	*plan = (struct plan){
		.frame = frame,
		.is_udp = frame_segmentation(frame) == FRAME_SEGMENTATION_UDP,
		.transport = frame_checksum_start(frame),
		.segment_size = frame_segment_size(frame),
	};
	if (!plan_network(plan) || !plan_transport(plan))
		return -EINVAL;
	plan->total = frame_length(frame) - plan->payload;
	return plan->total > 0 ? 0 : -EINVAL;
}

/* ------------------------------------------------------------------ one segment */

/* Share `length` bytes at `at` of the frame's part `index`. */
static int append_fragment(struct frame *segment, const struct frame *frame, size_t index,
                           size_t at, size_t length)
{
	struct slice slice = frame_part(frame, index);
	struct view view = {
		.buffer = frame_part_buffer(frame, index),
		.slice = slice_of(slice.bytes + at, length),
	};
	if (view.buffer != NULL)
		buffer_acquire(view.buffer);
	int result = frame_append_view(segment, &view);

	if (result != 0)
		view_release(&view);
	return result;
}

/* Append `length` bytes at `at` of the frame: linear ones as a copy, others shared. */
static int append_bytes(struct frame *segment, const struct frame *frame, size_t at, size_t length)
{
	for (size_t i = 0; length > 0; i++) {
		struct slice part = frame_part(frame, i);

		if (at >= part.length) {
			at -= part.length;
			continue;
		}
		size_t count = part.length - at < length ? part.length - at : length;
		int result = 0;

		if (i > 0) {
			result = append_fragment(segment, frame, i, at, count);
		} else {
			uint8_t *bytes = frame_append(segment, count);

			if (bytes == NULL)
				return -ERANGE;
			memcpy(bytes, part.bytes + at, count);
		}
		if (result != 0)
			return result;
		length -= count;
		at = 0;
	}
	return 0;
}

static void mend_network(const struct plan *plan, uint8_t *network, size_t length, size_t index)
{
	if (plan->is_ipv6) {
		write16(network + IPV6_LENGTH, length - IPV6_HEADER);
		return;
	}
	size_t header = plan->transport - plan->network;

	write16(network + IPV4_LENGTH, length);
	write16(network + IPV4_IDENTIFICATION,
	        (read16(network + IPV4_IDENTIFICATION) + index) & 0xffff);
	checksum_store(network + IPV4_CHECKSUM, 0);
	checksum_store(network + IPV4_CHECKSUM, checksum_finish(checksum_add(0, network, header)));
}

/* The sum of the pseudo header has the length in it: take the old one out and put the new one in. */
static void mend_pseudo_header(const struct plan *plan, uint8_t *field, size_t length)
{
	size_t before = plan->payload - plan->transport + plan->total;
	uint32_t sum = checksum_add(0, field, 2);

	sum = checksum_add_number(sum, (uint16_t)~before);
	sum = checksum_add_number(sum, (uint16_t)length);
	checksum_store(field, (uint16_t)sum);
}

static void mend_transport(const struct plan *plan, uint8_t *transport, size_t length, size_t at)
{
	bool is_last = at + plan->segment_size >= plan->total;

	if (plan->is_udp) {
		write16(transport + UDP_LENGTH, length);
		mend_pseudo_header(plan, transport + UDP_CHECKSUM, length);
		return;
	}
	add32(transport + TCP_SEQUENCE, at);
	if (!is_last)
		transport[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (at > 0)
		transport[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	mend_pseudo_header(plan, transport + TCP_CHECKSUM, length);
}

/* The segment whose payload begins at `at` of all payload. */
static int segment_make(const struct plan *plan, struct frame_pool *pool, size_t at,
                        struct frame **out)
{
	size_t left = plan->total - at;
	size_t length = left < plan->segment_size ? left : plan->segment_size;
	struct frame *segment;
	int result = frame_new(&segment, pool, FRAME_HEAD_ROOM);

	if (result != 0)
		return result;
	result = append_bytes(segment, plan->frame, 0, plan->payload);
	if (result == 0)
		result = append_bytes(segment, plan->frame, plan->payload + at, length);
	if (result == 0)
		result = frame_set_checksum_partial(segment, plan->transport,
		                                    frame_checksum_offset(plan->frame));
	if (result != 0) {
		frame_release(segment);
		return result;
	}
	frame_set_network(segment, plan->network);
	frame_set_transport(segment, plan->transport);
	mend_network(plan, frame_bytes(segment) + plan->network,
	             plan->payload - plan->network + length, at / plan->segment_size);
	mend_transport(plan, frame_bytes(segment) + plan->transport,
	               plan->payload - plan->transport + length, at);
	*out = segment;
	return 0;
}

int net_segment(const struct frame *frame, struct frame_pool *pool, struct frame_queue *segments)
{
	struct frame_queue made;
	struct frame *segment;
	struct plan plan;
	int result = plan_make(&plan, frame);

	frame_queue_init(&made);
	for (size_t at = 0; result == 0 && at < plan.total; at += plan.segment_size) {
		result = segment_make(&plan, pool, at, &segment);
		if (result == 0)
			frame_queue_push(&made, segment);
	}
	if (result != 0) {
		frame_queue_release(&made);
		return result;
	}
	while ((segment = frame_queue_pop(&made)) != NULL)
		frame_queue_push(segments, segment);
	return 0;
}
