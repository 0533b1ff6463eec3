// SPDX-License-Identifier: ISC
/* Wait queues. */
#include <mirage/wait_queue.h>

#include "runtime/runtime_object.h"

void wait_queue_init(struct wait_queue *queue)
{
	list_init(&queue->waiters);
}

int wait_queue_wait(struct wait_queue *queue, nanoseconds deadline)
{
	struct runtime *runtime = runtime_current();
	struct fiber *self = runtime->current;

	list_append(&queue->waiters, &self->link);
	return fiber_block(runtime, self, deadline);
}

size_t wait_queue_wake_one(struct wait_queue *queue)
{
	if (list_empty(&queue->waiters))
		return 0;
	fiber_wake(runtime_current(), list_entry(queue->waiters.next, struct fiber, link), 0);
	return 1;
}

size_t wait_queue_wake_all(struct wait_queue *queue)
{
	size_t count = 0;

	while (wait_queue_wake_one(queue) > 0)
		count++;
	return count;
}
