/* SPDX-License-Identifier: ISC */
/*
 * The ring by which a guest gives frames away without leaving (abi/hvt.h).
 *
 * Model.      The guest fills entries and moves entry_tail; a thread of the tender takes them in
 *             order. While the thread is awake the guest only writes memory; when it has nothing
 *             left it says so in needs_kick and sleeps until the guest writes to a port.
 * Hostile.    The guest writes to the ring while it is read. Each index is read once and checked;
 *             an entry is copied, then checked, then used. The host's own indices are kept beside
 *             the ring and never read back from it.
 * Context.    net_ring_service() from one thread at a time: net_ring_run() and net_ring_drain() see
 *             to that.
 */
#ifndef TENDERS_HVT_NET_RING_H
#define TENDERS_HVT_NET_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "abi/hvt.h"
#include "tenders/hvt/guest_memory.h"
#include "tenders/manifest/manifest.h"
#include "tenders/report/reason.h"

struct net_ring {
	struct hvt_net_ring *shared;
	const struct guest_memory *memory;
	const struct manifest *manifest;
	int event; /* eventfd that the guest's kick signals */
	pthread_mutex_t lock;
	uint32_t entry_head;
	uint32_t commit_tail;
	uint64_t lost; /* frames that no tap took */
};

/* `shared` is zero. */
void net_ring_init(struct net_ring *ring, struct hvt_net_ring *shared,
                   const struct guest_memory *memory, const struct manifest *manifest, int event);

/*
 * Take all entries that there are. Returns how many.
 *
 * -EFAULT     the guest did what cannot be meant: the ring is no longer to be trusted
 */
must_check int net_ring_service(struct net_ring *ring, struct reason *reason);

/* Serve the ring for ever, or until an error: the body of its thread. */
must_check int net_ring_run(struct net_ring *ring, struct reason *reason);

/* Take what a guest that has halted left in the ring; called by the guest's own thread. */
must_check int net_ring_drain(struct net_ring *ring, struct reason *reason);

#endif
