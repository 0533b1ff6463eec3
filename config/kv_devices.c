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

kv_ro_impl *fat_ro_at(struct location here, block_impl *block)
{
	return (kv_ro_impl *)device_new(here, &kv_ro_type, "fat_ro",
	                                &(struct device){
						.header = "mirage/fat_kv.h",
						.state = true,
						.connect = true,
						.disconnect = true,
						.devices = DEVICES(WIRE(block, block)),
					});
}

kv_rw_impl *fat_rw_at(struct location here, block_impl *block)
{
	return (kv_rw_impl *)device_new(
		here, &kv_rw_type, "fat_rw",
		&(struct device){
			.header = "mirage/fat_kv.h",
			.state = true,
			.connect = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(block, block), WIRE(clock, default_wall_clock())),
		});
}

/* The folders that images are made of, each once; the number of one counts from 1. */
struct imaged {
	const struct imaged *next;
	const char *folder;
	unsigned number;
};

static unsigned number_of_folder(const struct imaged **all, const char *folder)
{
	unsigned count = 0;

	for (const struct imaged *known = *all; known != NULL; known = known->next, count++)
		if (strcmp(known->folder, folder) == 0)
			return known->number;
	struct imaged *added = malloc(sizeof(*added));

	if (added == NULL)
		abort();
	*added = (struct imaged){ .next = *all, .folder = folder, .number = count + 1 };
	*all = added;
	return added->number;
}

/* A store on a file that the build makes of a folder: a device of the manifest, on Solo5. */
static kv_ro_impl *image_of_folder(struct location here, const char *implementation,
                                   const char *header, const char *format, const char *folder,
                                   const char *image)
{
	const char *file = text_of("%s.%s", image, strcmp(format, "fat") == 0 ? "img" : format);
	block_impl *block = block_of_file_at(here, get_mode() == MODE_UNIX ? file : image,
	                                     &(struct block_of_file_fields){ .read_only = true });

	return (kv_ro_impl *)device_new(
		here, &kv_ro_type, implementation,
		&(struct device){
			.header = header,
			.state = true,
			.connect = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(block, block)),
			.rules = RULES(
				RULE(.output = file, .folders = FILES(folder),
	                             .command = text_of(
					     "'$(ROOT)/bin/mirage' image make -f %s%s %s $@",
					     format,
					     strcmp(format, "fat") == 0 ? " --without-label" : "",
					     folder))),
		});
}

fs_impl *fat_of_files_at(struct location here, const char *folder)
{
	static const struct imaged *all;

	check_folder(here, "fat_of_files", folder);
	return (fs_impl *)image_of_folder(here, "fat_ro", "mirage/fat_kv.h", "fat", folder,
	                                  text_of("fat%u", number_of_folder(&all, folder)));
}

kv_ro_impl *archive_of_files_at(struct location here, const char *folder)
{
	static const struct imaged *all;

	check_folder(here, "archive_of_files", folder);
	return image_of_folder(here, "tar_kv_ro", "mirage/tar_kv.h", "tar", folder,
	                       text_of("archive%u", number_of_folder(&all, folder)));
}

kv_ro_impl *kv_ro_of_fs(fs_impl *fs)
{
	return (kv_ro_impl *)fs;
}

kv_rw_impl *littlefs_at(struct location here, block_impl *block)
{
	return (kv_rw_impl *)device_new(
		here, &kv_rw_type, "littlefs_kv",
		&(struct device){
			.header = "mirage/littlefs_kv.h",
			.state = true,
			.connect = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(block, block), WIRE(clock, default_wall_clock())),
		});
}

kv_ro_impl *docteur_at(struct location here, const char *remote)
{
	config_fail_at(here,
	               "docteur(\"%s\"): repositories of git are no devices here: check it out "
	               "beside config.c (git clone --depth=1) and give the folder to crunch(), "
	               "archive_of_files() or fat_of_files()",
	               remote);
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
