// SPDX-License-Identifier: ISC
/* direct_kv_rw: writing into a folder of the host. */
#include <mirage/direct_kv.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "targets/unix/direct_folder.h"

enum {
	NEW_NAME_SIZE = 32,
	REMOVE_DEPTH_MAX = 64, /* folders below each other that remove goes into */
};

/* Make the folder `key`, whose parent exists. */
static int make_folder(int folder, struct kv_key key)
{
	int parent = direct_open(folder, kv_key_parent(key), O_RDONLY | O_DIRECTORY);
	struct kv_key last = kv_key_last(key);
	char *name = strndup(last.text, last.length);
	int error = parent < 0 ? parent : name == NULL ? -ENOMEM : 0;

	if (error == 0 && mkdirat(parent, name, 0777) != 0 && errno != EEXIST)
		error = direct_host_error(errno);
	if (error == 0 && fsync(parent) != 0)
		error = direct_host_error(errno);
	free(name);
	if (parent >= 0)
		close(parent);
	return error;
}

/* Make the folders on the way to `key` that are missing. */
static int make_way(int folder, struct kv_key key)
{
	struct kv_key rest = kv_key_parent(key), segment;
	int error = 0;

	while (error == 0 && kv_key_next(&rest, &segment)) {
		size_t length = (size_t)(segment.text - key.text) + segment.length;
		struct kv_key prefix = { .text = key.text, .length = length };
		int there = direct_open(folder, prefix, O_PATH | O_DIRECTORY);

		if (there >= 0)
			close(there);
		else
			error = there == -ENOENT ? make_folder(folder, prefix) : there;
	}
	return error;
}

/* The folder that holds `key`, and its name there; the caller closes and frees. */
struct place {
	int parent;
	char *name;
};

static int place_open(int folder, struct kv_key key, bool make, struct place *place)
{
	struct kv_key last = kv_key_last(key);

	if (direct_is_hidden(key))
		return -EINVAL;
	*place = (struct place){ .parent = -1 };
	place->parent = direct_open(folder, kv_key_parent(key), O_RDONLY | O_DIRECTORY);
	if (place->parent == -ENOENT && make) {
		int error = make_way(folder, key);

		if (error != 0)
			return error;
		place->parent = direct_open(folder, kv_key_parent(key), O_RDONLY | O_DIRECTORY);
	}
	if (place->parent < 0)
		return place->parent;
	place->name = strndup(last.text, last.length);
	if (place->name != NULL)
		return 0;
	close(place->parent);
	return -ENOMEM;
}

static void place_close(struct place *place)
{
	free(place->name);
	close(place->parent);
}

static int write_all(int descriptor, uint64_t offset, const uint8_t *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t count = pwrite(descriptor, bytes + done, length - done,
		                       (off_t)offset + (off_t)done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? direct_host_error(errno) : -EIO;
		done += (size_t)count;
	}
	return 0;
}

/* `bytes`, or `length` zeros if that is NULL. */
static int fill(int descriptor, const void *bytes, uint64_t length)
{
	if (bytes != NULL)
		return write_all(descriptor, 0, bytes, (size_t)length);
	if (length > 0 && fallocate(descriptor, 0, 0, (off_t)length) != 0) {
		if (errno != EOPNOTSUPP)
			return direct_host_error(errno);
		return ftruncate(descriptor, (off_t)length) == 0 ? 0 : direct_host_error(errno);
	}
	return 0;
}

/*
 * Open a new file beside a place, which may be read by those who may read what is there. Instances with
 * the same process identifier, in containers, may have one folder: so the name is random.
 */
