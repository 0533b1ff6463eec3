/* SPDX-License-Identifier: ISC */
/*
 * Timers: a callback at a point on the monotonic clock. Starting and stopping are constant time,
 * whatever the number of timers; nothing is allocated.
 *
 * Ownership.  The caller owns the storage, which must stay valid while the timer is pending.
 * Context.    The callback runs in the run loop, on no fiber: it may wake fibers and start or stop
 *             timers (itself included), and may not block.
 */
#ifndef MIRAGE_TIMER_H
#define MIRAGE_TIMER_H

#include <stdbool.h>

#include <mirage/duration.h>
#include <mirage/list.h>

struct timer {
	struct list link;     /* private */
	nanoseconds deadline; /* private */
	void (*expired)(struct timer *timer);
};

/* Prepare a timer that is not pending. */
void timer_init(struct timer *timer, void (*expired)(struct timer *timer));

/* Call `expired` once, not before `deadline`. A pending timer moves. NEVER only stops it. */
void timer_start(struct timer *timer, nanoseconds deadline);

/* The callback will not come, unless it already has. */
void timer_stop(struct timer *timer);

bool timer_pending(const struct timer *timer);

#endif
