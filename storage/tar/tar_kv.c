// SPDX-License-Identifier: ISC
/* tar_kv_ro and tar_kv_rw: an archive as a store. */
#include <mirage/tar_kv.h>

#include <errno.h>

#include <mirage/log.h>

#include "storage/tar/archive.h"

LOG_SOURCE(tar_log, "tar");

/* The archive is the first member of either state, and the state of either device. */
static struct tar_archive *archive_of(const void *self)
{
	void *const *state = self;

	return *(struct tar_archive *const *)*state;
}

static int tar_lock(const void *self)
{
	return medium_lock(&archive_of(self)->medium);
}

static void tar_unlock(const void *self)
{
	medium_unlock(&archive_of(self)->medium);
}

static int tar_exists(const void *self, struct kv_key key, enum kv_kind *kind)
{
	struct sorted_paths paths = tar_archive_paths(archive_of(self));
	size_t position;

	*kind = sorted_paths_find(&paths, key, &position);
	return 0;
}

static int tar_size(const void *self, struct kv_key key, uint64_t *size)
{
	const struct tar_entry *entry;
	int error = tar_archive_find(archive_of(self), key, &entry);

	if (error == 0)
		*size = entry->length;
	return error;
}

static ssize_t tar_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                            size_t length)
{
	struct tar_archive *archive = archive_of(self);
	const struct tar_entry *entry;
	int error = tar_archive_find(archive, key, &entry);

	if (error != 0)
		return error;
	if (offset >= entry->length)
		return 0;
	if (length > entry->length - offset)
		length = (size_t)(entry->length - offset);
	uint64_t place = entry->offset + offset;

	error = medium_lock(&archive->medium);
	if (error != 0)
		return error;
	error = medium_read(&archive->medium, place, bytes, length);
	medium_unlock(&archive->medium);
	return error != 0 ? error : (ssize_t)length;
}

static int tar_list(const void *self, struct kv_key key, kv_visit *visit, void *context)
{
	struct sorted_paths paths = tar_archive_paths(archive_of(self));

	return sorted_paths_list(&paths, key, visit, context);
}

static nanoseconds modified_at(const void *self, size_t position)
{
	const struct tar_archive *archive = self;

	return archive->entries[position].modified;
}

static int tar_last_modified(const void *self, struct kv_key key, nanoseconds *wall)
{
	struct sorted_paths paths = tar_archive_paths(archive_of(self));
	const struct tar_entry *entry;
	int error = tar_archive_find(archive_of(self), key, &entry);

	if (error == 0)
		*wall = entry->modified;
	return error == -EISDIR ? sorted_paths_latest(&paths, key, modified_at, wall) : error;
}

/* ------------------------------------------------------------------ writing */

static int append(const void *self, struct kv_key key, const void *bytes, uint64_t length)
{
	const struct tar_kv_rw *kv = self;
	struct tar_archive *archive = archive_of(self);
	int error = medium_lock(&archive->medium);

	if (error != 0)
		return error;
	struct sorted_paths paths = tar_archive_paths(archive);
	size_t position;

	error = sorted_paths_find(&paths, key, &position) == KV_DICTIONARY
	                ? -EISDIR
	                : sorted_paths_way(&paths, key);
	if (error == 0)
		error = tar_archive_append(archive, key, bytes, length, wall_clock_now(kv->clock));
	medium_unlock(&archive->medium);
	return error;
}

static int tar_set(const void *self, struct kv_key key, const void *bytes, size_t length)
{
	return append(self, key, length > 0 ? bytes : "", length);
}

static int tar_allocate(const void *self, struct kv_key key, uint64_t size)
{
	return append(self, key, NULL, size);
}

/* What is there stays: -EPERM, unless there is nothing. */
static int permitted(const void *self, struct kv_key key)
{
	enum kv_kind kind = KV_NONE;
	int error = tar_exists(self, key, &kind);

	if (error == 0 && kind == KV_NONE)
		error = -ENOENT;
	return error != 0 ? error : -EPERM;
}

static int tar_set_part(const void *self, struct kv_key key, uint64_t offset, const void *bytes,
                        size_t length)
{
	(void)offset;
	(void)bytes;
	(void)length;
	return permitted(self, key);
}

static int tar_rename(const void *self, struct kv_key source, struct kv_key destination)
{
	(void)destination;
	return permitted(self, source);
}

/* ------------------------------------------------------------------ devices */

static int open_archive(struct tar_archive **archive, const struct block *block)
{
	int error = tar_archive_open(archive, block);

	if (error != 0) {
		if (*archive != NULL)
			log_error_from(&tar_log, "%s", (*archive)->problem);
		tar_archive_close(*archive);
		*archive = NULL;
	} else if ((*archive)->left_out > 0) {
		log_warning_from(&tar_log, "%zu entries were left out, the last because of %s",
		                 (*archive)->left_out, (*archive)->problem);
	}
	return error;
}

int tar_kv_ro_connect(const struct tar_kv_ro *kv)
{
	struct tar_kv_ro_state *state = kv->state;

	return open_archive(&state->archive, kv->block);
}

int tar_kv_rw_connect(const struct tar_kv_rw *kv)
{
	struct tar_kv_rw_state *state = kv->state;
	int error = open_archive(&state->archive, kv->block);

	if (error == 0 && !state->archive->medium.read_write) {
		tar_archive_close(state->archive);
		state->archive = NULL;
		error = -EROFS;
	}
	return error;
}

void tar_kv_ro_disconnect(const struct tar_kv_ro *kv)
{
	struct tar_kv_ro_state *state = kv->state;

	tar_archive_close(state->archive);
	state->archive = NULL;
}

void tar_kv_rw_disconnect(const struct tar_kv_rw *kv)
{
	struct tar_kv_rw_state *state = kv->state;

	tar_archive_close(state->archive);
	state->archive = NULL;
}

#define TAR_READ                                                                            \
	.exists = tar_exists, .size = tar_size, .get_part = tar_get_part, .list = tar_list, \
	.last_modified = tar_last_modified, .lock = tar_lock, .unlock = tar_unlock

const struct kv_ro_ops tar_kv_ro_ops = { TAR_READ };

const struct kv_rw_ops tar_kv_rw_ops = {
	.read = { TAR_READ },
	.set = tar_set,
	.set_part = tar_set_part,
	.remove = permitted,
	.rename = tar_rename,
	.allocate = tar_allocate,
};
