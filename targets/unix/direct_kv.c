// SPDX-License-Identifier: ISC
/* direct_kv_ro and direct_kv_rw: a folder of the host, confined by openat2. */
#include <mirage/direct_kv.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mirage/log.h>

LOG_SOURCE(direct_kv, "direct_kv");

/* New values are written under this name first. */
#define NEW_VALUE ".mirage-new"

enum {
	NEW_NAME_SIZE = 32,
	REMOVE_DEPTH_MAX = 64, /* folders below each other that remove goes into */
};

/* The descriptor is the first member of either state, and the state of either device. */
static int folder_of(const void *self)
{
	void *const *state = self;

	return *(const int *)*state;
}

/* What the host says, in the words of kv_rw.h. */
static int host_error(int error)
{
	switch (error) {
	case EXDEV: /* would have left the folder */
		return -EINVAL;
	case EDQUOT:
		return -ENOSPC;
	default:
		return -error;
	}
}

/* Open `key` beneath the folder. Returns a descriptor. */
static int open_beneath(int folder, struct kv_key key, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = (flags & O_CREAT) != 0 ? 0666 : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	char *path = kv_key_is_root(key) ? strdup(".") : strndup(key.text, key.length);
	long descriptor = -1;

	if (path == NULL)
		return -ENOMEM;
	do
		descriptor = syscall(SYS_openat2, folder, path, &how, sizeof(how));
	while (descriptor < 0 && (errno == EINTR || errno == EAGAIN));
	int error = errno;

	free(path);
	return descriptor >= 0 ? (int)descriptor : host_error(error);
}

static bool is_hidden(struct kv_key key)
{
	struct kv_key last = kv_key_last(key);

	return last.length >= strlen(NEW_VALUE) &&
	       memcmp(last.text, NEW_VALUE, strlen(NEW_VALUE)) == 0;
}

static enum kv_kind kind_of_mode(mode_t mode)
{
	if (S_ISREG(mode))
		return KV_VALUE;
	return S_ISDIR(mode) ? KV_DICTIONARY : KV_NONE;
}

/* What is at `key`, whatever it is. */
static int direct_stat(int folder, struct kv_key key, struct stat *status)
{
	int descriptor = is_hidden(key) ? -ENOENT : open_beneath(folder, key, O_PATH);

	if (descriptor < 0)
		return descriptor == -ENOTDIR ? -ENOENT : descriptor;
	int error = fstat(descriptor, status) == 0 ? 0 : host_error(errno);

	close(descriptor);
	return error;
}

/* Open a value. O_NONBLOCK, so that a pipe in the folder cannot hold us up. */
static int open_value(int folder, struct kv_key key, int flags)
{
	struct stat status;
	int descriptor = is_hidden(key) ? -ENOENT : open_beneath(folder, key, flags | O_NONBLOCK);

	if (descriptor < 0)
		return descriptor == -ENOTDIR || descriptor == -ENXIO ? -ENOENT : descriptor;
	int error = fstat(descriptor, &status) == 0 ? 0 : host_error(errno);

	if (error == 0 && !S_ISREG(status.st_mode))
		error = S_ISDIR(status.st_mode) ? -EISDIR : -ENOENT;
	if (error == 0)
		return descriptor;
	close(descriptor);
	return error;
}

/* ------------------------------------------------------------------ reading */

static int direct_exists(const void *self, struct kv_key key, enum kv_kind *kind)
{
	struct stat status;
	int error = direct_stat(folder_of(self), key, &status);

	*kind = error == 0 ? kind_of_mode(status.st_mode) : KV_NONE;
	return error == -ENOENT ? 0 : error;
}

static int value_status(int folder, struct kv_key key, struct stat *status)
{
	int error = direct_stat(folder, key, status);

	if (error != 0)
		return error;
	switch (kind_of_mode(status->st_mode)) {
	case KV_VALUE:
		return 0;
	case KV_DICTIONARY:
		return -EISDIR;
	case KV_NONE:
		break;
	}
	return -ENOENT;
}

static int direct_size(const void *self, struct kv_key key, uint64_t *size)
{
	struct stat status;
	int error = value_status(folder_of(self), key, &status);

	if (error == 0)
		*size = (uint64_t)status.st_size;
	return error;
}

static ssize_t direct_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                               size_t length)
{
	uint8_t *to = bytes;
	size_t done = 0;
	int descriptor = open_value(folder_of(self), key, O_RDONLY);

	if (descriptor < 0)
		return descriptor;
	if (offset > INT64_MAX)
		length = 0;
	while (done < length) {
		ssize_t count =
			pread(descriptor, to + done, length - done, (off_t)offset + (off_t)done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			int error = host_error(errno);

			close(descriptor);
			return error;
		}
		if (count == 0)
			break;
		done += (size_t)count;
	}
	close(descriptor);
	return (ssize_t)done;
}

