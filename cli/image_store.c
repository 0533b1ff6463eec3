// SPDX-License-Identifier: ISC
/* FAT, tar and littlefs as formats of images. */
#include "cli/image_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/fat_kv.h>
#include <mirage/littlefs_kv.h>
#include <mirage/tar_kv.h>

#include "storage/fat/boot_sector.h"
#include "storage/fat/check.h"
#include "storage/fat/volume.h"
#include "storage/littlefs/check.h"
#include "storage/littlefs/volume.h"
#include "storage/tar/archive.h"
#include "storage/tar/check.h"
#include "storage/tar/header.h"

/* ------------------------------------------------------------------ FAT */

struct fat_image {
	struct fat_rw_state state;
	struct fat_rw fat;
};

static bool fat_recognise(const uint8_t *bytes, size_t length)
{
	uint32_t sector_size = length >= BOOT_SIZE ? bytes[BOOT_SECTOR_SIZE + 1] * 256u : 0;

	return sector_size >= 512 && sector_size <= 4096 &&
	       (sector_size & (sector_size - 1)) == 0 && bytes[BOOT_SECTOR_SIZE] == 0 &&
	       bytes[BOOT_MARK] == 0x55 && bytes[BOOT_MARK + 1] == 0xaa && bytes[BOOT_TABLES] != 0;
}

enum {
	CLUSTER = 2048,
	SECTORS_PER_CLUSTER = CLUSTER / 512,
	SLOTS_PER_CLUSTER = CLUSTER / SLOT_SIZE,
	ROOT_SLOTS = 512,
};

static uint64_t divide_up(uint64_t number, uint64_t by)
{
	return (number + by - 1) / by;
}

/* Slots that a name takes, or more: one, and its long name's. */
static uint64_t slots_of(size_t length)
{
	return 1 + divide_up(length, LONG_UNITS);
}

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (const char *c = path; *c != '\0'; c++)
		depth += *c == '/';
	return depth;
}

static size_t parent_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (size_t)(slash - path) : 0;
}

/* Slots in the root directory, and clusters of all others and of the files. */
static void count_fat(const struct folder *folder, uint64_t *root, uint64_t *clusters)
{
	const char *last = "";

	*root = *clusters = 0;
	for (size_t i = 0; i < folder->count; i++) {
		const struct folder_file *file = &folder->files[i];
		size_t parent = parent_length(file->path);

		*clusters += divide_up(file->length, CLUSTER);
		*root += slots_of(strcspn(file->path, "/"));
		/* A new folder: its own cluster, its name in its parent, and those of its parents. */
		if (parent > 0 && (strncmp(last, file->path, parent) != 0 || last[parent] != '/'))
			*clusters += 2 * depth_of(file->path);
		if (parent > 0)
			*clusters += slots_of(strlen(file->path) - parent) > SLOTS_PER_CLUSTER / 2;
		last = file->path;
	}
	/* Names in folders that are large. */
	*clusters += folder->count >= SLOTS_PER_CLUSTER / 4
	                     ? divide_up(folder->count * slots_of(255), SLOTS_PER_CLUSTER)
	                     : 0;
}

static uint64_t fat_size(const struct folder *folder)
{
	uint64_t root, clusters;

	count_fat(folder, &root, &clusters);
	clusters = clusters > 0 ? clusters : 1;
	uint64_t bits = clusters > FAT12_CLUSTERS_MAX ? 32 : 12;
	uint64_t table = divide_up((clusters + FAT_FIRST_CLUSTER) * bits, (uint64_t)8 * 512);

	root = root > ROOT_SLOTS ? root : ROOT_SLOTS;
	return (1 + table + divide_up(root * SLOT_SIZE, 512) + clusters * SECTORS_PER_CLUSTER) *
	       512;
}

static int fat_make(struct image_store *store)
{
	return fat_format(&store->file.block,
	                  &(struct fat_format){ .without_label = store->without_label });
}

static int fat_open(struct image_store *store, bool write, const char **problem)
{
	struct fat_image *image = calloc(1, sizeof(*image));
	struct fat_volume volume;

	if (image == NULL)
		return -ENOMEM;
	image->fat = (struct fat_rw){ .state = &image->state,
		                      .block = &store->file.block,
		                      .clock = &store->clock };
	store->state = image;
	int error = fat_volume_open(&volume, &store->file.block);

	*problem = volume.problem;
	if (error == 0) {
		fat_volume_close(&volume);
		/* The same for both, but that fat_rw wants to write. */
		error = write ? fat_rw_connect(&image->fat)
		              : fat_ro_connect(&(struct fat_ro){ .state = &image->state,
		                                                 .block = &store->file.block });
	}
	store->writer = (struct kv_rw){ .ops = &fat_rw_ops, .self = &image->fat };
	store->reader = kv_rw_reader(&store->writer);
	return error;
}

static int fat_image_check(struct image_store *store, finding_report *report, void *context)
{
	const struct fat_image *image = store->state;

	return fat_check(image->state.volume, report, context);
}

static void fat_close(struct image_store *store)
{
	struct fat_image *image = store->state;

	if (image == NULL)
		return;
	fat_rw_disconnect(&image->fat);
	free(image);
}

static const struct image_format fat_image_format = {
	.name = "fat",
	.title = "a FAT file system",
	.recognise = fat_recognise,
	.size = fat_size,
	.make = fat_make,
	.open = fat_open,
	.close = fat_close,
	.check = fat_image_check,
};

/* ------------------------------------------------------------------ tar */

struct tar_image {
	struct tar_kv_rw_state state;
	struct tar_kv_rw tar;
};

static bool tar_recognise(const uint8_t *bytes, size_t length)
{
	struct tar_header header;
	int error = length >= TAR_BLOCK ? tar_header_parse(bytes, &header) : -EBADMSG;

	return error == 0 || error == -ENODATA;
}

