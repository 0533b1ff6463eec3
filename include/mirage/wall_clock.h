/* SPDX-License-Identifier: ISC */
/*
 * Device type `wall_clock`: the time of day (MirageOS's pclock, later ptime).
 *
 * Implementations.  default_wall_clock: the target's clock.
 *                   mock_wall_clock (mock_clock.h): a clock that a test sets.
 */
#ifndef MIRAGE_WALL_CLOCK_H
#define MIRAGE_WALL_CLOCK_H

#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

struct wall_clock_ops {
	nanoseconds (*now)(const void *self);
	int (*utc_offset)(const void *self, nanoseconds when, int32_t *offset_s);
};

struct wall_clock {
	const struct wall_clock_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* Nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted. May jump. */
static inline nanoseconds wall_clock_now(const struct wall_clock *clock)
{
	return clock->ops->now(clock->self);
}

/*
 * Local time's distance from UTC at `when`, in seconds, east positive.
 *
 * -ENOTSUP  no time zone is known
 */
static inline must_check int wall_clock_utc_offset(const struct wall_clock *clock, nanoseconds when,
                                                   int32_t *offset_s)
{
	return clock->ops->utc_offset(clock->self, when, offset_s);
}

/* default_wall_clock has no state: its `self` is NULL. */
extern const struct wall_clock_ops default_wall_clock_ops;

#endif
