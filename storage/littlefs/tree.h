/* SPDX-License-Identifier: ISC */
/*
 * Directories and files of a littlefs volume.
 *
 * Every change is made by one commit to one pair, which replaces it wholly or not at all; where two
 * pairs must change, the global state says after the first what is left to be done.
 */
#ifndef STORAGE_LITTLEFS_TREE_H
#define STORAGE_LITTLEFS_TREE_H

#include <sys/types.h>

#include <mirage/duration.h>

#include "storage/littlefs/volume.h"

/* An entry, or where it would be, with the pair that it is in. littlefs_place_fini() when found. */
struct littlefs_place {
	struct littlefs_metadata metadata;
	size_t position;
	bool found;
};

/*
 * Find what a key leads to. 0: *place is there, with `found` or without; the root is found in no pair
 * of another. -ENOENT: a directory on the way is missing; -ENOTDIR: it is a file.
 */
must_check int littlefs_find(struct littlefs_volume *volume, struct kv_key key,
                             struct littlefs_place *place);
void littlefs_place_fini(struct littlefs_place *place);

static inline const struct littlefs_entry *littlefs_entry_at(const struct littlefs_place *place)
{
	return &place->metadata.entries[place->position];
}

/* True for the source of a move that was not finished: it is not there any more. */
bool littlefs_moved_away(const struct littlefs_volume *volume,
                         const struct littlefs_metadata *metadata, size_t position);

/* The pair of the directory that a key leads to. -ENOENT, -ENOTDIR */
must_check int littlefs_directory(struct littlefs_volume *volume, struct kv_key key,
                                  struct littlefs_pair *pair);

/* Call `visit` for each entry of a directory until it returns other than 0, which is returned. */
must_check int littlefs_for_each_entry(struct littlefs_volume *volume, struct littlefs_pair pair,
                                       int (*visit)(void *context,
                                                    const struct littlefs_entry *entry),
                                       void *context);

/* A file's size in bytes; of a damaged entry 0. */
uint32_t littlefs_file_size(const struct littlefs_entry *entry);

must_check ssize_t littlefs_file_read(struct littlefs_volume *volume,
                                      const struct littlefs_entry *entry, uint64_t offset,
                                      void *bytes, size_t length);

/* When an entry was set, or 0 if it does not say. */
nanoseconds littlefs_entry_time(const struct littlefs_entry *entry);

/* What a file is to hold: `size` bytes, of which `length` at `offset` are `bytes`, others those of
   `old`, and what neither has is zeros. */
struct littlefs_content {
	uint64_t size;
	uint64_t offset;
	const uint8_t *bytes;
	size_t length;
	const struct littlefs_entry *old; /* NULL: none */
};

/* -EISDIR, -ENOTDIR, -ENOSPC, -EFBIG, -ENAMETOOLONG, -EROFS */
must_check int littlefs_set(struct littlefs_volume *volume, struct kv_key key,
                            const struct littlefs_content *content, nanoseconds modified);

/* Make the directories on the way to a key. -ENOTDIR, -ENOSPC, -ENAMETOOLONG */
must_check int littlefs_make_directories(struct littlefs_volume *volume, struct kv_key key);

must_check int littlefs_remove(struct littlefs_volume *volume, struct kv_key key);
must_check int littlefs_rename(struct littlefs_volume *volume, struct kv_key source,
                               struct kv_key destination);

/* Finish what a power cut interrupted: a move, and directories that nobody has. */
must_check int littlefs_repair(struct littlefs_volume *volume);

#endif
