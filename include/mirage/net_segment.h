/* SPDX-License-Identifier: ISC */
/*
 * Cutting super-frames in software, where the device cannot.
 *
 * See also.   frame.h (enum frame_segmentation), net.h (net_info.send_offloads)
 */
#ifndef MIRAGE_NET_SEGMENT_H
#define MIRAGE_NET_SEGMENT_H

#include <mirage/attributes.h>
#include <mirage/frame.h>

/*
 * Cut a super-frame into frames with at most frame_segment_size() bytes of payload each, as hardware
 * does, and put them behind what is in `segments`. They come from `pool`; headers are copied and made
 * right, payload in fragments is shared, payload in the linear part is copied. Their checksums are
 * PARTIAL, for a device or frame_checksum_finish(). The super-frame is only read.
 *
 * The headers are parsed: after an error the frame is not what its metadata say, or cannot be cut here.
 *
 * -EINVAL   no super-frame, or its headers are not those of TCP or UDP over IP, or nothing is in it
 * -ERANGE   the headers, or a segment's linear part, do not fit the storage of the pool
 * -ENOBUFS  the pool's budget is spent
 * -ENOMEM
 */
must_check int net_segment(const struct frame *frame, struct frame_pool *pool,
                           struct frame_queue *segments);

#endif