/* The folder of a dictionary, to be read and closed by the caller. */
static int open_dictionary(int folder, struct kv_key key, DIR **directory)
{
	struct stat status;
	int descriptor =
		is_hidden(key) ? -ENOENT : open_beneath(folder, key, O_RDONLY | O_NONBLOCK);

	if (descriptor < 0)
		return descriptor == -ENOTDIR ? -ENOENT : descriptor;
	int error = fstat(descriptor, &status) == 0 ? 0 : host_error(errno);

	if (error == 0 && !S_ISDIR(status.st_mode))
		error = S_ISREG(status.st_mode) ? -ENOTDIR : -ENOENT;
	*directory = error == 0 ? fdopendir(descriptor) : NULL;
	if (*directory != NULL)
		return 0;
	if (error == 0)
		error = host_error(errno);
	close(descriptor);
	return error;
}

/* What the entry `name` of `dictionary` is; `text` is for its key. A link that leads out is none. */
static bool entry_status(int folder, struct kv_key dictionary, const char *name, char *text,
                         struct stat *status)
{
	struct kv_key last = { .text = name, .length = strlen(name) }, key;

	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       kv_key_join(dictionary, last, text, KV_KEY_SIZE) == 0 &&
	       kv_key_check(text, &key) == 0 && direct_stat(folder, key, status) == 0 &&
	       kind_of_mode(status->st_mode) != KV_NONE;
}

/* Call `each` for what kv_ro_list() shows of a folder. */
static int for_each_entry(int folder, struct kv_key key,
                          int (*each)(void *context, const char *name, const struct stat *status),
                          void *context)
{
	DIR *directory;
	struct stat status;
	const struct dirent *entry = NULL;
	int error = open_dictionary(folder, key, &directory);
	char *text = error == 0 ? malloc(KV_KEY_SIZE) : NULL;

	if (error != 0)
		return error;
	if (text == NULL)
		error = -ENOMEM;
	while (error == 0) {
		errno = 0;
		entry = readdir(directory);
		if (entry == NULL)
			error = host_error(errno);
		if (entry == NULL)
			break;
		if (entry_status(folder, key, entry->d_name, text, &status))
			error = each(context, entry->d_name, &status);
	}
	free(text);
	closedir(directory);
	return error;
}

struct visitor {
	kv_visit *visit;
	void *context;
};

static int visit_entry(void *context, const char *name, const struct stat *status)
{
	const struct visitor *visitor = context;

	return visitor->visit(visitor->context, name, kind_of_mode(status->st_mode));
}

static int direct_list(const void *self, struct kv_key key, kv_visit *visit, void *context)
{
	return for_each_entry(folder_of(self), key, visit_entry,
	                      &(struct visitor){ visit, context });
}

static nanoseconds time_of(const struct stat *status)
{
	if (status->st_mtim.tv_sec < 0)
		return 0;
	return (nanoseconds)status->st_mtim.tv_sec * 1000000000u +
	       (nanoseconds)status->st_mtim.tv_nsec;
}

static int latest_entry(void *context, const char *name, const struct stat *status)
{
	nanoseconds *latest = context;

	(void)name;
	if (S_ISREG(status->st_mode) && time_of(status) > *latest)
		*latest = time_of(status);
	return 0;
}

static int direct_last_modified(const void *self, struct kv_key key, nanoseconds *wall)
{
	struct stat status;
	int error = value_status(folder_of(self), key, &status);

	if (error == -EISDIR) {
		*wall = 0;
		return for_each_entry(folder_of(self), key, latest_entry, wall);
	}
	if (error == 0)
		*wall = time_of(&status);
	return error;
}

/* ------------------------------------------------------------------ writing */

