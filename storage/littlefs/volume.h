/* SPDX-License-Identifier: ISC */
/*
 * littlefs volumes: blocks, pairs, the list of all pairs, global state, and which blocks are used.
 */
#ifndef STORAGE_LITTLEFS_VOLUME_H
#define STORAGE_LITTLEFS_VOLUME_H

#include <mirage/kv_key.h>

#include "storage/kv/medium.h"
#include "storage/littlefs/metadata.h"

enum {
	LITTLEFS_BAD_MAX = 64, /* bad blocks that one call puts up with */
	LITTLEFS_KEPT_MAX = 8, /* pairs that are kept in memory */
};

/* The block of a pair that counts, as it was last read. */
struct littlefs_kept {
	struct littlefs_pair pair;
	uint8_t *block; /* NULL: nothing is kept here */
	size_t end;     /* of its commits */
	uint64_t used;  /* when it last was */
};

/* A pair of a directory, behind its first, in which something was found. All zero: none. */
struct littlefs_hint {
	struct littlefs_pair directory; /* its first */
	struct littlefs_pair pair;
};

struct littlefs_volume {
	struct medium medium;
	struct littlefs_sums *sums;
	uint32_t block_size;
	uint32_t block_count;
	uint32_t version;
	uint32_t name_max;
	uint32_t file_max;
	struct littlefs_pair root;
	uint32_t state[3]; /* the global one: the sum of all pairs' */
	uint8_t *used;     /* a bit for each block that something has; NULL: not known */
	uint32_t next;     /* where to look for a free one */
	uint32_t cycles; /* so many times a block of a pair is written before another takes over */
	unsigned moving; /* pairs that are being moved: while one is, its parent may have to be */
	uint32_t moved;  /* that have been: whoever holds what was read before reads it again */
	struct littlefs_kept kept[LITTLEFS_KEPT_MAX];
	uint64_t fetches;
	struct littlefs_hint hint;
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

/*
 * Read a pair. littlefs_metadata_fini() is needed only after 0. A block that cannot be read is one that is
 * not whole. -EBADMSG: neither is; -EIO: neither can be read.
 */
must_check int littlefs_fetch(struct littlefs_volume *volume, struct littlefs_pair pair,
                              struct littlefs_metadata *metadata);

/* True for the errors of a block that has nothing to read: it cannot be read, or is not whole. */
bool littlefs_is_lost(int error);

/*
 * Do not keep what has one of these blocks: they are about to be written. Or nothing at all: what was a
 * pair need not be one any more.
 */
void littlefs_forget(struct littlefs_volume *volume, struct littlefs_pair pair);
void littlefs_forget_all(struct littlefs_volume *volume);

/*
 * Write a pair anew, with the global state changed to `state` (NULL: as it is), and flush. If its
 * entries do not fit they are divided: the upper ones go to a new pair behind it. If the block that is
 * to be written is bad, or worn, the pair moves to another (`moved`), which changes what leads to it.
 * -EIO: the block is one of the first pair, which cannot move.
 */
must_check int littlefs_commit(struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                               const uint32_t state[3]);

/* Write the first contents of a pair that nobody knows yet to free blocks, and say which. */
must_check int littlefs_write_new(struct littlefs_volume *volume,
                                  struct littlefs_metadata *metadata);

/* A run of 1 to `most` free blocks, which are used then. -ENOSPC */
must_check int littlefs_allocate_run(struct littlefs_volume *volume, uint32_t most, uint32_t *first,
                                     uint32_t *count);

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

/* Read from a byte of a block on. */
must_check int littlefs_read(struct littlefs_volume *volume, uint32_t block, uint32_t offset,
                             void *bytes, size_t length);

/* Write `count` blocks and read them again. -EIO: one of them is bad: it has not what was written. */
must_check int littlefs_write(struct littlefs_volume *volume, uint32_t block, const uint8_t *bytes,
                              uint32_t count);

/*
 * Call `visit` for each pair of the list of all, until it returns other than 0, which is returned. A
 * list that does not end is -EBADMSG.
 */
must_check int littlefs_for_each_pair(struct littlefs_volume *volume,
                                      int (*visit)(void *context,
                                                   struct littlefs_metadata *metadata),
                                      void *context);

#endif