static int open_beside(const struct place *place, char name[NEW_NAME_SIZE])
{
	struct stat old;
	uint64_t random;
	bool replaces = fstatat(place->parent, place->name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
	                S_ISREG(old.st_mode);
	mode_t mode = replaces ? old.st_mode & 0777 : 0666;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return direct_host_error(errno);
	snprintf(name, NEW_NAME_SIZE, DIRECT_NEW_VALUE "-%016jx", (uintmax_t)random);
	int descriptor = openat(place->parent, name,
	                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (descriptor < 0)
		return direct_host_error(errno);
	if (!replaces || fchmod(descriptor, mode) == 0) /* without the umask */
		return descriptor;
	int error = direct_host_error(errno);

	close(descriptor);
	error_ignore(unlinkat(place->parent, name, 0), "the first error is reported");
	return error;
}

/* Write a value beside its place and put it there. */
static int replace(const struct place *place, const void *bytes, uint64_t length)
{
	char name[NEW_NAME_SIZE];
	int descriptor = open_beside(place, name);

	if (descriptor < 0)
		return descriptor;
	int error = fill(descriptor, bytes, length);

	if (error == 0 && fsync(descriptor) != 0)
		error = direct_host_error(errno);
	close(descriptor);
	if (error == 0 && renameat(place->parent, name, place->parent, place->name) != 0)
		error = direct_host_error(errno);
	if (error == 0 && fsync(place->parent) != 0)
		error = direct_host_error(errno);
	if (error != 0)
		error_ignore(unlinkat(place->parent, name, 0), "the first error is reported");
	return error;
}

static int put(int folder, struct kv_key key, const void *bytes, uint64_t length)
{
	struct place place;
	int error = place_open(folder, key, true, &place);

	if (error != 0)
		return error;
	error = replace(&place, bytes, length);
	place_close(&place);
	return error;
}

static int direct_set(const void *self, struct kv_key key, const void *bytes, size_t length)
{
	return length > INT64_MAX
	               ? -EFBIG
	               : put(direct_folder_of(self), key, length > 0 ? bytes : "", length);
}

static int direct_allocate(const void *self, struct kv_key key, uint64_t size)
{
	return put(direct_folder_of(self), key, NULL, size);
}

static int direct_set_part(const void *self, struct kv_key key, uint64_t offset, const void *bytes,
                           size_t length)
{
	int descriptor = direct_open_value(direct_folder_of(self), key, O_WRONLY);

	if (descriptor < 0)
		return descriptor;
	int error = write_all(descriptor, offset, bytes, length);

	if (error == 0 && fsync(descriptor) != 0)
		error = direct_host_error(errno);
	close(descriptor);
	return error;
}

static int remove_entry(int parent, const char *name, unsigned depth);

/* Remove what is in a folder that is open, and close it. */
static int remove_contents(int descriptor, unsigned depth)
{
	DIR *directory = fdopendir(descriptor);
	int error = 0;

	if (directory == NULL) {
		error = direct_host_error(errno);
		close(descriptor);
		return error;
	}
	while (error == 0) {
		const struct dirent *entry = readdir(directory);

		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			error = remove_entry(dirfd(directory), entry->d_name, depth + 1);
	}
	closedir(directory);
	return error;
}

/* Remove a file, a link, or a folder with all in it. */
static int remove_entry(int parent, const char *name, unsigned depth)
{
	if (unlinkat(parent, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return direct_host_error(errno);
	if (depth == REMOVE_DEPTH_MAX)
		return -ELOOP;
	int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (descriptor < 0)
		return direct_host_error(errno == ENOTDIR ? EPERM : errno);
	int error = remove_contents(descriptor, depth);

	if (error == 0 && unlinkat(parent, name, AT_REMOVEDIR) != 0)
		error = direct_host_error(errno);
	return error;
}

static int direct_remove(const void *self, struct kv_key key)
{
	struct place place;
	enum kv_kind kind;
	int error = direct_exists(self, key, &kind);

	if (error == 0 && kind == KV_NONE)
		error = -ENOENT;
	if (error == 0)
		error = place_open(direct_folder_of(self), key, false, &place);
	if (error != 0)
		return error;
	error = remove_entry(place.parent, place.name, 0);
	if (error == 0 && fsync(place.parent) != 0)
		error = direct_host_error(errno);
	place_close(&place);
	return error;
}

static int direct_rename(const void *self, struct kv_key source, struct kv_key destination)
{
	struct place from, to;
	int error = place_open(direct_folder_of(self), source, false, &from);

	if (error != 0)
		return error;
	error = place_open(direct_folder_of(self), destination, true, &to);
	if (error == 0) {
		if (renameat(from.parent, from.name, to.parent, to.name) != 0 ||
		    fsync(to.parent) != 0 || fsync(from.parent) != 0)
			error = direct_host_error(errno);
		place_close(&to);
	}
	place_close(&from);
	return error;
}

int direct_kv_rw_connect(const struct direct_kv_rw *kv)
{
	struct direct_kv_rw_state *state = kv->state;

	return direct_folder_open(kv->path, true, &state->folder);
}

void direct_kv_rw_disconnect(const struct direct_kv_rw *kv)
{
	const struct direct_kv_rw_state *state = kv->state;

	close(state->folder);
}

const struct kv_rw_ops direct_kv_rw_ops = {
	.read = { DIRECT_KV_READ },
	.set = direct_set,
	.set_part = direct_set_part,
	.remove = direct_remove,
	.rename = direct_rename,
	.allocate = direct_allocate,
};