/* Make the folder `key`, whose parent exists. */
static int make_folder(int folder, struct kv_key key)
{
	int parent = open_beneath(folder, kv_key_parent(key), O_RDONLY | O_DIRECTORY);
	struct kv_key last = kv_key_last(key);
	char *name = strndup(last.text, last.length);
	int error = parent < 0 ? parent : name == NULL ? -ENOMEM : 0;

	if (error == 0 && mkdirat(parent, name, 0777) != 0 && errno != EEXIST)
		error = host_error(errno);
	if (error == 0 && fsync(parent) != 0)
		error = host_error(errno);
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
		int there = open_beneath(folder, prefix, O_PATH | O_DIRECTORY);

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

	if (is_hidden(key))
		return -EINVAL;
	*place = (struct place){ .parent = -1 };
	place->parent = open_beneath(folder, kv_key_parent(key), O_RDONLY | O_DIRECTORY);
	if (place->parent == -ENOENT && make) {
		int error = make_way(folder, key);

		if (error != 0)
			return error;
		place->parent = open_beneath(folder, kv_key_parent(key), O_RDONLY | O_DIRECTORY);
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
			return count < 0 ? host_error(errno) : -EIO;
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
			return host_error(errno);
		return ftruncate(descriptor, (off_t)length) == 0 ? 0 : host_error(errno);
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
		return host_error(errno);
	snprintf(name, NEW_NAME_SIZE, NEW_VALUE "-%016jx", (uintmax_t)random);
	int descriptor = openat(place->parent, name,
	                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (descriptor < 0)
		return host_error(errno);
	if (!replaces || fchmod(descriptor, mode) == 0) /* without the umask */
		return descriptor;
	int error = host_error(errno);

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
		error = host_error(errno);
	close(descriptor);
	if (error == 0 && renameat(place->parent, name, place->parent, place->name) != 0)
		error = host_error(errno);
	if (error == 0 && fsync(place->parent) != 0)
		error = host_error(errno);
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
	return length > INT64_MAX ? -EFBIG
	                          : put(folder_of(self), key, length > 0 ? bytes : "", length);
}

static int direct_allocate(const void *self, struct kv_key key, uint64_t size)
{
	return put(folder_of(self), key, NULL, size);
}

static int direct_set_part(const void *self, struct kv_key key, uint64_t offset, const void *bytes,
                           size_t length)
{
	int descriptor = open_value(folder_of(self), key, O_WRONLY);

	if (descriptor < 0)
		return descriptor;
	int error = write_all(descriptor, offset, bytes, length);

	if (error == 0 && fsync(descriptor) != 0)
		error = host_error(errno);
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
		error = host_error(errno);
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
		return host_error(errno);
	if (depth == REMOVE_DEPTH_MAX)
		return -ELOOP;
	int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (descriptor < 0)
		return host_error(errno == ENOTDIR ? EPERM : errno);
	int error = remove_contents(descriptor, depth);

	if (error == 0 && unlinkat(parent, name, AT_REMOVEDIR) != 0)
		error = host_error(errno);
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
		error = place_open(folder_of(self), key, false, &place);
	if (error != 0)
		return error;
	error = remove_entry(place.parent, place.name, 0);
	if (error == 0 && fsync(place.parent) != 0)
		error = host_error(errno);
	place_close(&place);
	return error;
}

static int direct_rename(const void *self, struct kv_key source, struct kv_key destination)
{
	struct place from, to;
	int error = place_open(folder_of(self), source, false, &from);

	if (error != 0)
		return error;
	error = place_open(folder_of(self), destination, true, &to);
	if (error == 0) {
		if (renameat(from.parent, from.name, to.parent, to.name) != 0 ||
		    fsync(to.parent) != 0 || fsync(from.parent) != 0)
			error = host_error(errno);
		place_close(&to);
	}
	place_close(&from);
	return error;
}

/* ------------------------------------------------------------------ the folder */

static int open_folder(const char *path, int *folder)
{
	struct kv_key root = { .text = "" };

	*folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0) {
		int error = -errno;

		log_error_from(&direct_kv, "the folder '%s' cannot be opened: %s", path,
		               strerror(-error));
		return error;
	}
	/* Does the host know openat2? */
	int descriptor = open_beneath(*folder, root, O_PATH);

	if (descriptor < 0) {
		log_error_from(&direct_kv, "the host cannot confine us to the folder '%s': %s",
		               path, strerror(-descriptor));
		close(*folder);
		return descriptor;
	}
	close(descriptor);
	return 0;
}

int direct_kv_ro_connect(const struct direct_kv_ro *kv)
{
	struct direct_kv_ro_state *state = kv->state;

	return open_folder(kv->path, &state->folder);
}

int direct_kv_rw_connect(const struct direct_kv_rw *kv)
{
	struct direct_kv_rw_state *state = kv->state;

	if (mkdir(kv->path, 0777) != 0 && errno != EEXIST)
		log_warning_from(&direct_kv, "the folder '%s' cannot be made: %s", kv->path,
		                 strerror(errno));
	return open_folder(kv->path, &state->folder);
}

void direct_kv_ro_disconnect(const struct direct_kv_ro *kv)
{
	const struct direct_kv_ro_state *state = kv->state;

	close(state->folder);
}

void direct_kv_rw_disconnect(const struct direct_kv_rw *kv)
{
	const struct direct_kv_rw_state *state = kv->state;

	close(state->folder);
}

#define DIRECT_READ                                                                \
	.exists = direct_exists, .size = direct_size, .get_part = direct_get_part, \
	.list = direct_list, .last_modified = direct_last_modified

const struct kv_ro_ops direct_kv_ro_ops = { DIRECT_READ };

const struct kv_rw_ops direct_kv_rw_ops = {
	.read = { DIRECT_READ },
	.set = direct_set,
	.set_part = direct_set_part,
	.remove = direct_remove,
	.rename = direct_rename,
	.allocate = direct_allocate,
};
