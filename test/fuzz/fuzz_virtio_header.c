// SPDX-License-Identifier: ISC
/*
 * The header before a received frame, and what a stack then does with the metadata: input is the
 * accepted offloads, where the linear part ends, the header, and the frame.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/net_driver.h>
#include <mirage/net_segment.h>

#include "net/virtio_header.h"

enum {
	BEFORE = 3, /* offloads, and two bytes of the split */
	HEADER = sizeof(struct virtio_net_frame_header),
	FRAGMENT_MAX = 4096,
};

static struct frame_pool *frames, *segment_frames;
static struct buffer_pool *buffers;

static struct frame *make_frame(const uint8_t *bytes, size_t length, size_t split)
{
	struct frame *frame;
	struct buffer *buffer;

	assert(frame_new(&frame, frames, FRAME_HEAD_ROOM) == 0);
	if (split > length)
		split = length;
	if (split > frame_tail_room(frame))
		split = frame_tail_room(frame);
	memcpy(frame_append(frame, split), bytes, split);
	if (length - split > FRAGMENT_MAX)
		length = split + FRAGMENT_MAX;
	assert(buffer_new(&buffer, buffers) == 0);
	struct view view = { .buffer = buffer,
		             .slice = slice_of(buffer_slice(buffer).bytes, length - split) };

	memcpy(view.slice.bytes, bytes + split, length - split);
	assert(frame_append_view(frame, &view) == 0);
	frame_check(frame);
	return frame;
}

/* What may be sent on is written as a header that says the same. */
static void round_trip(struct frame *frame)
{
	struct virtio_net_frame_header header, again;

	if (net_check_frame(frame, 1500, NET_OFFLOAD_ALL) != 0)
		return;
	virtio_header_write(&header, frame);
	assert(virtio_header_read(&header, frame, NET_OFFLOAD_ALL) == 0);
	virtio_header_write(&again, frame);
	assert(memcmp(&header, &again, sizeof(header)) == 0);
}

/* Cut a super-frame as a device would: each segment is one, and all payload is in them. */
static void cut(const struct frame *frame)
{
	struct frame_queue segments;
	struct frame *segment;

	frame_queue_init(&segments);
	if (net_segment(frame, segment_frames, &segments) != 0) {
		assert(segments.count == 0);
		return;
	}
	assert(segments.count > 0);
	while ((segment = frame_queue_pop(&segments)) != NULL) {
		frame_check(segment);
		assert(frame_length(segment) <= frame_length(frame));
		assert(frame_checksum_finish(segment) == 0);
		frame_release(segment);
	}
}

/* Take headers off, as layers do, and finish the checksum. */
static void use(struct frame *frame)
{
	size_t length = frame_length(frame);

	if (frame_segmentation(frame) == FRAME_SEGMENTATION_NONE &&
	    frame_checksum(frame) == FRAME_CHECKSUM_PARTIAL) {
		size_t start = frame_checksum_start(frame);

		assert(frame_checksum_finish(frame) == 0);
		assert(frame_checksum(frame) == FRAME_CHECKSUM_NONE);
		assert(start <= length);
	}
	if (frame_segmentation(frame) != FRAME_SEGMENTATION_NONE)
		assert(frame_payload(frame) <= frame_linear_length(frame) &&
		       frame_segment_size(frame) > 0);
	cut(frame);
	if (length >= NET_HEADER_LENGTH)
		assert(frame_remove(frame, NET_HEADER_LENGTH) == 0);
	frame_check(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtio_net_frame_header header;

	if (size < BEFORE + HEADER)
		return 0;
	if (frames == NULL) {
		assert(frame_pool_new(&frames, FRAME_STORAGE_SIZE, 1) == 0);
		assert(frame_pool_new(&segment_frames, FRAME_STORAGE_SIZE, 100) == 0);
		assert(buffer_pool_new(&buffers, FRAGMENT_MAX, 1) == 0);
	}
	uint32_t offloads = data[0] & NET_OFFLOAD_ALL;
	size_t split = (size_t)(data[1] | data[2] << 8);

	memcpy(&header, data + BEFORE, sizeof(header));
	struct frame *frame = make_frame(data + BEFORE + HEADER, size - BEFORE - HEADER, split);

	if (virtio_header_read(&header, frame, offloads) == 0) {
		if ((offloads & NET_OFFLOAD_CHECKSUM) == 0)
			assert(frame_checksum(frame) == FRAME_CHECKSUM_NONE);
		round_trip(frame);
		use(frame);
	}
	frame_check(frame);
	frame_release(frame);
	return 0;
}
