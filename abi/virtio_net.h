/* SPDX-License-Identifier: ISC */
/*
 * The header before each frame of a virtio network device (Virtual I/O Device 1.2, section 5.1.6),
 * in the form without a count of buffers. Linux taps have it too (IFF_VNET_HDR). Little endian, as
 * a modern device and a tap after TUNSETVNETLE have it.
 */
#ifndef ABI_VIRTIO_NET_H
#define ABI_VIRTIO_NET_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VIRTIO_NET_FLAG_NEEDS_CHECKSUM = 1, /* checksum_start and checksum_offset tell where */
	VIRTIO_NET_FLAG_DATA_VALID = 2,     /* the device has verified it */

	VIRTIO_NET_SEGMENTATION_NONE = 0,
	VIRTIO_NET_SEGMENTATION_TCP4 = 1,
	VIRTIO_NET_SEGMENTATION_UDP_FRAGMENTS = 3, /* cut by IP; never negotiated here */
	VIRTIO_NET_SEGMENTATION_TCP6 = 4,
	VIRTIO_NET_SEGMENTATION_UDP = 5,    /* a UDP header for each segment */
	VIRTIO_NET_SEGMENTATION_ECN = 0x80, /* with a TCP kind: the first segment carries CWR */
};

struct virtio_net_frame_header {
	uint8_t flags;
	uint8_t segmentation;
	uint8_t header_length[2]; /* of all headers of a super-frame: a hint */
	uint8_t segment_size[2];  /* payload in each segment */
	uint8_t checksum_start[2];
	uint8_t checksum_offset[2]; /* of the field, from there */
};

static_assert(sizeof(struct virtio_net_frame_header) == 10, "frame header");
static_assert(offsetof(struct virtio_net_frame_header, checksum_start) == 6, "checksum start");

#endif
