/* SPDX-License-Identifier: ISC */
/*
 * The lines of a read cache, private to storage/block: which there are, and which to forget.
 *
 * A line is free, valid, or busy: its owner fills or overwrites it. Whoever meets a busy
 * line leaves it alone; a writer marks it stale, and its owner then drops it.
 */
#ifndef STORAGE_BLOCK_CACHE_LINES_H
#define STORAGE_BLOCK_CACHE_LINES_H

#include <mirage/block_cache.h>

struct block_cache_line {
	struct list link; /* valid: in state->least_recent; free: in it too, at its head */
	struct block_cache_line *next; /* in its bucket */
	uint8_t *bytes;
	uint64_t number;   /* of the line on the disk; unless free */
	const void *owner; /* while it is busy: whose it is */
	bool present;      /* not free: it is in a bucket */
	bool stale;        /* busy, and its bytes are not the disk's any more */
};

/* The line with that number, valid or busy, or NULL. */
struct block_cache_line *cache_line_find(const struct block_cache_state *state, uint64_t number);

static inline bool cache_line_valid(const struct block_cache_line *line)
{
	return line != NULL && line->owner == NULL;
}

/* Take the least recently used line for `number`, which is not there; it is busy. NULL: all are. */
struct block_cache_line *cache_line_take(struct block_cache_state *state, uint64_t number,
                                         const void *owner);

/* It was used. */
void cache_line_touch(struct block_cache_state *state, struct block_cache_line *line);

/* A valid line becomes its new owner's. */
void cache_line_own(struct block_cache_line *line, const void *owner);

/* A busy line becomes valid, or if it is stale, free. */
void cache_line_settle(struct block_cache_state *state, struct block_cache_line *line);

/* A line that is not somebody else's becomes free. */
void cache_line_drop(struct block_cache_state *state, struct block_cache_line *line);

#endif
