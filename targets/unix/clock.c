/* SPDX-License-Identifier: ISC */
/*
 * The unix target's clocks, and the time zone of TZ or of the machine.
 */
#include "targets/unix/operations.h"

#include <errno.h>
#include <time.h>

static nanoseconds clock_read(clockid_t clock)
{
	struct timespec now;

	/* A wall clock set before 1970 has no representation here; 1970 is what it gets. */
	if (clock_gettime(clock, &now) != 0 || now.tv_sec < 0)
		return 0;
	return deadline_after(duration_of_sec((uint64_t)now.tv_sec), (nanoseconds)now.tv_nsec);
}

nanoseconds unix_clock_monotonic(void *state)
{
	(void)state;
	return clock_read(CLOCK_MONOTONIC);
}

nanoseconds unix_clock_wall(void *state)
{
	(void)state;
	return clock_read(CLOCK_REALTIME);
}

int unix_clock_utc_offset(void *state, nanoseconds wall, int32_t *offset_s)
{
	time_t seconds = (time_t)(wall / 1000000000);
	struct tm local;

	(void)state;
	if (localtime_r(&seconds, &local) == NULL)
		return -ENOTSUP;
	*offset_s = (int32_t)local.tm_gmtoff;
	return 0;
}
