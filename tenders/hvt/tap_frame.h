/* SPDX-License-Identifier: ISC */
/*
 * One Ethernet frame to or from a tap, for hypercalls and for the ring.
 */
#ifndef TENDERS_HVT_TAP_FRAME_H
#define TENDERS_HVT_TAP_FRAME_H

#include <stdint.h>

#include <mirage/attributes.h>

#include "abi/hvt.h"

/*
 * Give the tap a frame. SOLO5_OK, also if the tap's queue is full and the frame is lost, as on any
 * wire; SOLO5_EUNSPEC if the tap does not take it: too short, too long, or the interface is down.
 */
must_check enum solo5_result tap_frame_write(int descriptor, const void *frame, uint64_t length);

/* Take a frame of at most `size` bytes; SOLO5_AGAIN if there is none, SOLO5_EUNSPEC. */
must_check enum solo5_result tap_frame_read(int descriptor, void *frame, uint64_t size,
                                            uint64_t *length);

#endif
