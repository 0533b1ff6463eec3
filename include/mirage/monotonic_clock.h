/* SPDX-License-Identifier: ISC */
/*
 * Device type `monotonic_clock`: elapsed time (MirageOS's mclock, later mtime).
 *
 * Implementations.  default_monotonic_clock: the target's clock.
 *                   mock_monotonic_clock (mock_clock.h): a clock that a test sets.
 */
#ifndef MIRAGE_MONOTONIC_CLOCK_H
#define MIRAGE_MONOTONIC_CLOCK_H

#include <mirage/duration.h>

struct monotonic_clock_ops {
	nanoseconds (*now)(const void *self);
};

struct monotonic_clock {
	const struct monotonic_clock_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* Nanoseconds since some moment before the image started. Never goes back. */
static inline nanoseconds monotonic_clock_now(const struct monotonic_clock *clock)
{
	return clock->ops->now(clock->self);
}

/* default_monotonic_clock has no state: its `self` is NULL. */
extern const struct monotonic_clock_ops default_monotonic_clock_ops;

#endif
