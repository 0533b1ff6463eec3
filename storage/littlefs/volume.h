/* SPDX-License-Identifier: ISC */
/*
 * littlefs volumes: blocks, pairs, the list of all pairs, global state, and which blocks are used.
 */
#ifndef STORAGE_LITTLEFS_VOLUME_H
#define STORAGE_LITTLEFS_VOLUME_H

#include <mirage/kv_key.h>

#include "storage/kv/medium.h"
#include "storage/littlefs/metadata.h"

struct littlefs_volume {
	struct medium medium;
	uint32_t block_size;
	uint32_t block_count;
	uint32_t version;
	uint32_t name_max;
	uint32_t file_max;
	struct littlefs_pair root;
	uint32_t state[3]; /* the global one: the sum of all pairs' */
	uint8_t *used;     /* a bit for each block that something has; NULL: not known */
	uint32_t next;     /* where to look for a free one */
	const char *problem;
};

/*
 * Open a volume. -EBADMSG: it is none, or damaged; `problem` says how. -ENOTSUP: a version that is not
 * ours. -ENXIO, -ENOMEM, and what the device says.
 */
must_check int littlefs_open(struct littlefs_volume *volume, const struct block *block);
void littlefs_close(struct littlefs_volume *volume);

/* Make an empty volume of the whole device. -EINVAL: not with blocks of such a size. */
must_check int littlefs_format(const struct block *block, uint32_t block_size);

/* Read a pair. littlefs_metadata_fini() is needed only after 0. -EBADMSG: neither block is whole. */
must_check int littlefs_fetch(struct littlefs_volume *volume, struct littlefs_pair pair,
                              struct littlefs_metadata *metadata);

/*
 * Write a pair anew, with the global state changed to `state` (NULL: as it is), and flush. If its
 * entries do not fit they are divided: the upper ones go to a new pair behind it.
 */
must_check int littlefs_commit(struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                               const uint32_t state[3]);

/* Write the first contents of a pair that nobody knows yet. */
must_check int littlefs_write_new(struct littlefs_volume *volume,
                                  struct littlefs_metadata *metadata);

/* A free block, which is used then. -ENOSPC */
must_check int littlefs_allocate(struct littlefs_volume *volume, uint32_t *block);

/* Find out which blocks are used, once more. */
must_check int littlefs_scan(struct littlefs_volume *volume);

/* True if a block is one of the volume's. */
static inline bool littlefs_is_block(const struct littlefs_volume *volume, uint32_t block)
{
	return block < volume->block_count;
}

/* The pair in an entry's structure; false if it has none. */
bool littlefs_pair_of(const struct littlefs_volume *volume, const struct littlefs_entry *entry,
                      struct littlefs_pair *pair);

/* Read and write at a byte of a block. */
must_check int littlefs_read(struct littlefs_volume *volume, uint32_t block, uint32_t offset,
                             void *bytes, size_t length);
must_check int littlefs_write(struct littlefs_volume *volume, uint32_t block, const void *bytes);

/*
 * Call `visit` for each pair of the list of all, until it returns other than 0, which is returned. A
 * list that does not end is -EBADMSG.
 */
must_check int littlefs_for_each_pair(struct littlefs_volume *volume,
                                      int (*visit)(void *context,
                                                   struct littlefs_metadata *metadata),
                                      void *context);

#endif
