/* SPDX-License-Identifier: ISC */
/*
 * default_monotonic_clock: the target's monotonic clock.
 */
#include <mirage/monotonic_clock.h>

#include <mirage/runtime.h>

static nanoseconds default_monotonic_clock_now(const void *self)
{
	(void)self;
	return runtime_now();
}

const struct monotonic_clock_ops default_monotonic_clock_ops = {
	.now = default_monotonic_clock_now,
};
