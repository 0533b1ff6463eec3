// SPDX-License-Identifier: ISC
/* direct_kv_ro: reading from a folder of the host. */
#include <mirage/direct_kv.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "targets/unix/direct_folder.h"

int direct_exists(const void *self, struct kv_key key, enum kv_kind *kind)
{
	struct stat status;
	int error = direct_stat(direct_folder_of(self), key, &status);

	*kind = error == 0 ? direct_kind_of(status.st_mode) : KV_NONE;
	return error == -ENOENT ? 0 : error;
}

static int value_status(int folder, struct kv_key key, struct stat *status)
{
	int error = direct_stat(folder, key, status);

	if (error != 0)
		return error;
	switch (direct_kind_of(status->st_mode)) {
	case KV_VALUE:
		return 0;
	case KV_DICTIONARY:
		return -EISDIR;
	case KV_NONE:
		break;
	}
	return -ENOENT;
}

int direct_size(const void *self, struct kv_key key, uint64_t *size)
{
	struct stat status;
	int error = value_status(direct_folder_of(self), key, &status);

	if (error == 0)
		*size = (uint64_t)status.st_size;
	return error;
}

ssize_t direct_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                        size_t length)
{
	uint8_t *to = bytes;
	size_t done = 0;
	int descriptor = direct_open_value(direct_folder_of(self), key, O_RDONLY);

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
			int error = direct_host_error(errno);

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
		direct_is_hidden(key) ? -ENOENT : direct_open(folder, key, O_RDONLY | O_NONBLOCK);

	if (descriptor < 0)
		return descriptor == -ENOTDIR ? -ENOENT : descriptor;
	int error = fstat(descriptor, &status) == 0 ? 0 : direct_host_error(errno);

	if (error == 0 && !S_ISDIR(status.st_mode))
		error = S_ISREG(status.st_mode) ? -ENOTDIR : -ENOENT;
	*directory = error == 0 ? fdopendir(descriptor) : NULL;
	if (*directory != NULL)
		return 0;
	if (error == 0)
		error = direct_host_error(errno);
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
	       direct_kind_of(status->st_mode) != KV_NONE;
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
			error = direct_host_error(errno);
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

	return visitor->visit(visitor->context, name, direct_kind_of(status->st_mode));
}

int direct_list(const void *self, struct kv_key key, kv_visit *visit, void *context)
{
	return for_each_entry(direct_folder_of(self), key, visit_entry,
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

int direct_last_modified(const void *self, struct kv_key key, nanoseconds *wall)
{
	struct stat status;
	int error = value_status(direct_folder_of(self), key, &status);

	if (error == -EISDIR) {
		*wall = 0;
		return for_each_entry(direct_folder_of(self), key, latest_entry, wall);
	}
	if (error == 0)
		*wall = time_of(&status);
	return error;
}

int direct_kv_ro_connect(const struct direct_kv_ro *kv)
{
	struct direct_kv_ro_state *state = kv->state;

	return direct_folder_open(kv->path, false, &state->folder);
}

void direct_kv_ro_disconnect(const struct direct_kv_ro *kv)
{
	const struct direct_kv_ro_state *state = kv->state;

	close(state->folder);
}

const struct kv_ro_ops direct_kv_ro_ops = { DIRECT_KV_READ };
