/* SPDX-License-Identifier: ISC */
/* What is known of a frame beside its bytes. */
#include <mirage/frame.h>

#include <errno.h>
#include <string.h>

#include <mirage/checksum.h>

#include "runtime/bug.h"

/* The storage's offset of a frame's offset that is not beyond the linear part. */
static uint16_t place_of(const struct frame *frame, size_t offset, const char *what)
{
	if (offset > frame->linear_length)
		bug("the %s header of a frame is set to %zu, beyond its linear part of %u bytes",
		    what, offset, frame->linear_length);
	return (uint16_t)(frame->first + offset);
}

void frame_set_network(struct frame *frame, size_t offset)
{
	frame->network = place_of(frame, offset, "network");
}

void frame_set_transport(struct frame *frame, size_t offset)
{
	frame->transport = place_of(frame, offset, "transport");
}

int frame_set_checksum_partial(struct frame *frame, size_t start, size_t offset)
{
	struct slice linear = frame_part(frame, 0);

	if (start > linear.length || !slice_holds(linear, offset, 2) ||
	    !slice_holds(linear, start + offset, 2))
		return -ERANGE;
	frame->checksum = FRAME_CHECKSUM_PARTIAL;
	frame->checksum_start = (uint16_t)(frame->first + start);
	frame->checksum_offset = (uint16_t)offset;
	return 0;
}

int frame_set_segmentation(struct frame *frame, enum frame_segmentation segmentation,
                           size_t segment_size, size_t payload)
{
	if (segmentation < FRAME_SEGMENTATION_TCP4 || segmentation > FRAME_SEGMENTATION_UDP ||
	    segment_size == 0 || segment_size > UINT16_MAX)
		return -EINVAL;
	if (payload > frame->linear_length)
		return -ERANGE;
	frame->segmentation = (uint8_t)segmentation;
	frame->segment_size = (uint16_t)segment_size;
	frame->payload = (uint16_t)(frame->first + payload);
	return 0;
}

/* The other order of bytes: what a sum becomes when its words begin at an odd place. */
static uint32_t swapped(uint32_t sum)
{
	return (sum & 0xff) << 8 | sum >> 8;
}

uint32_t frame_sum(const struct frame *frame, size_t offset)
{
	size_t at = 0;
	uint32_t sum = 0;

	if (offset > frame->linear_length)
		bug("the sum of a frame begins at %zu, beyond its linear part of %u bytes", offset,
		    frame->linear_length);

	for (size_t i = 0; i < frame_part_count(frame); i++) {
		struct slice part = frame_part(frame, i);
		size_t skipped = i == 0 ? offset : 0;
		size_t length = part.length - skipped;
		uint32_t added = checksum_add(0, part.bytes + skipped, length);

		sum += at % 2 == 0 ? added : swapped(added);
		at += length;
	}
	return checksum_add(0, &sum, sizeof(sum));
}

int frame_checksum_finish(struct frame *frame)
{
	if (frame->checksum != FRAME_CHECKSUM_PARTIAL)
		return 0;
	if (frame->segmentation != FRAME_SEGMENTATION_NONE)
		bug("the checksum of a super-frame is one for each segment");
	size_t start = frame_checksum_start(frame);
	struct slice linear = frame_part(frame, 0);

	/* The field may have gone with headers that were removed, or been cut off. */
	if (start > linear.length || !slice_holds(linear, start + frame->checksum_offset, 2))
		return -ERANGE;
	uint16_t checksum = checksum_finish(frame_sum(frame, start));

	checksum_store(linear.bytes + start + frame->checksum_offset,
	               checksum == 0 ? 0xffff : checksum);
	frame->checksum = FRAME_CHECKSUM_NONE;
	return 0;
}

void frame_check(const struct frame *frame)
{
	size_t total = frame->linear_length;

	if (frame->references == 0)
		bug("a released frame is used");
	if ((size_t)frame->first + frame->linear_length > frame->storage_size)
		bug("a frame's linear part passes the end of its storage");
	if (frame->fragment_count > FRAME_FRAGMENTS_MAX)
		bug("a frame has %u fragments", frame->fragment_count);
	for (size_t i = 0; i < frame->fragment_count; i++) {
		if (frame->fragments[i].slice.length == 0)
			bug("fragment %zu of a frame is empty", i);
		total += frame->fragments[i].slice.length;
	}
	if (total != frame->length || total > FRAME_LENGTH_MAX)
		bug("a frame says %u bytes and has %zu", frame->length, total);
}
