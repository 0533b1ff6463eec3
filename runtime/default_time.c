/* SPDX-License-Identifier: ISC */
/*
 * default_time: sleeping on the run loop's timers.
 */
#include <mirage/time.h>

#include <mirage/fiber.h>
#include <mirage/runtime.h>

static int default_time_sleep_until(const void *self, nanoseconds deadline)
{
	(void)self;
	return fiber_sleep_until(deadline);
}

static nanoseconds default_time_now(const void *self)
{
	(void)self;
	return runtime_now();
}

const struct time_ops default_time_ops = {
	.sleep_until = default_time_sleep_until,
	.now = default_time_now,
};
