// SPDX-License-Identifier: ISC
/* Mutexes: whoever unlocks hands over to the one that has waited longest. */
#include <mirage/mutex.h>

#include <errno.h>

#include "runtime/bug.h"
#include "runtime/runtime_object.h"

void mutex_init(struct mutex *mutex)
{
	mutex->owner = NULL;
	wait_queue_init(&mutex->waiters);
}

int mutex_lock(struct mutex *mutex, nanoseconds deadline)
{
	struct fiber *self = runtime_current()->current;

	if (mutex->owner == self)
		return -EDEADLK;
	if (mutex->owner != NULL) /* a wake-up comes with the ownership */
		return wait_queue_wait(&mutex->waiters, deadline);
	mutex->owner = self;
	return 0;
}

void mutex_unlock(struct mutex *mutex)
{
	struct list *waiters = &mutex->waiters.waiters;

	if (mutex->owner != runtime_current()->current)
		bug("mutex_unlock() by a fiber that does not hold the mutex");
	mutex->owner = list_empty(waiters) ? NULL : list_entry(waiters->next, struct fiber, link);
	wait_queue_wake_one(&mutex->waiters);
}
