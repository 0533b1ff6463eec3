/* SPDX-License-Identifier: ISC */
/*
 * What direct_kv_ro and direct_kv_rw have in common: a folder of the host, out of which no key leads.
 * `self` is either's, `folder` a descriptor.
 */
#ifndef TARGETS_UNIX_DIRECT_FOLDER_H
#define TARGETS_UNIX_DIRECT_FOLDER_H

#include <stdbool.h>
#include <sys/stat.h>

#include <mirage/kv_ro.h>

/* New values are written under this name first; no key reaches it. */
#define DIRECT_NEW_VALUE ".mirage-new"

/* Open the folder; with `make`, make it first if it is missing. What is wrong with it is logged. */
must_check int direct_folder_open(const char *path, bool make, int *folder);

/* The descriptor is the first member of either state, and the state of either device. */
int direct_folder_of(const void *self);

/* What the host says, in the words of kv_rw.h. */
int direct_host_error(int error);

/* Open `key` beneath the folder, with the flags of open(). Returns a descriptor. */
must_check int direct_open(int folder, struct kv_key key, int flags);

/* Open a value. O_NONBLOCK, so that a pipe in the folder cannot hold us up. */
must_check int direct_open_value(int folder, struct kv_key key, int flags);

/* What is at `key`, whatever it is. */
must_check int direct_stat(int folder, struct kv_key key, struct stat *status);

/* True of a value that is being written. */
bool direct_is_hidden(struct kv_key key);

enum kv_kind direct_kind_of(mode_t mode);

int direct_exists(const void *self, struct kv_key key, enum kv_kind *kind);
int direct_size(const void *self, struct kv_key key, uint64_t *size);
ssize_t direct_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                        size_t length);
int direct_list(const void *self, struct kv_key key, kv_visit *visit, void *context);
int direct_last_modified(const void *self, struct kv_key key, nanoseconds *wall);

#define DIRECT_KV_READ                                                             \
	.exists = direct_exists, .size = direct_size, .get_part = direct_get_part, \
	.list = direct_list, .last_modified = direct_last_modified

#endif
