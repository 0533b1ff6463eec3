/* SPDX-License-Identifier: ISC */
/*
 * Mutual exclusion between fibers of one instance, for critical sections that block. Code that
 * does not block needs none: nothing preempts a fiber. Handed over in order of arrival.
 */
#ifndef MIRAGE_MUTEX_H
#define MIRAGE_MUTEX_H

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/wait_queue.h>

struct fiber;

struct mutex {
	struct fiber *owner;       /* private */
	struct wait_queue waiters; /* private */
};

void mutex_init(struct mutex *mutex);

/*
 * 0           the calling fiber holds the mutex
 * -EDEADLK    it already did
 * -ETIMEDOUT, -ECANCELED  it does not hold it
 */
must_check int mutex_lock(struct mutex *mutex, nanoseconds deadline);

/* Release a mutex that the calling fiber holds; anything else is a bug and aborts. */
void mutex_unlock(struct mutex *mutex);

#endif
