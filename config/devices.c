// SPDX-License-Identifier: ISC
/* The device implementations that come with Mirage, as config.c names them. */
#include <mirage/config.h>

#include <string.h>

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

net_impl *netif(const char *name)
{
	if (name == NULL || name[0] == '\0')
		config_fail_at(unknown, "netif() needs the name of an interface, such as \"tap0\"");
	return (net_impl *)device_new(unknown, &net_type, "netif",
	                              &(struct device){
					      .header = "mirage/netif.h",
					      .state = true,
					      .connect = true,
					      .disconnect = true,
					      .values = VALUES(TEXT_VALUE(name, name)),
					      .targets = TARGETS("unix", "hvt", "spt"),
					      .manifest = MANIFEST_NET(name),
				      });
}

/* The tap of unix, by a key of its own. */
static net_impl *tap_by_key(void)
{
	static const struct key interface = {
		.identifier = "interface",
		.location = { .file = "", .line = 0 },
		.type = ARGUMENT_STRING,
		.value = "tap0",
		.doc = "The tap interface to use.",
		.placeholder = "INTERFACE",
		.section = "NETWORK",
	};
	static bool declared;

	if (!declared)
		config_key_register(&interface);
	declared = true;
	return (net_impl *)device_new(unknown, &net_type, "netif",
	                              &(struct device){
					      .header = "mirage/netif.h",
					      .state = true,
					      .connect = true,
					      .disconnect = true,
					      .values = VALUES(KEY_VALUE(interface, &interface)),
					      .targets = TARGETS("unix"),
				      });
}

net_impl *default_network(void)
{
	const char *target = get_target();

	return strcmp(target, "unix") == 0 ? tap_by_key() : netif("service");
}

random_impl *default_random(void)
{
	return (random_impl *)default_device(&random_type, "default_random");
}
