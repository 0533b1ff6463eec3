/* SPDX-License-Identifier: ISC */
/*
 * net_faulty: a network device that loses, doubles, spoils and delays what goes through it.
 *
 * Model.      A wrapper: it sends and receives through the device `below`, and every frame, in both
 *             directions, is dealt with by chance, with the rates given in parts per million. A
 *             frame that is delayed is overtaken by those that are delayed less.
 * Replay.     All chance comes from `seed`: the same frames at the same times (on a virtual clock)
 *             meet the same fate. Each frame uses the same number of random numbers whatever
 *             happens to it, and each direction has its own, so one fault more does not change
 *             the others.
 * Offload.    None: faults are those of single frames on the wire.
 * Ownership.  Frames that wait are the device's and count in the budgets of their pools.
 * Context.    As net.h. All targets.
 *
 * Made by config.c: faulty(net, .drop_ppm = 10000, .seed = 1).
 */
#ifndef MIRAGE_NET_FAULTY_H
#define MIRAGE_NET_FAULTY_H

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/net.h>

struct net_faulty_driver;

struct net_faulty_state {
	struct net_faulty_driver *driver; /* while connected */
};

struct net_faulty {
	struct net_faulty_state *state;
	const struct net *below;
	uint64_t seed;
	uint32_t drop_ppm;      /* of a million frames, how many are lost */
	uint32_t duplicate_ppm; /* come twice */
	uint32_t corrupt_ppm;   /* have one bit flipped */
	uint32_t reorder_ppm;   /* are held for `reorder` more */
	nanoseconds delay;      /* of every frame */
	nanoseconds jitter;     /* and up to this much more, evenly spread */
	nanoseconds reorder;    /* default 1 ms */
};

extern const struct net_ops net_faulty_ops;

/* Wrap the device. -ENOMEM; -EINVAL: a rate above a million. */
must_check int net_faulty_connect(const struct net_faulty *self);

/* Log the counts (source `faulty`) and drop the frames that still wait. */
void net_faulty_disconnect(const struct net_faulty *self);

enum net_direction {
	NET_SENT,
	NET_RECEIVED,
};

struct net_faulty_counts {
	uint64_t frames; /* that met chance */
	uint64_t dropped;
	uint64_t duplicated;
	uint64_t corrupted;
	uint64_t reordered;
	uint64_t
		lost; /* not by chance: the device below refused them, or no frame for a copy was left */
};

void net_faulty_counts(const struct net_faulty *self, enum net_direction direction,
                       struct net_faulty_counts *counts);

#endif
