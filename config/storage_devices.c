// SPDX-License-Identifier: ISC
/* Key/value stores and file systems, as config.c names them. */
#include <mirage/config.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a node was made is then the place that uses it: `mirage` looks the name up in config.c. */
static const struct location unknown = { .file = "", .line = 0 };

static char *text_of(const char *format, ...) printf_like(1, 2);

static char *text_of(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;

	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		config_fail_at(unknown, "out of memory");
	return text;
}

/* "t/www" -> "t_www": what may stand in a name in C. */
static char *identifier_of(const char *folder)
{
	char *text = text_of("%s", folder);

	for (char *c = text; *c != '\0'; c++)
		if (isalnum((unsigned char)*c) == 0)
			*c = '_';
	return text;
}

kv_ro_impl *crunch(const char *folder)
{
	char *name = text_of("static_%s", identifier_of(folder));
	const char *index = text_of("_build/%s.c", name);
	const char *bytes = text_of("_build/%s_files.S", name);
	const char *command = text_of("'$(ROOT)/bin/mirage' crunch --name=%s %s $@", name, folder);

	return (kv_ro_impl *)device_new(
		unknown, &kv_ro_type, "crunch",
		&(struct device){
			.header = "mirage/crunch.h",
			.declaration = text_of("extern const struct crunch_index %s;", name),
			.values = VALUES(C_VALUE(index, text_of("&%s", name))),
			.sources = FILES(index, bytes),
			.rules = RULES(
				RULE(.output = index, .folders = FILES(folder), .command = command),
				RULE(.output = bytes, .folders = FILES(folder),
	                             .command = command)),
		});
}

kv_ro_impl *direct_kv_ro(const char *folder)
{
	return (kv_ro_impl *)device_new(unknown, &kv_ro_type, "direct_kv_ro",
	                                &(struct device){
						.header = "mirage/direct_kv.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.values = VALUES(TEXT_VALUE(path, folder)),
						.targets = TARGETS("unix"),
					});
}

kv_rw_impl *direct_kv_rw(const char *folder)
{
	return (kv_rw_impl *)device_new(unknown, &kv_rw_type, "direct_kv_rw",
	                                &(struct device){
						.header = "mirage/direct_kv.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.values = VALUES(TEXT_VALUE(path, folder)),
						.targets = TARGETS("unix"),
					});
}

kv_rw_impl *kv_rw_mem(void)
{
	return (kv_rw_impl *)device_new(
		unknown, &kv_rw_type, "kv_mem",
		&(struct device){
			.header = "mirage/kv_mem.h",
			.state = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(clock, default_wall_clock())),
		});
}

static const struct key key_kv_ro = {
	.identifier = "kv_ro",
	.location = { "", 0 },
	.type = ARGUMENT_ENUM,
	.names = "kv_ro",
	.value = "crunch",
	.doc = "Use a crunch or direct pass-through implementation for the unikernel.",
	.stage = KEY_STAGE_CONFIGURE,
	.choices = CHOICES("crunch", "direct"),
};

kv_ro_impl *generic_kv_ro(const char *folder)
{
	static bool declared;

	if (!declared)
		config_key_register(&key_kv_ro);
	declared = true;
	return match_impl(&key_kv_ro, crunch(folder), CASE("direct", direct_kv_ro(folder)));
}
