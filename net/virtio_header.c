/* SPDX-License-Identifier: ISC */
/* The header before a frame, written and read. */
#include "net/virtio_header.h"

#include <errno.h>

#include <mirage/net.h>

static void put(uint8_t bytes[2], size_t number)
{
	bytes[0] = (uint8_t)number;
	bytes[1] = (uint8_t)(number >> 8);
}

static size_t get(const uint8_t bytes[2])
{
	return (size_t)bytes[0] | (size_t)bytes[1] << 8;
}

static uint8_t kind_of(const struct frame *frame)
{
	uint8_t congestion = frame_congestion(frame) ? VIRTIO_NET_SEGMENTATION_ECN : 0;

	switch (frame_segmentation(frame)) {
	case FRAME_SEGMENTATION_TCP4:
		return VIRTIO_NET_SEGMENTATION_TCP4 | congestion;
	case FRAME_SEGMENTATION_TCP6:
		return VIRTIO_NET_SEGMENTATION_TCP6 | congestion;
	case FRAME_SEGMENTATION_UDP:
		return VIRTIO_NET_SEGMENTATION_UDP;
	case FRAME_SEGMENTATION_NONE:
	default:
		return VIRTIO_NET_SEGMENTATION_NONE;
	}
}

void virtio_header_write(struct virtio_net_frame_header *header, const struct frame *frame)
{
	*header = (struct virtio_net_frame_header){ .segmentation = kind_of(frame) };
	if (frame_checksum(frame) == FRAME_CHECKSUM_PARTIAL) {
		header->flags = VIRTIO_NET_FLAG_NEEDS_CHECKSUM;
		put(header->checksum_start, frame_checksum_start(frame));
		put(header->checksum_offset, frame_checksum_offset(frame));
	}
	if (frame_segmentation(frame) != FRAME_SEGMENTATION_NONE) {
		put(header->header_length, frame_payload(frame));
		put(header->segment_size, frame_segment_size(frame));
	}
}

static int read_checksum(const struct virtio_net_frame_header *header, struct frame *frame,
                         uint32_t offloads)
{
	if ((header->flags & VIRTIO_NET_FLAG_NEEDS_CHECKSUM) != 0) {
		if ((offloads & NET_OFFLOAD_CHECKSUM) == 0)
			return -EINVAL;
		return frame_set_checksum_partial(frame, get(header->checksum_start),
		                                  get(header->checksum_offset)) == 0
		               ? 0
		               : -EINVAL;
	}
	if ((header->flags & VIRTIO_NET_FLAG_DATA_VALID) != 0 &&
	    (offloads & NET_OFFLOAD_CHECKSUM) != 0)
		frame_set_checksum_verified(frame);
	return 0;
}

/* The kind and the offload it needs; false if there is no such kind. */
static bool kind_read(uint8_t kind, enum frame_segmentation *segmentation, uint32_t *offload)
{
	switch (kind & ~VIRTIO_NET_SEGMENTATION_ECN) {
	case VIRTIO_NET_SEGMENTATION_TCP4:
		*segmentation = FRAME_SEGMENTATION_TCP4;
		*offload = NET_OFFLOAD_TCP4;
		return true;
	case VIRTIO_NET_SEGMENTATION_TCP6:
		*segmentation = FRAME_SEGMENTATION_TCP6;
		*offload = NET_OFFLOAD_TCP6;
		return true;
	case VIRTIO_NET_SEGMENTATION_UDP:
		*segmentation = FRAME_SEGMENTATION_UDP;
		*offload = NET_OFFLOAD_UDP;
		return (kind & VIRTIO_NET_SEGMENTATION_ECN) == 0;
	default:
		return false;
	}
}

/*
 * Where the payload of a super-frame begins. The header's own length is a hint that many senders
 * leave wrong, so it counts only if it lies behind the checksum; else what is sure, the end of the
 * checksum field, stands in for it: whoever parses the headers knows better.
 */
static size_t payload_of(const struct virtio_net_frame_header *header, const struct frame *frame)
{
	size_t hint = get(header->header_length);
	size_t least = 0;

	if (frame_checksum(frame) == FRAME_CHECKSUM_PARTIAL)
		least = frame_checksum_start(frame) + frame_checksum_offset(frame) + 2;
	return hint >= least && hint > 0 && hint <= frame_linear_length(frame) ? hint : least;
}

int virtio_header_read(const struct virtio_net_frame_header *header, struct frame *frame,
                       uint32_t offloads)
{
	enum frame_segmentation segmentation;
	uint32_t offload;
	int result = read_checksum(header, frame, offloads);

	if (result != 0 || header->segmentation == VIRTIO_NET_SEGMENTATION_NONE)
		return result;
	if (!kind_read(header->segmentation, &segmentation, &offload) ||
	    (offloads & offload) == 0 || frame_checksum(frame) == FRAME_CHECKSUM_NONE)
		return -EINVAL;
	result = frame_set_segmentation(frame, segmentation, get(header->segment_size),
	                                payload_of(header, frame));
	if (result != 0)
		return -EINVAL;
	frame_set_congestion(frame, (header->segmentation & VIRTIO_NET_SEGMENTATION_ECN) != 0);
	return 0;
}
