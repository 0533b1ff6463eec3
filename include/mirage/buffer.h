/* SPDX-License-Identifier: ISC */
/*
 * Buffers: reference-counted bytes from a pool with a budget, and views that share them.
 *
 * Model.      A pool makes buffers of one size and keeps the released ones for reuse. A buffer
 *             lives until its last reference is released. A view is a counted part of a buffer:
 *             taking a part of a view copies nothing.
 * Ownership.  buffer_new(), buffer_acquire(), view_of() and view_sub() each give the caller one
 *             reference, to be given back once with buffer_release() or view_release().
 * Sharing.    Whoever writes to a buffer with more than one reference changes what all see.
 * Context.    One instance; counts are not atomic. Nothing blocks.
 */
#ifndef MIRAGE_BUFFER_H
#define MIRAGE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/slice.h>

struct buffer_pool;
struct buffer;

/*
 * Make a pool of buffers of `size` bytes each, of which at most `count_max` exist at a time.
 * Storage is taken when first needed and kept until buffer_pool_free().
 *
 * -EINVAL  size or count_max is 0, or too large to compute with
 * -ENOMEM
 */
must_check int buffer_pool_new(struct buffer_pool **pool, size_t size, size_t count_max);

/* Free a pool. Every buffer must have been released: one that was not is a bug and aborts. */
void buffer_pool_free(struct buffer_pool *pool);

struct buffer_pool_statistics {
	size_t size;       /* bytes per buffer */
	size_t count_max;  /* the budget */
	size_t in_use;     /* referenced now */
	size_t in_use_max; /* most at once */
	uint64_t refused;  /* buffer_new() calls that found the budget spent */
};

void buffer_pool_statistics(const struct buffer_pool *pool,
                            struct buffer_pool_statistics *statistics);

/*
 * Take a buffer with one reference and unspecified contents.
 *
 * -ENOBUFS  the pool's budget is spent
 * -ENOMEM   the heap is
 */
must_check int buffer_new(struct buffer **buffer, struct buffer_pool *pool);

/* Add a reference; returns `buffer`. */
struct buffer *buffer_acquire(struct buffer *buffer);

/* Give a reference back; the last one returns the buffer to its pool. NULL is allowed. */
void buffer_release(struct buffer *buffer);

/* All of a buffer's bytes, valid while the caller holds a reference. */
struct slice buffer_slice(const struct buffer *buffer);

uint32_t buffer_references(const struct buffer *buffer);

/* A counted part of a buffer. */
struct view {
	struct buffer *buffer;
	struct slice slice;
};

/* A view of a whole buffer, with a reference of its own. */
struct view view_of(struct buffer *buffer);

/* A view of `length` bytes at `offset` of `view`, with a reference of its own. -ERANGE. */
must_check int view_sub(const struct view *view, size_t offset, size_t length, struct view *part);

/* Give the view's reference back and empty it; an empty view is allowed. */
void view_release(struct view *view);

#endif
