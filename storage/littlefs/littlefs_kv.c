// SPDX-License-Identifier: ISC
/* littlefs_kv: a littlefs volume as a store. */
#include <mirage/littlefs_kv.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/log.h>

#include "storage/kv/name_list.h"
#include "storage/littlefs/tree.h"

LOG_SOURCE(littlefs_log, "littlefs");

static struct littlefs_volume *volume_of(const void *self)
{
	const struct littlefs_kv *kv = self;

	return kv->state->volume;
}

static int kv_lock(const void *self)
{
	return medium_lock(&volume_of(self)->medium);
}

static void kv_unlock(const void *self)
{
	medium_unlock(&volume_of(self)->medium);
}

/* littlefs_find(), for whom a file on the way means that there is nothing. */
static int find(struct littlefs_volume *volume, struct kv_key key, struct littlefs_place *place)
{
	int error = littlefs_find(volume, key, place);

	if (error != 0)
		return error == -ENOTDIR ? -ENOENT : error;
	if (place->found)
		return 0;
	littlefs_place_fini(place);
	return -ENOENT;
}

/* Call `look` with the entry of a key. */
static ssize_t with_entry(const void *self, struct kv_key key,
                          ssize_t (*look)(struct littlefs_volume *volume,
                                          const struct littlefs_entry *entry, void *context),
                          void *context)
{
	struct littlefs_volume *volume = volume_of(self);
	struct littlefs_place place;
	ssize_t result = medium_lock(&volume->medium);

	if (result != 0)
		return result;
	result = find(volume, key, &place);
	if (result == 0) {
		result = look(volume, littlefs_entry_at(&place), context);
		littlefs_place_fini(&place);
	}
	medium_unlock(&volume->medium);
	return result;
}

static ssize_t look_kind(struct littlefs_volume *volume, const struct littlefs_entry *entry,
                         void *context)
{
	enum kv_kind *kind = context;

	(void)volume;
	*kind = entry->type == LITTLEFS_DIRECTORY ? KV_DICTIONARY : KV_VALUE;
	return 0;
}

static int kv_exists(const void *self, struct kv_key key, enum kv_kind *kind)
{
	ssize_t error = with_entry(self, key, look_kind, kind);

	if (error != 0)
		*kind = KV_NONE;
	return error == -ENOENT ? 0 : (int)error;
}

static ssize_t look_size(struct littlefs_volume *volume, const struct littlefs_entry *entry,
                         void *context)
{
	uint64_t *size = context;

	*size = littlefs_file_size(entry);
	if (entry->type == LITTLEFS_DIRECTORY)
		return -EISDIR;
	return *size > (uint64_t)volume->block_count * volume->block_size ? -EBADMSG : 0;
}

static int kv_size(const void *self, struct kv_key key, uint64_t *size)
{
	return (int)with_entry(self, key, look_size, size);
}

struct part {
	uint64_t offset;
	void *bytes;
	size_t length;
};

static ssize_t look_part(struct littlefs_volume *volume, const struct littlefs_entry *entry,
                         void *context)
{
	const struct part *part = context;

	if (entry->type == LITTLEFS_DIRECTORY)
		return -EISDIR;
	return littlefs_file_read(volume, entry, part->offset, part->bytes, part->length);
}

static ssize_t kv_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                           size_t length)
{
	struct part part = { .offset = offset, .bytes = bytes, .length = length };

	return with_entry(self, key, look_part, &part);
}

/* Visit the entries of a directory, alone with the volume. */
static int for_each(const void *self, struct kv_key key,
                    int (*visit)(void *context, const struct littlefs_entry *entry), void *context)
{
	struct littlefs_volume *volume = volume_of(self);
	struct littlefs_pair pair;
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = littlefs_directory(volume, key, &pair);
	if (error == 0)
		error = littlefs_for_each_entry(volume, pair, visit, context);
	medium_unlock(&volume->medium);
	return error;
}

static int add_name(void *context, const struct littlefs_entry *entry)
{
	char *name = strndup((const char *)entry->name.bytes, entry->name.length);
	struct kv_key key;
	int error = name != NULL ? 0 : -ENOMEM;

	/* What no key can name is not there. */
	if (error == 0 && strlen(name) == entry->name.length && strchr(name, '/') == NULL &&
	    kv_key_check(name, &key) == 0 && key.length > 0)
		error = name_list_add(context, name,
		                      entry->type == LITTLEFS_DIRECTORY ? KV_DICTIONARY : KV_VALUE);
	free(name);
	return error;
}

static int kv_list(const void *self, struct kv_key key, kv_visit *visit, void *context)
{
	struct name_list list = { .length = 0 };
	int error = for_each(self, key, add_name, &list);

	if (error == 0)
		error = name_list_visit(&list, visit, context);
	name_list_free(&list);
	return error;
}

