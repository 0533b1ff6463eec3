/* SPDX-License-Identifier: ISC */
/*
 * Device type `time`: waiting.
 *
 * Implementations.  default_time (runtime/default_time.c): the run loop's timers.
 *                   mock_time (mock_clock.h): a clock that a test moves.
 */
#ifndef MIRAGE_TIME_H
#define MIRAGE_TIME_H

#include <mirage/attributes.h>
#include <mirage/duration.h>

struct time_ops {
	int (*sleep_until)(const void *self, nanoseconds deadline);
	nanoseconds (*now)(const void *self);
};

struct time {
	const struct time_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* The clock that deadlines for this device refer to. */
static inline nanoseconds time_now(const struct time *time)
{
	return time->ops->now(time->self);
}

/* Block the calling fiber until `deadline`. 0 or -ECANCELED. */
static inline must_check int time_sleep_until(const struct time *time, nanoseconds deadline)
{
	return time->ops->sleep_until(time->self, deadline);
}

/* Block the calling fiber for `duration`. 0 or -ECANCELED. */
static inline must_check int time_sleep_ns(const struct time *time, nanoseconds duration)
{
	return time_sleep_until(time, deadline_after(time_now(time), duration));
}

/* default_time has no state: its `self` is NULL. */
extern const struct time_ops default_time_ops;

#endif
