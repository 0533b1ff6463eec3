/* SPDX-License-Identifier: ISC */
/*
 * Between a frame's metadata and the header that virtio devices and Linux taps put before it.
 */
#ifndef NET_VIRTIO_HEADER_H
#define NET_VIRTIO_HEADER_H

#include <mirage/attributes.h>
#include <mirage/frame.h>

#include "abi/virtio_net.h"

/* Fill the header of a frame that net_check_frame() has found good. */
void virtio_header_write(struct virtio_net_frame_header *header, const struct frame *frame);

/*
 * Set the metadata of a received frame from the header that came with it, of which nothing is
 * believed: `offloads` (enum net_offload) are those that were accepted.
 *
 * -EINVAL  the header contradicts itself, the frame, or what was accepted
 */
must_check int virtio_header_read(const struct virtio_net_frame_header *header, struct frame *frame,
                                  uint32_t offloads);

#endif
