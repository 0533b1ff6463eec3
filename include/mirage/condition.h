/* SPDX-License-Identifier: ISC */
/*
 * Condition variables: wait for a predicate that a mutex protects.
 */
#ifndef MIRAGE_CONDITION_H
#define MIRAGE_CONDITION_H

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/mutex.h>
#include <mirage/wait_queue.h>

struct condition {
	struct wait_queue waiters; /* private */
};

void condition_init(struct condition *condition);

/*
 * Release `mutex`, wait to be signalled, take `mutex` again. The mutex is held on return whatever
 * the result; taking it again is not interrupted by the deadline or by cancellation. Check the
 * predicate in a loop.
 *
 * 0, -ETIMEDOUT, -ECANCELED
 */
must_check int condition_wait(struct condition *condition, struct mutex *mutex,
                              nanoseconds deadline);

void condition_signal(struct condition *condition);    /* wake one waiter */
void condition_broadcast(struct condition *condition); /* wake all */

#endif
