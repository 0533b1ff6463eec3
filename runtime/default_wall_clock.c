/* SPDX-License-Identifier: ISC */
/*
 * default_wall_clock: the target's time of day and time zone.
 */
#include <mirage/wall_clock.h>

#include <errno.h>

#include <mirage/runtime.h>

static nanoseconds default_wall_clock_now(const void *self)
{
	const struct target *target = runtime_target(runtime_current());

	(void)self;
	return target->ops->clock_wall(target->state);
}

static int default_wall_clock_utc_offset(const void *self, nanoseconds when, int32_t *offset_s)
{
	const struct target *target = runtime_target(runtime_current());

	(void)self;
	if (target->ops->utc_offset == NULL)
		return -ENOTSUP;
	return target->ops->utc_offset(target->state, when, offset_s);
}

const struct wall_clock_ops default_wall_clock_ops = {
	.now = default_wall_clock_now,
	.utc_offset = default_wall_clock_utc_offset,
};
