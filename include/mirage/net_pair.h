/* SPDX-License-Identifier: ISC */
/*
 * net_pair: two network devices on the ends of one cable, for tests and simulations.
 *
 * Model.      What is sent on one end is received on the other, in order, at once, and without a
 *             copy: the frame itself changes hands. Each end holds `depth` frames that came and
 *             were not received; then the other end is full. An end offers to send what the
 *             other has accepted (net_accept_offloads()), which is nothing at first.
 * Ownership.  A frame that was sent while somebody else had a reference arrives shared: for
 *             reading only, as frame.h has it.
 * Context.    One instance, all targets.
 */
#ifndef MIRAGE_NET_PAIR_H
#define MIRAGE_NET_PAIR_H

#include <mirage/attributes.h>
#include <mirage/net.h>

struct net_pair;

/* Zero in any field means its default. */
struct net_pair_options {
	uint32_t mtu;      /* default 1500 */
	size_t depth;      /* frames; default 256 */
	size_t frames_max; /* the budget of each end's pool; default 1024 */
};

/*
 * Make a pair. The addresses are 02:00:00:00:00:01 and :02. `options` may be NULL.
 *
 * -EINVAL  an MTU whose frames do not fit FRAME_STORAGE_MAX
 * -ENOMEM
 */
must_check int net_pair_new(struct net_pair **pair, const struct net_pair_options *options);

/* Free a pair, with the frames that were not received. Its own frames must all have been released
   elsewhere, and no fiber may wait for it. NULL is allowed. */
void net_pair_free(struct net_pair *pair);

/* One end, 0 or 1. Valid until net_pair_free(). */
const struct net *net_pair_end(const struct net_pair *pair, unsigned index);

/* Take the cable out, or put it back. Frames sent while it is out are lost and counted. */
void net_pair_set_link(struct net_pair *pair, bool up);

#endif
