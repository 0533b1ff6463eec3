// SPDX-License-Identifier: ISC
/* crunch: a store whose values are linked into the image. */
#include <mirage/crunch.h>

#include <errno.h>
#include <string.h>

#include "storage/kv/sorted_paths.h"

static const char *crunch_at(const void *self, size_t position)
{
	const struct crunch_index *index = self;

	return position < index->count ? index->files[position].path : NULL;
}

static size_t crunch_seek(const void *self, struct path_probe probe)
{
	const struct crunch_index *index = self;

	return sorted_paths_halve(crunch_at, self, index->count, probe);
}

static struct sorted_paths paths_of(const void *self)
{
	const struct crunch *crunch = self;

	return (struct sorted_paths){ .at = crunch_at, .seek = crunch_seek, .self = crunch->index };
}

static int crunch_find(const void *self, struct kv_key key, const struct crunch_file **file)
{
	const struct crunch *crunch = self;
	struct sorted_paths paths = paths_of(self);
	size_t position;
	int error = sorted_paths_value(&paths, key, &position);

	if (error == 0)
		*file = &crunch->index->files[position];
	return error;
}

static int crunch_exists(const void *self, struct kv_key key, enum kv_kind *kind)
{
	struct sorted_paths paths = paths_of(self);
	size_t position;

	*kind = sorted_paths_find(&paths, key, &position);
	return 0;
}

static int crunch_size(const void *self, struct kv_key key, uint64_t *size)
{
	const struct crunch_file *file;
	int error = crunch_find(self, key, &file);

	if (error == 0)
		*size = file->length;
	return error;
}

static int crunch_map(const void *self, struct kv_key key, struct slice *value)
{
	const struct crunch_file *file;
	int error = crunch_find(self, key, &file);

	if (error == 0)
		*value = slice_of((void *)(uintptr_t)file->bytes, (size_t)file->length);
	return error;
}

static ssize_t crunch_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                               size_t length)
{
	const struct crunch_file *file;
	int error = crunch_find(self, key, &file);

	if (error != 0)
		return error;
	if (offset >= file->length)
		return 0;
	if (length > file->length - offset)
		length = (size_t)(file->length - offset);
	if (length > 0)
		memcpy(bytes, file->bytes + offset, length);
	return (ssize_t)length;
}

static int crunch_list(const void *self, struct kv_key key, kv_visit *visit, void *context)
{
	struct sorted_paths paths = paths_of(self);

	return sorted_paths_list(&paths, key, visit, context);
}

static nanoseconds modified_at(const void *self, size_t position)
{
	const struct crunch_index *index = self;

	return index->files[position].modified;
}

static int crunch_last_modified(const void *self, struct kv_key key, nanoseconds *wall)
{
	const struct crunch_file *file;
	struct sorted_paths paths = paths_of(self);
	int error = crunch_find(self, key, &file);

	if (error == 0)
		*wall = file->modified;
	return error == -EISDIR ? sorted_paths_latest(&paths, key, modified_at, wall) : error;
}

static int crunch_digest(const void *self, struct kv_key key, uint8_t digest[KV_DIGEST_SIZE])
{
	const struct crunch_file *file;
	int error = crunch_find(self, key, &file);

	if (error == 0)
		memcpy(digest, file->digest, KV_DIGEST_SIZE);
	return error;
}

const struct kv_ro_ops crunch_ops = {
	.exists = crunch_exists,
	.size = crunch_size,
	.get_part = crunch_get_part,
	.list = crunch_list,
	.last_modified = crunch_last_modified,
	.map = crunch_map,
	.digest = crunch_digest,
};
