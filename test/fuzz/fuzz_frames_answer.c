// SPDX-License-Identifier: ISC
/*
 * The parser of examples/device-usage/frames. Input is where the linear part ends, whether to put
 * right checksums, and a frame. An answer must be one that goes back, and right.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "examples/device-usage/frames/answer.c"

enum {
	FRAGMENT_MAX = 4096,
};

static const struct station station = {
	.mac = { { 2, 0, 0, 0, 0, 7 } },
	.address = { { 10, 0, 0, 2 } },
};

static struct frame_pool *frames;
static struct buffer_pool *buffers;

static struct frame *make_frame(const uint8_t *bytes, size_t length, size_t split)
{
	struct frame *frame;
	struct buffer *buffer;

	assert(frame_new(&frame, frames, 0) == 0);
	split = split < length ? split : length;
	memcpy(frame_append(frame, split), bytes, split);
	length = length - split < FRAGMENT_MAX ? length : split + FRAGMENT_MAX;
	assert(buffer_new(&buffer, buffers) == 0);
	struct view view = { .buffer = buffer,
		             .slice = slice_of(buffer_slice(buffer).bytes, length - split) };

	memcpy(view.slice.bytes, bytes + split, length - split);
	assert(frame_append_view(frame, &view) == 0);
	return frame;
}

/* Chance does not find checksums: put them where the headers say, if those can be believed. */
static void put_checksums(struct frame *frame)
{
	uint8_t *ip = frame_bytes(frame) + PACKET;
	size_t linear = frame_linear_length(frame);

	if (linear < PACKET + IPV4_HEADER_MIN)
		return;
	size_t header = (size_t)(ip[0] & 15) * 4;

	if (header < IPV4_HEADER_MIN || linear < PACKET + header + ICMP_HEADER)
		return;
	checksum_store(ip + IPV4_CHECKSUM, 0);
	checksum_store(ip + IPV4_CHECKSUM, checksum_finish(checksum_add(0, ip, header)));
	checksum_store(ip + header + ICMP_CHECKSUM, 0);
	checksum_store(ip + header + ICMP_CHECKSUM,
	               checksum_finish(frame_sum(frame, PACKET + header)));
}

static void check_answer(const struct frame *frame, const uint8_t asker[6])
{
	const uint8_t *bytes = frame_bytes(frame), *ip = bytes + PACKET;

	assert(memcmp(bytes, asker, 6) == 0);
	assert(memcmp(bytes + 6, station.mac.bytes, 6) == 0);
	if (read16(bytes + ETHERNET_TYPE) == TYPE_ARP)
		return;
	size_t header = (size_t)(ip[0] & 15) * 4;

	assert(frame_length(frame) == PACKET + read16(ip + IPV4_LENGTH));
	assert(checksum_finish(checksum_add(0, ip, header)) == 0);
	assert(checksum_finish(frame_sum(frame, PACKET + header)) == 0);
	assert(memcmp(ip + IPV4_SOURCE, station.address.bytes, 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct answer_counts counts = { .arp = 0 };
	uint8_t asker[6] = { 0 };

	if (size < 2)
		return 0;
	if (frames == NULL) {
		assert(frame_pool_new(&frames, 256, 1) == 0);
		assert(buffer_pool_new(&buffers, FRAGMENT_MAX, 1) == 0);
	}
	struct frame *frame = make_frame(data + 2, size - 2, data[0]);

	if ((data[1] & 1) != 0)
		put_checksums(frame);
	if (frame_linear_length(frame) >= 12)
		memcpy(asker, frame_bytes(frame) + 6, 6);
	if (answer_make(frame, &station, &counts))
		check_answer(frame, asker);
	assert(counts.arp + counts.echo + counts.bad + counts.ignored == 1);
	frame_check(frame);
	frame_release(frame);
	return 0;
}
