// SPDX-License-Identifier: ISC
/* The devices of an image's manifest, and what they are attached to on this machine. */
#include "cli/run_command.h"
#include "engine/diagnostic.h"
#include "engine/process.h"

#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mirage/arguments.h>

static const char *const option_names[] = { "net", "net-mac", "block", "block-sector-size" };

/* "--net:service=tap0" */
static bool read_option(const char *word, struct device_option *option)
{
	const char *colon = strchr(word, ':'), *equals = strchr(word, '=');

	if (strncmp(word, "--", 2) != 0 || colon == NULL || (equals != NULL && equals < colon))
		return false;
	for (size_t i = 0; i < sizeof(option_names) / sizeof(option_names[0]); i++) {
		size_t length = strlen(option_names[i]);

		if (strncmp(word + 2, option_names[i], length) != 0 || word + 2 + length != colon)
			continue;
		*option = (struct device_option){
			.option = option_names[i],
			.value = equals != NULL ? equals + 1 : "",
		};
		snprintf(option->name, sizeof(option->name), "%.*s",
		         (int)(equals != NULL ? (size_t)(equals - colon - 1) : strlen(colon + 1)),
		         colon + 1);
		return true;
	}
	return false;
}

/* The value that is given for a device, or NULL. */
static const char *value_for(const struct device_options *options, const char *option,
                             const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < options->count; i++) {
		const struct device_option *item = &options->items[i];

		if (strcmp(item->option, option) == 0 && strcmp(item->name, name) == 0)
			value = item->value;
	}
	return value;
}

int device_options_take(struct device_options *options, int argc, const char *argv[])
{
	int kept = 1, i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		struct device_option option;

		if (!read_option(argv[i], &option)) {
			argv[kept++] = argv[i];
			continue;
		}
		if (option.name[0] == '\0' || option.value[0] == '\0')
			return diagnostic_failure("write it as --net:NAME=INTERFACE or "
			                          "--block:NAME=FILE",
			                          "'%s' is not complete", argv[i]);
		if (value_for(options, option.option, option.name) != NULL)
			return diagnostic_failure(NULL, "--%s:%s is given twice", option.option,
			                          option.name);
		if (options->count == sizeof(options->items) / sizeof(options->items[0]))
			return diagnostic_failure(NULL, "there are too many devices");
		options->items[options->count++] = option;
	}
	for (; i < argc; i++)
		argv[kept++] = argv[i];
	argv[kept] = NULL;
	return kept;
}

static bool interface_exists(const char *name)
{
	return if_nametoindex(name) != 0;
}

/* Run `ip` with the words of `line`, or only say so. */
static int run_ip(const struct taps *taps, const char *const words[])
{
	struct process_result result;

	if (taps->dry_run) {
		putchar('*');
		for (size_t i = 0; words[i] != NULL; i++)
			printf(" %s", words[i]);
		putchar('\n');
		return 0;
	}
	int error = process_run(words, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);
	if (error != 0)
		return diagnostic_failure("apt-get install iproute2", "cannot run ip: %s",
		                          strerror(-error));
	if (result.status != 0)
		error = diagnostic_failure("is there a /dev/net/tun, and CAP_NET_ADMIN?",
		                           "`ip %s` failed: %s", words[1], result.output);
	process_result_free(&result);
	return error;
}

static int make_tap(struct taps *taps, const char *interface)
{
	const char *const add[] = { "ip", "tuntap", "add", "dev", interface, "mode", "tap", NULL };
	const char *const up[] = { "ip", "link", "set", "dev", interface, "up", NULL };
	int error = run_ip(taps, add);

	if (error != 0)
		return error;
	snprintf(taps->names[taps->count], sizeof(taps->names[0]), "%s", interface);
	taps->count++;
	error = run_ip(taps, up);
	if (error == 0 && !taps->dry_run && diagnostic_verbosity() != VERBOSITY_QUIET)
		fprintf(stderr,
		        "mirage: made the network interface %s, to be removed at the end. To give "
		        "this machine an address on it: ip addr add 10.0.0.1/24 dev %s\n",
		        interface, interface);
	return error;
}

void taps_remove(const struct taps *taps)
{
	for (size_t i = 0; i < taps->count; i++)
		error_ignore(
			run_ip(taps, (const char *const[]){ "ip", "tuntap", "del", "dev",
		                                            taps->names[i], "mode", "tap", NULL }),
			"it is reported, and the image has ended");
}

/*
 * The interface of a device's own name. Names of interfaces are short: of a longer one its beginning
 * and a number that it alone has (FNV-1a), so that two that begin alike do not meet.
 */
static void default_interface(const char *name, char interface[IFNAMSIZ])
{
	uint32_t number = 2166136261;

	for (const char *c = name; *c != '\0'; c++)
		number = (number ^ (uint8_t)*c) * 16777619;
	if (strlen(name) < IFNAMSIZ)
		snprintf(interface, IFNAMSIZ, "%s", name);
	else
		snprintf(interface, IFNAMSIZ, "%.8s-%06x", name, number & 0xffffff);
}

static int attach_net(const struct device_options *options, const char *name, struct words *words,
                      struct taps *taps)
{
	const char *given = value_for(options, "net", name);
	const char *mac = value_for(options, "net-mac", name);
	char interface[IFNAMSIZ], hint[512];