static uint64_t tar_size(const struct folder *folder)
{
	uint64_t size = (uint64_t)2 * TAR_BLOCK, rounded;

	for (size_t i = 0; i < folder->count; i++)
		if (tar_round(folder->files[i].length, &rounded))
			size += rounded + (uint64_t)5 * TAR_BLOCK;
	return size;
}

static int tar_make(struct image_store *store)
{
	return tar_archive_format(&store->file.block);
}

static int tar_open(struct image_store *store, bool write, const char **problem)
{
	struct tar_image *image = calloc(1, sizeof(*image));

	(void)write;
	if (image == NULL)
		return -ENOMEM;
	image->tar = (struct tar_kv_rw){ .state = &image->state,
		                         .block = &store->file.block,
		                         .clock = &store->clock };
	store->state = image;
	store->writer = (struct kv_rw){ .ops = &tar_kv_rw_ops, .self = &image->tar };
	store->reader = kv_rw_reader(&store->writer);
	int error = tar_archive_open(&image->state.archive, &store->file.block);

	if (image->state.archive != NULL && image->state.archive->problem[0] != '\0')
		*problem = image->state.archive->problem;
	return error;
}

static int tar_image_check(struct image_store *store, finding_report *report, void *context)
{
	return tar_check(&store->file.block, report, context);
}

static void tar_close(struct image_store *store)
{
	struct tar_image *image = store->state;

	if (image == NULL)
		return;
	tar_kv_rw_disconnect(&image->tar);
	free(image);
}

static uint64_t tar_used(const struct image_store *store)
{
	const struct tar_image *image = store->state;

	return image->state.archive->end + (uint64_t)2 * TAR_BLOCK;
}

static const struct image_format tar_image_format = {
	.name = "tar",
	.title = "a tar archive",
	.recognise = tar_recognise,
	.size = tar_size,
	.make = tar_make,
	.open = tar_open,
	.close = tar_close,
	.check = tar_image_check,
	.used = tar_used,
};

/* ------------------------------------------------------------------ littlefs */

enum {
	LITTLEFS_BLOCK = 4096,
	LITTLEFS_ENTRY = 100, /* bytes that an entry takes besides its name, or more */
};

struct littlefs_image {
	struct littlefs_kv_state state;
	struct littlefs_kv littlefs;
};

static bool littlefs_recognise(const uint8_t *bytes, size_t length)
{
	return length >= 16 && memcmp(bytes + 8, "littlefs", 8) == 0;
}

static uint64_t littlefs_size(const struct folder *folder)
{
	uint64_t blocks = 2, names = 0;

	for (size_t i = 0; i < folder->count; i++) {
		const struct folder_file *file = &folder->files[i];

		names += strlen(file->path) + LITTLEFS_ENTRY;
		blocks += divide_up(file->length, LITTLEFS_BLOCK - 8);
		blocks += 2 * depth_of(file->path);
	}
	/* Divided directories are half full; a block or two are needed to write anew. */
	return (blocks + 4 * divide_up(names, LITTLEFS_BLOCK) + 4) * LITTLEFS_BLOCK;
}

static int littlefs_make(struct image_store *store)
{
	return littlefs_format(&store->file.block, LITTLEFS_BLOCK);
}

static int littlefs_image_open(struct image_store *store, bool write, const char **problem)
{
	struct littlefs_image *image = calloc(1, sizeof(*image));
	struct littlefs_volume volume;

	(void)write;
	if (image == NULL)
		return -ENOMEM;
	image->littlefs = (struct littlefs_kv){ .state = &image->state,
		                                .block = &store->file.block,
		                                .clock = &store->clock };
	store->state = image;
	store->writer = (struct kv_rw){ .ops = &littlefs_kv_ops, .self = &image->littlefs };
	store->reader = kv_rw_reader(&store->writer);
	int error = littlefs_open(&volume, &store->file.block);

	*problem = volume.problem;
	if (error != 0)
		return error;
	littlefs_close(&volume);
	return littlefs_kv_connect(&image->littlefs);
}

static int littlefs_image_check(struct image_store *store, finding_report *report, void *context)
{
	const struct littlefs_image *image = store->state;

	return littlefs_check(image->state.volume, report, context);
}

static void littlefs_image_close(struct image_store *store)
{
	struct littlefs_image *image = store->state;

	if (image == NULL)
		return;
	littlefs_kv_disconnect(&image->littlefs);
	free(image);
}

static const struct image_format littlefs_image_format = {
	.name = "littlefs",
	.title = "a littlefs file system",
	.recognise = littlefs_recognise,
	.size = littlefs_size,
	.make = littlefs_make,
	.open = littlefs_image_open,
	.close = littlefs_image_close,
	.check = littlefs_image_check,
};

/* ------------------------------------------------------------------ all */

const struct image_format *const image_formats[] = { &littlefs_image_format, &fat_image_format,
	                                             &tar_image_format, &crunch_image_format,
	                                             NULL };

const struct image_format *image_format_find(const char *name)
{
	for (size_t i = 0; image_formats[i] != NULL; i++)
		if (strcmp(image_formats[i]->name, name) == 0)
			return image_formats[i];
	return NULL;
}

const struct image_format *image_format_of(const struct image_file *file)
{
	uint8_t bytes[4096] = { 0 };
	size_t length = file->info.sector_count >= 8 ? sizeof(bytes)
	                                             : (size_t)file->info.sector_count * 512;

	if (length == 0 || block_read(&file->block, 0, bytes, length, NEVER) != 0)
		return NULL;
	for (size_t i = 0; image_formats[i] != NULL; i++)
		if (image_formats[i]->recognise(bytes, length))
			return image_formats[i];
	return NULL;
}
