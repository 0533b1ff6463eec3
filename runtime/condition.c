// SPDX-License-Identifier: ISC
/* Condition variables. */
#include <mirage/condition.h>

#include <mirage/fiber.h>

void condition_init(struct condition *condition)
{
	wait_queue_init(&condition->waiters);
}

int condition_wait(struct condition *condition, struct mutex *mutex, nanoseconds deadline)
{
	mutex_unlock(mutex);
	int result = wait_queue_wait(&condition->waiters, deadline);
	fiber_shield();
	error_ignore(mutex_lock(mutex, NEVER), "shielded, without deadline, and not held");
	fiber_unshield();
	return result;
}

void condition_signal(struct condition *condition)
{
	wait_queue_wake_one(&condition->waiters);
}

void condition_broadcast(struct condition *condition)
{
	wait_queue_wake_all(&condition->waiters);
}