static int keep_latest(void *context, const struct littlefs_entry *entry)
{
	nanoseconds *latest = context;

	if (entry->type == LITTLEFS_FILE && littlefs_entry_time(entry) > *latest)
		*latest = littlefs_entry_time(entry);
	return 0;
}

static ssize_t look_time(struct littlefs_volume *volume, const struct littlefs_entry *entry,
                         void *context)
{
	nanoseconds *wall = context;

	(void)volume;
	*wall = entry->type == LITTLEFS_DIRECTORY ? 0 : littlefs_entry_time(entry);
	return entry->type == LITTLEFS_DIRECTORY ? -EISDIR : 0;
}

static int kv_last_modified(const void *self, struct kv_key key, nanoseconds *wall)
{
	int error = kv_key_is_root(key) ? -EISDIR : (int)with_entry(self, key, look_time, wall);

	if (error != -EISDIR)
		return error;
	*wall = 0;
	return for_each(self, key, keep_latest, wall);
}

/* ------------------------------------------------------------------ writing */

static int set(const void *self, struct kv_key key, const struct littlefs_content *content)
{
	const struct littlefs_kv *kv = self;
	struct littlefs_volume *volume = volume_of(self);
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = littlefs_set(volume, key, content, wall_clock_now(kv->clock));
	medium_unlock(&volume->medium);
	return error;
}

static int kv_set(const void *self, struct kv_key key, const void *bytes, size_t length)
{
	return set(self, key,
	           &(struct littlefs_content){ .size = length, .bytes = bytes, .length = length });
}

static int kv_allocate(const void *self, struct kv_key key, uint64_t size)
{
	return set(self, key, &(struct littlefs_content){ .size = size });
}

static int kv_set_part(const void *self, struct kv_key key, uint64_t offset, const void *bytes,
                       size_t length)
{
	const struct littlefs_kv *kv = self;
	struct littlefs_volume *volume = volume_of(self);
	struct littlefs_place place;
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = find(volume, key, &place);
	if (error == 0) {
		const struct littlefs_entry *old = littlefs_entry_at(&place);
		uint64_t end = length > 0 ? offset + length : 0, size = littlefs_file_size(old);
		struct littlefs_content content = {
			.size = end > size ? end : size,
			.offset = offset,
			.bytes = bytes,
			.length = length,
			.old = old,
		};

		error = old->type == LITTLEFS_DIRECTORY
		                ? -EISDIR
		                : littlefs_set(volume, key, &content, wall_clock_now(kv->clock));
		littlefs_place_fini(&place);
	}
	medium_unlock(&volume->medium);
	return error;
}

static int kv_remove(const void *self, struct kv_key key)
{
	struct littlefs_volume *volume = volume_of(self);
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = littlefs_remove(volume, key);
	medium_unlock(&volume->medium);
	return error;
}

static int kv_rename(const void *self, struct kv_key source, struct kv_key destination)
{
	struct littlefs_volume *volume = volume_of(self);
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = littlefs_rename(volume, source, destination);
	medium_unlock(&volume->medium);
	return error;
}

/* ------------------------------------------------------------------ the device */

int littlefs_kv_connect(const struct littlefs_kv *kv)
{
	struct littlefs_volume *volume = malloc(sizeof(*volume));
	int error = volume != NULL ? littlefs_open(volume, kv->block) : -ENOMEM;

	kv->state->volume = NULL;
	if (error == 0 && volume->medium.read_write) {
		error = littlefs_repair(volume);
		if (error != 0)
			littlefs_close(volume);
		if (error == -EBADMSG)
			volume->problem = "what a power cut left cannot be repaired";
	}
	if (error == -EBADMSG || error == -ENOTSUP)
		log_error_from(&littlefs_log, "%s", volume->problem);
	if (error == 0)
		kv->state->volume = volume;
	else
		free(volume);
	return error;
}

void littlefs_kv_disconnect(const struct littlefs_kv *kv)
{
	if (kv->state->volume != NULL)
		littlefs_close(kv->state->volume);
	free(kv->state->volume);
	kv->state->volume = NULL;
}

const struct kv_rw_ops littlefs_kv_ops = {
	.read = {
		.exists = kv_exists,
		.size = kv_size,
		.get_part = kv_get_part,
		.list = kv_list,
		.last_modified = kv_last_modified,
		.lock = kv_lock,
		.unlock = kv_unlock,
	},
	.set = kv_set,
	.set_part = kv_set_part,
	.remove = kv_remove,
	.rename = kv_rename,
	.allocate = kv_allocate,
};
