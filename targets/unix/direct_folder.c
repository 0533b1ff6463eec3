// SPDX-License-Identifier: ISC
/* A folder of the host, confined by openat2. */
#include "targets/unix/direct_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mirage/log.h>

LOG_SOURCE(direct_kv, "direct_kv");

int direct_folder_of(const void *self)
{
	void *const *state = self;

	return *(const int *)*state;
}

int direct_host_error(int error)
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

int direct_open(int folder, struct kv_key key, int flags)
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
	return descriptor >= 0 ? (int)descriptor : direct_host_error(error);
}

bool direct_is_hidden(struct kv_key key)
{
	struct kv_key last = kv_key_last(key);

	return last.length >= strlen(DIRECT_NEW_VALUE) &&
	       memcmp(last.text, DIRECT_NEW_VALUE, strlen(DIRECT_NEW_VALUE)) == 0;
}

enum kv_kind direct_kind_of(mode_t mode)
{
	if (S_ISREG(mode))
		return KV_VALUE;
	return S_ISDIR(mode) ? KV_DICTIONARY : KV_NONE;
}

int direct_stat(int folder, struct kv_key key, struct stat *status)
{
	int descriptor = direct_is_hidden(key) ? -ENOENT : direct_open(folder, key, O_PATH);

	if (descriptor < 0)
		return descriptor == -ENOTDIR ? -ENOENT : descriptor;
	int error = fstat(descriptor, status) == 0 ? 0 : direct_host_error(errno);

	close(descriptor);
	return error;
}

int direct_open_value(int folder, struct kv_key key, int flags)
{
	struct stat status;
	int descriptor =
		direct_is_hidden(key) ? -ENOENT : direct_open(folder, key, flags | O_NONBLOCK);

	if (descriptor < 0)
		return descriptor == -ENOTDIR || descriptor == -ENXIO ? -ENOENT : descriptor;
	int error = fstat(descriptor, &status) == 0 ? 0 : direct_host_error(errno);

	if (error == 0 && !S_ISREG(status.st_mode))
		error = S_ISDIR(status.st_mode) ? -EISDIR : -ENOENT;
	if (error == 0)
		return descriptor;
	close(descriptor);
	return error;
}

int direct_folder_open(const char *path, bool make, int *folder)
{
	struct kv_key root = { .text = "" };

	if (make && mkdir(path, 0777) != 0 && errno != EEXIST)
		log_warning_from(&direct_kv, "the folder '%s' cannot be made: %s", path,
		                 strerror(errno));

	*folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0) {
		int error = -errno;

		log_error_from(&direct_kv, "the folder '%s' cannot be opened: %s", path,
		               strerror(-error));
		return error;
	}
	/* Does the host know openat2? */
	int descriptor = direct_open(*folder, root, O_PATH);

	if (descriptor < 0) {
		log_error_from(&direct_kv, "the host cannot confine us to the folder '%s': %s",
		               path, strerror(-descriptor));
		close(*folder);
		return descriptor;
	}
	close(descriptor);
	return 0;
}
