/* SPDX-License-Identifier: ISC */
/*
 * Values as files of a FAT volume, and dictionaries as its directories.
 *
 * A value is never changed where it lies. Its new bytes go into free clusters and are flushed; then
 * one slot of 32 bytes, in one sector, makes them the value; then the old clusters are freed. A
 * power cut leaves the old value or the new one, and at worst clusters that nobody has.
 */
#ifndef STORAGE_FAT_FILE_H
#define STORAGE_FAT_FILE_H

#include <sys/types.h>

#include <mirage/kv_key.h>

#include "storage/fat/directory.h"

/* Read of a file what lies within its size. Returns the count. */
must_check ssize_t fat_file_read(struct fat_volume *volume, const struct fat_entry *entry,
                                 uint64_t offset, void *bytes, size_t length);

/* What a file is to hold: `size` bytes, of which `length` at `offset` are `bytes`, others those of
   `old`, and what neither has is zeros. */
struct fat_content {
	uint64_t size;
	uint64_t offset;
	const uint8_t *bytes;
	size_t length;
	const struct fat_entry *old; /* NULL: none */
};

/*
 * Make a file of the content, in place of one that is there, and the directories on the way.
 *
 * -EISDIR, -ENOTDIR, -ENOSPC, -EROFS; -EFBIG beyond 4 GiB; -EINVAL, -ENAMETOOLONG for names that FAT
 * cannot have
 */
must_check int fat_file_set(struct fat_volume *volume, struct kv_key key,
                            const struct fat_content *content, nanoseconds modified);

/* Remove a file, or a directory with all that is in it. -ENOENT */
must_check int fat_remove(struct fat_volume *volume, struct kv_key key);

/* Move a file or directory; what is at the destination is a file to be replaced by a file, or
   nothing. */
must_check int fat_rename(struct fat_volume *volume, struct kv_key source,
                          struct kv_key destination, nanoseconds modified);

/* Make the directories that lead to the last of `key` and are not there: its entry in *directory. */
must_check int fat_make_directories(struct fat_volume *volume, struct kv_key key,
                                    nanoseconds modified, struct fat_entry *directory);

#endif
