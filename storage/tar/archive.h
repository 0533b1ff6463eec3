/* SPDX-License-Identifier: ISC */
/*
 * A tar archive on a block device: where each value is, by sorted path.
 *
 * Invariants, for an archive that is open:
 *   1. `entries` are in the order of their paths' bytes, no path twice; each path is a key, and
 *      none is on the way to another.
 *   2. The bytes of each entry lie within the device.
 *   3. At `end` is a block of zeros, or the end of the device.
 */
#ifndef STORAGE_TAR_ARCHIVE_H
#define STORAGE_TAR_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/kv_key.h>

#include "storage/kv/finding.h"
#include "storage/kv/medium.h"
#include "storage/kv/sorted_paths.h"

struct tar_entry {
	char *path;
	uint64_t offset; /* of its bytes on the device */
	uint64_t length;
	nanoseconds modified;
	uint64_t order; /* in the archive */
};

struct tar_link; /* not resolved yet */

struct tar_archive {
	struct medium medium;
	struct tar_entry *entries;
	size_t count;
	size_t room;
	struct tar_link *links;
	size_t link_count;
	size_t link_room;
	uint64_t end;
	size_t left_out;        /* entries that are not there because of what they are */
	char problem[160];      /* why it cannot be opened, or what was left out last; or empty */
	finding_report *report; /* told of all that is left out; NULL: nobody */
	void *context;
};

/* Read an archive; *archive is the caller's to close. After an error it is NULL, or, with
   -EBADMSG and -ENOTSUP, has the `problem`. */
must_check int tar_archive_open(struct tar_archive **archive, const struct block *block);

/* The same into one that is all zero but for whom to report to; it is closed whatever comes of it. */
must_check int tar_archive_read(struct tar_archive *archive, const struct block *block);

void tar_archive_close(struct tar_archive *archive);

/* Count, and report, an entry that is not there. */
void tar_archive_leave_out(struct tar_archive *archive, const char *name, const char *why,
                           bool harmless);

/* Of a value and what is below it as if it were a dictionary, leave out the older. -ENOMEM. */
must_check int tar_archive_settle(struct tar_archive *archive);

struct sorted_paths tar_archive_paths(const struct tar_archive *archive);

/* The entry of a value; -ENOENT, -EISDIR. */
must_check int tar_archive_find(const struct tar_archive *archive, struct kv_key key,
                                const struct tar_entry **entry);

/* Make room for one more entry. -ENOMEM */
must_check int tar_archive_reserve(struct tar_archive *archive);

/* Put an entry, with its path, into its place, or into that of the one with the same path. There is
   room for it. */
void tar_archive_put(struct tar_archive *archive, const struct tar_entry *entry);

/*
 * Append an entry of `length` bytes (zeros if `bytes` is NULL) at time `modified`, and flush it.
 * -ENOSPC, -EROFS, -ENOMEM, and what the device says; then it is as if nothing had been appended.
 */
must_check int tar_archive_append(struct tar_archive *archive, struct kv_key key, const void *bytes,
                                  uint64_t length, nanoseconds modified);

/* Make an empty archive of a device: a block of zeros at its start. */
must_check int tar_archive_format(const struct block *block);

#endif
