// SPDX-License-Identifier: ISC
/* Key/value stores, as config.c names them. */
#include <mirage/config.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text_of(const char *format, ...) printf_like(1, 2);

/* Lives as long as the evaluation. */
static char *text_of(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;

	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	return text;
}

static void check_folder(struct location here, const char *constructor, const char *folder)
{
	if (folder == NULL || *folder == '\0')
		config_fail_at(here, "%s() needs a folder", constructor);
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

kv_ro_impl *crunch_at(struct location here, const char *folder)
{
	check_folder(here, "crunch", folder);
	const char *name = text_of("static_%s", identifier_of(folder));
	const char *index = text_of("_build/%s.c", name);
	const char *bytes = text_of("_build/%s_files.S", name);
	const char *command = text_of("'$(ROOT)/bin/mirage' crunch --name=%s %s $@", name, folder);

	return (kv_ro_impl *)device_new(
		here, &kv_ro_type, "crunch",
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

static struct impl *direct(struct location here, const struct device_type *type, const char *name,
                           const char *folder)
{
	check_folder(here, name, folder);
	return device_new(here, type, name,
	                  &(struct device){
				  .header = "mirage/direct_kv.h",
				  .state = true,
				  .connect = true,
				  .disconnect = true,
				  .values = VALUES(TEXT_VALUE(path, folder)),
				  .targets = TARGETS("unix"),
			  });
}

kv_ro_impl *direct_kv_ro_at(struct location here, const char *folder)
{
	return (kv_ro_impl *)direct(here, &kv_ro_type, "direct_kv_ro", folder);
}

kv_rw_impl *direct_kv_rw_at(struct location here, const char *folder)
{
	return (kv_rw_impl *)direct(here, &kv_rw_type, "direct_kv_rw", folder);
}

kv_ro_impl *tar_kv_ro_at(struct location here, block_impl *block)
{
	return (kv_ro_impl *)device_new(here, &kv_ro_type, "tar_kv_ro",
	                                &(struct device){
						.header = "mirage/tar_kv.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.devices = DEVICES(WIRE(block, block)),
					});
}

kv_rw_impl *tar_kv_rw_at(struct location here, block_impl *block)
{
	return (kv_rw_impl *)device_new(
		here, &kv_rw_type, "tar_kv_rw",
		&(struct device){
			.header = "mirage/tar_kv.h",
			.state = true,
			.connect = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(block, block), WIRE(clock, default_wall_clock())),
		});
}

kv_rw_impl *kv_rw_mem_at(struct location here, const struct kv_rw_mem_fields *fields)
{
	return (kv_rw_impl *)device_new(
		here, &kv_rw_type, "kv_mem",
		&(struct device){
			.header = "mirage/kv_mem.h",
			.state = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(clock, default_wall_clock())),
			.values = VALUES(C_VALUE(
				bytes_max, text_of("UINT64_C(%" PRIu64 ")", fields->bytes_max))),
		});
}
