// SPDX-License-Identifier: ISC
/* The device implementations that come with Mirage, as config.c names them. */
#include <mirage/config.h>

/* Where a node was made is then the place that uses it: `mirage` looks the name up in config.c. */
static const struct location unknown = { .file = "", .line = 0 };

static struct impl *default_device(const struct device_type *type, const char *name)
{
	return device_new(unknown, type, name, &(struct device){ .header = NULL });
}

time_impl *default_time(void)
{
	return (time_impl *)default_device(&time_type, "default_time");
}

wall_clock_impl *default_wall_clock(void)
{
	return (wall_clock_impl *)default_device(&wall_clock_type, "default_wall_clock");
}

monotonic_clock_impl *default_monotonic_clock(void)
{
	return (monotonic_clock_impl *)default_device(&monotonic_clock_type,
	                                              "default_monotonic_clock");
}

console_impl *default_console(void)
{
	return (console_impl *)default_device(&console_type, "default_console");
}

random_impl *default_random(void)
{
	return (random_impl *)default_device(&random_type, "default_random");
}
