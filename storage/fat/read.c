// SPDX-License-Identifier: ISC
/* A FAT volume as a store to read from. */
#include "storage/fat/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/log.h>

#include "storage/fat/file.h"
#include "storage/kv/name_list.h"

LOG_SOURCE(fat_log, "fat");

struct fat_volume *fat_volume_of(const void *self)
{
	void *const *state = self;

	return *(struct fat_volume *const *)*state;
}

int fat_connect(struct fat_volume **made, const struct block *block)
{
	struct fat_volume *volume = malloc(sizeof(*volume));
	int error = volume != NULL ? fat_volume_open(volume, block) : -ENOMEM;

	if (error == -EBADMSG)
		log_error_from(&fat_log, "%s", volume->problem);
	if (error != 0) {
		free(volume);
		volume = NULL;
	}
	*made = volume;
	return error;
}

void fat_disconnect(struct fat_volume **volume)
{
	if (*volume != NULL)
		fat_volume_close(*volume);
	free(*volume);
	*volume = NULL;
}

int fat_kv_lock(const void *self)
{
	return medium_lock(&fat_volume_of(self)->medium);
}

void fat_kv_unlock(const void *self)
{
	medium_unlock(&fat_volume_of(self)->medium);
}

/* fat_find(), alone with the volume. */
static int find(struct fat_volume *volume, struct kv_key key, struct fat_entry *entry)
{
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = fat_find(volume, key, entry);
	medium_unlock(&volume->medium);
	return error;
}

int fat_kv_exists(const void *self, struct kv_key key, enum kv_kind *kind)
{
	struct fat_entry entry;
	int error = find(fat_volume_of(self), key, &entry);

	*kind = error != 0 ? KV_NONE : entry.is_directory ? KV_DICTIONARY : KV_VALUE;
	return error == -ENOENT ? 0 : error;
}

int fat_kv_size(const void *self, struct kv_key key, uint64_t *size)
{
	struct fat_volume *volume = fat_volume_of(self);
	struct fat_entry entry;
	int error = find(volume, key, &entry);

	if (error != 0)
		return error;
	*size = entry.size;
	if (entry.is_directory)
		return -EISDIR;
	/* Else who asks for the value would make room for what cannot be there. */
	return entry.size > (uint64_t)volume->cluster_count * volume->cluster_size ? -EBADMSG : 0;
}

ssize_t fat_kv_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                        size_t length)
{
	struct fat_volume *volume = fat_volume_of(self);
	struct fat_entry entry;
	ssize_t result = medium_lock(&volume->medium);

	if (result != 0)
		return result;
	result = fat_find(volume, key, &entry);
	if (result == 0)
		result = entry.is_directory ? -EISDIR
		                            : fat_file_read(volume, &entry, offset, bytes, length);
	medium_unlock(&volume->medium);
	return result;
}

/* Call `each` for the entries of a directory until it says other than 0. */
static int for_each(const void *self, struct kv_key key,
                    int (*each)(void *context, const struct fat_walk *walk), void *context)
{
	struct fat_volume *volume = fat_volume_of(self);
	struct fat_walk *walk = NULL;
	struct fat_entry entry;
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = fat_find(volume, key, &entry);
	if (error == 0)
		error = entry.is_directory ? fat_walk_new(&walk, volume, entry.cluster) : -ENOTDIR;
	while (error == 0) {
		error = fat_walk_next(walk);
		if (error != 1)
			break;
		error = each(context, walk);
	}
	free(walk);
	medium_unlock(&volume->medium);
	return error;
}

static int add_name(void *context, const struct fat_walk *walk)
{
	return name_list_add(context, walk->name,
	                     walk->entry.is_directory ? KV_DICTIONARY : KV_VALUE);
}

int fat_kv_list(const void *self, struct kv_key key, kv_visit *visit, void *context)
{
	struct name_list list = { .length = 0 };
	int error = for_each(self, key, add_name, &list);

	if (error == 0)
		error = name_list_visit(&list, visit, context);
	name_list_free(&list);
	return error;
}

static int keep_latest(void *context, const struct fat_walk *walk)
{
	nanoseconds *latest = context;

	if (!walk->entry.is_directory && walk->entry.modified > *latest)
		*latest = walk->entry.modified;
	return 0;
}

int fat_kv_last_modified(const void *self, struct kv_key key, nanoseconds *wall)
{
	struct fat_entry entry;
	int error = find(fat_volume_of(self), key, &entry);

	if (error != 0)
		return error;
	*wall = entry.is_directory ? 0 : entry.modified;
	return entry.is_directory ? for_each(self, key, keep_latest, wall) : 0;
}
