// SPDX-License-Identifier: ISC
/* fat_rw: a FAT volume to read and write. */
#include <mirage/fat_kv.h>

#include <errno.h>

#include "storage/fat/file.h"
#include "storage/fat/mend.h"
#include "storage/fat/read.h"

static int set(const void *self, struct kv_key key, const struct fat_content *content)
{
	const struct fat_rw *kv = self;
	struct fat_volume *volume = fat_volume_of(self);
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = fat_file_set(volume, key, content, wall_clock_now(kv->clock));
	medium_unlock(&volume->medium);
	return error;
}

static int fat_set(const void *self, struct kv_key key, const void *bytes, size_t length)
{
	return set(self, key,
	           &(struct fat_content){ .size = length, .bytes = bytes, .length = length });
}

static int fat_allocate(const void *self, struct kv_key key, uint64_t size)
{
	return set(self, key, &(struct fat_content){ .size = size });
}

static int fat_set_part(const void *self, struct kv_key key, uint64_t offset, const void *bytes,
                        size_t length)
{
	const struct fat_rw *kv = self;
	struct fat_volume *volume = fat_volume_of(self);
	struct fat_entry old;
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = fat_find(volume, key, &old);
	if (error == 0 && old.is_directory)
		error = -EISDIR;
	if (error == 0) {
		uint64_t end = length > 0 ? offset + length : 0;
		struct fat_content content = {
			.size = end > old.size ? end : old.size,
			.offset = offset,
			.bytes = bytes,
			.length = length,
			.old = &old,
		};

		error = fat_file_set(volume, key, &content, wall_clock_now(kv->clock));
	}
	medium_unlock(&volume->medium);
	return error;
}

static int fat_rw_remove(const void *self, struct kv_key key)
{
	struct fat_volume *volume = fat_volume_of(self);
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = fat_remove(volume, key);
	medium_unlock(&volume->medium);
	return error;
}

static int fat_rw_rename(const void *self, struct kv_key source, struct kv_key destination)
{
	const struct fat_rw *kv = self;
	struct fat_volume *volume = fat_volume_of(self);
	int error = medium_lock(&volume->medium);

	if (error != 0)
		return error;
	error = fat_rename(volume, source, destination, wall_clock_now(kv->clock));
	medium_unlock(&volume->medium);
	return error;
}

int fat_rw_connect(const struct fat_rw *kv)
{
	struct fat_rw_state *state = kv->state;
	int error = fat_connect(&state->volume, kv->block);

	if (error == 0 && !state->volume->medium.read_write) {
		fat_disconnect(&state->volume);
		error = -EROFS;
	}
	if (error == 0) {
		error = fat_mend(state->volume);
		if (error != 0)
			fat_disconnect(&state->volume);
	}
	return error;
}

void fat_rw_disconnect(const struct fat_rw *kv)
{
	struct fat_rw_state *state = kv->state;

	fat_disconnect(&state->volume);
}

const struct kv_rw_ops fat_rw_ops = {
	.read = { FAT_KV_READ },
	.set = fat_set,
	.set_part = fat_set_part,
	.remove = fat_rw_remove,
	.rename = fat_rw_rename,
	.allocate = fat_allocate,
};
