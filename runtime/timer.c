// SPDX-License-Identifier: ISC
/* Timers of the current runtime. */
#include <mirage/timer.h>

#include "runtime/runtime_object.h"

void timer_init(struct timer *timer, void (*expired)(struct timer *timer))
{
	list_init(&timer->link);
	timer->deadline = NEVER;
	timer->expired = expired;
}

void timer_start(struct timer *timer, nanoseconds deadline)
{
	list_remove(&timer->link);
	timer->deadline = deadline;
	if (deadline != NEVER)
		timer_wheel_insert(&runtime_current()->wheel, timer);
}

void timer_stop(struct timer *timer)
{
	list_remove(&timer->link);
}

bool timer_pending(const struct timer *timer)
{
	return !list_empty(&timer->link);
}
