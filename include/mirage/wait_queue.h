/* SPDX-License-Identifier: ISC */
/*
 * Wait queues: the one primitive on which every blocking call is built.
 *
 * Model.      Fibers wait in a queue until somebody wakes them. Waking an empty queue does
 *             nothing and is not remembered, so a waiter checks its condition in a loop.
 * Ownership.  The queue lives in the caller's storage and must be empty when that goes.
 * Context.    Waiting: a fiber. Waking: anything on the instance's core, drivers inside the
 *             target's `wait` included.
 */
#ifndef MIRAGE_WAIT_QUEUE_H
#define MIRAGE_WAIT_QUEUE_H

#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/list.h>

struct wait_queue {
	struct list waiters; /* private */
};

void wait_queue_init(struct wait_queue *queue);

/*
 * Block the calling fiber until it is woken.
 *
 * 0           woken
 * -ETIMEDOUT  `deadline` came first (at once if it has passed)
 * -ECANCELED  the fiber is cancelled
 */
must_check int wait_queue_wait(struct wait_queue *queue, nanoseconds deadline);

/* Wake the fiber that has waited longest, or all; they run later. Returns how many were woken. */
size_t wait_queue_wake_one(struct wait_queue *queue);
size_t wait_queue_wake_all(struct wait_queue *queue);

#endif
