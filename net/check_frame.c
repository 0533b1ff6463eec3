/* SPDX-License-Identifier: ISC */
/* What a device can send, and what contradicts itself. */
#include <mirage/net_driver.h>

#include <errno.h>
#include <stdbool.h>

static uint32_t offload_of(enum frame_segmentation segmentation)
{
	switch (segmentation) {
	case FRAME_SEGMENTATION_TCP4:
		return NET_OFFLOAD_TCP4;
	case FRAME_SEGMENTATION_TCP6:
		return NET_OFFLOAD_TCP6;
	case FRAME_SEGMENTATION_UDP:
		return NET_OFFLOAD_UDP;
	case FRAME_SEGMENTATION_NONE:
	default:
		return 0;
	}
}

/* The frame was changed after its metadata were set, or they never were right. */
static bool is_contradictory(const struct frame *frame)
{
	size_t linear = frame_linear_length(frame);

	if (frame_checksum(frame) == FRAME_CHECKSUM_VERIFIED)
		return true;
	if (frame_checksum(frame) == FRAME_CHECKSUM_PARTIAL) {
		size_t start = frame_checksum_start(frame);

		if (start > linear || linear - start < frame_checksum_offset(frame) + 2)
			return true;
	}
	if (frame_segmentation(frame) == FRAME_SEGMENTATION_NONE)
		return false;
	return frame_checksum(frame) != FRAME_CHECKSUM_PARTIAL || frame_payload(frame) > linear ||
	       frame_payload(frame) <= frame_checksum_start(frame);
}

/* The longest frame on the wire that this one stands for. */
static size_t wire_length(const struct frame *frame)
{
	size_t whole = frame_length(frame);

	if (frame_segmentation(frame) == FRAME_SEGMENTATION_NONE)
		return whole;
	size_t segment = frame_payload(frame) + frame_segment_size(frame);

	return segment < whole ? segment : whole;
}

static bool has_tag(const struct frame *frame)
{
	const uint8_t *bytes = frame_bytes(frame);

	return frame_linear_length(frame) >= NET_HEADER_LENGTH && bytes[12] == 0x81 &&
	       bytes[13] == 0x00;
}

int net_check_frame(const struct frame *frame, uint32_t mtu, uint32_t offloads)
{
	size_t header = NET_HEADER_LENGTH + (has_tag(frame) ? NET_TAG_LENGTH : 0);
	uint32_t wanted = offload_of(frame_segmentation(frame));

	if (frame_linear_length(frame) < NET_HEADER_LENGTH)
		return -EINVAL;
	if (frame_checksum(frame) == FRAME_CHECKSUM_PARTIAL)
		wanted |= NET_OFFLOAD_CHECKSUM;
	if ((wanted & ~offloads) != 0)
		return -ENOTSUP;
	if (is_contradictory(frame))
		return -EINVAL;
	return wire_length(frame) > header + mtu ? -EMSGSIZE : 0;
}