	default_interface(name, interface);
	if (given == NULL)
		given = interface;
	if (mac != NULL)
		words_add(words, "--net-mac:%s=%s", name, mac);
	words_add(words, "--net:%s=%s", name, given);
	if (given[0] == '@' || interface_exists(given))
		return 0;
	if (strlen(given) >= IFNAMSIZ || strchr(given, '/') != NULL)
		return diagnostic_failure("interfaces have up to 15 letters",
		                          "'%s' cannot be the name of a network interface", given);
	if (geteuid() == 0)
		return make_tap(taps, given);
	snprintf(hint, sizeof(hint),
	         "make it with `sudo ip tuntap add dev %s mode tap user $USER` and `sudo ip link "
	         "set dev %s up`, or name another with --net:%s=INTERFACE",
	         given, given, name);
	return diagnostic_failure(hint, "network device '%s': there is no interface '%s'", name,
	                          given);
}

/* A disk image of the project that may be the one that is meant. */
static bool image_nearby(char path[], size_t size)
{
	glob_t found;
	bool any = glob("*.img", 0, NULL, &found) == 0 && found.gl_pathc > 0;

	if (any)
		snprintf(path, size, "%s", found.gl_pathv[0]);
	globfree(&found);
	return any;
}

static int report_missing(const char *name, const char *path, bool given)
{
	bool there = access(path, F_OK) == 0;
	char nearby[256], hint[1024];

	if (there)
		snprintf(hint, sizeof(hint), "images read and write their disks");
	else if (given)
		snprintf(hint, sizeof(hint),
		         "correct the path, or make an empty file of 1 MiB with "
		         "`truncate -s 1M %s`",
		         path);
	else
		snprintf(hint, sizeof(hint),
		         "name a file or a disk with --block:%s=%s; `truncate -s 1M %s` makes an "
		         "empty one",
		         name, image_nearby(nearby, sizeof(nearby)) ? nearby : "PATH", path);
	return diagnostic_failure(hint, "block device '%s': '%s' %s", name, path,
	                          there ? "cannot be read and written" : "does not exist");
}

static int attach_block(const struct device_options *options, const char *name, struct words *words)
{
	const char *given = value_for(options, "block", name);
	const char *sector_size = value_for(options, "block-sector-size", name);
	char in_project[128], in_dist[128];

	snprintf(in_project, sizeof(in_project), "%s.img", name);
	snprintf(in_dist, sizeof(in_dist), "dist/%s.img", name);
	bool built = access(in_project, F_OK) != 0 && access(in_dist, F_OK) == 0;
	const char *path = given != NULL ? given : built ? in_dist : in_project;
	if (sector_size != NULL)
		words_add(words, "--block-sector-size:%s=%s", name, sector_size);
	words_add(words, "--block:%s=%s", name, path);
	if (access(path, R_OK | W_OK) == 0)
		return 0;
	return report_missing(name, path, given != NULL);
}

static const char *text_of(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text != NULL ? text : "";
}

static bool is_for(const struct device_option *option, const json_t *device)
{
	const char *type = strncmp(option->option, "net", 3) == 0 ? "NET_BASIC" : "BLOCK_BASIC";

	return strcmp(option->name, text_of(device, "name")) == 0 &&
	       strcmp(type, text_of(device, "type")) == 0;
}

static int report_unknown(const struct device_option *option, const json_t *devices)
{
	const char *names[RUN_DEVICES_MAX];
	size_t count = 0, index;
	json_t *device;
	char hint[512] = "it asks for none";

	json_array_foreach(devices, index, device)
	{
		size_t used = count > 0 ? strlen(hint) : 0;

		names[count++] = text_of(device, "name");
		snprintf(hint + used, sizeof(hint) - used, "%s'%s'",
		         used == 0 ? "it asks for " : ", ", names[count - 1]);
	}
	const char *nearest = nearest_name(option->name, names, count);
	if (nearest != NULL && strcmp(nearest, option->name) != 0)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
	return diagnostic_failure(hint, "the image has no %s device '%s'",
	                          strncmp(option->option, "net", 3) == 0 ? "network" : "block",
	                          option->name);
}

/* Each option must be for a device of the image. */
static int check_options(const struct device_options *options, const json_t *devices)
{
	for (size_t i = 0; i < options->count; i++) {
		bool known = false;
		size_t index;
		json_t *device;

		json_array_foreach(devices, index, device)
		{
			known = known || is_for(&options->items[i], device);
		}
		if (!known)
			return report_unknown(&options->items[i], devices);
	}
	return 0;
}

int devices_attach(const struct device_options *options, struct words *words, struct taps *taps)
{
	json_t *manifest = json_load_file("mirage/manifest.json", 0, NULL);
	const json_t *devices = json_object_get(manifest, "devices");
	size_t count = json_array_size(devices);
	int error = 0;

	if (!json_is_array(devices) || count > RUN_DEVICES_MAX)
		error = diagnostic_failure("run `mirage configure`",
		                           "mirage/manifest.json is missing or damaged");
	if (error == 0)
		error = check_options(options, devices);
	/* Interfaces last: nothing has to be undone when a file is missing. */
	for (size_t i = 0; i < count && error == 0; i++) {
		const json_t *device = json_array_get(devices, i);

		if (strcmp(text_of(device, "type"), "BLOCK_BASIC") == 0)
			error = attach_block(options, text_of(device, "name"), words);
	}
	for (size_t i = 0; i < count && error == 0; i++) {
		const json_t *device = json_array_get(devices, i);

		if (strcmp(text_of(device, "type"), "NET_BASIC") == 0)
			error = attach_net(options, text_of(device, "name"), words, taps);
	}
	json_decref(manifest);
	return error;
}
