/* SPDX-License-Identifier: ISC */
/*
 * The guest's side of the network ring: frames go out without stopping the guest, and a thread of the
 * tender writes them to the tap.
 *
 * Model.      Frames are copied into slots of the guest's own memory, of which the ring tells the
 *             tender. Only writes use it: a read would have to wait for the tender's thread, and a
 *             hypercall is sooner. A guest whose tender has no ring, or that has no memory for the
 *             slots, writes by hypercall.
 * See also.   abi/hvt.h, docs/decisions/0046-frames-leave-hvt-through-the-ring.md
 */
#ifndef TARGETS_HVT_NET_RING_H
#define TARGETS_HVT_NET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "abi/hvt.h"

struct net_ring_writer {
	struct hvt_net_ring *ring; /* shared with the tender; NULL: there is none */
	uint8_t *slots;            /* HVT_NET_RING_SLOTS of them; NULL until first needed */
	uint32_t tail;             /* ours: the tender's copy is only told */
	void (*kick)(void);        /* wakes the tender's thread */
};

/* Where the boot information says that a ring is, or NULL: if the tender cannot mean it, or the guest is
   too small to spare the memory. */
struct hvt_net_ring *net_ring_of_boot(const struct hvt_boot *boot);

/*
 * Queue a frame. The bytes are the caller's again when it returns. May spin for as long as the tender
 * needs to empty a full ring.
 *
 * -ENOTSUP  there is no ring, or the frame is larger than a slot: by hypercall then. Frames queued
 *           before have been written.
 */
must_check int net_ring_write(struct net_ring_writer *writer, unsigned int handle,
                              const void *frame, size_t length);

#endif
