/* SPDX-License-Identifier: ISC */
/*
 * Buffers: reference-counted bytes from a pool with a budget, and views that share them.
 *
 * A pool's released buffers wait in a list, last in first out: the one taken next is the one most
 * likely still in the cache. Invariant: buffers in use + buffers in the list = buffers allocated
 * <= count_max.
 */
#include <mirage/buffer.h>

#include <stdalign.h>
#include <stdlib.h>

#include "runtime/bug.h"

struct buffer {
	struct buffer_pool *pool;
	struct buffer *next_free; /* meaningful in the pool's list only */
	uint32_t references;
	alignas(max_align_t) uint8_t bytes[];
};

struct buffer_pool {
	size_t size;
	size_t count_max;
	size_t in_use;
	size_t in_use_max;
	uint64_t refused;
	struct buffer *free;
};

int buffer_pool_new(struct buffer_pool **pool, size_t size, size_t count_max)
{
	size_t total;

	if (size == 0 || count_max == 0 || size > PTRDIFF_MAX - sizeof(struct buffer) ||
	    __builtin_mul_overflow(size + sizeof(struct buffer), count_max, &total))
		return -EINVAL;
	*pool = malloc(sizeof(**pool));
	if (*pool == NULL)
		return -ENOMEM;
	**pool = (struct buffer_pool){ .size = size, .count_max = count_max };
	return 0;
}

void buffer_pool_free(struct buffer_pool *pool)
{
	if (pool == NULL)
		return;
	if (pool->in_use != 0)
		bug("a pool of %zu-byte buffers is freed while %zu of them are in use", pool->size,
		    pool->in_use);
	while (pool->free != NULL) {
		struct buffer *buffer = pool->free;

		pool->free = buffer->next_free;
		free(buffer);
	}
	free(pool);
}

void buffer_pool_statistics(const struct buffer_pool *pool,
                            struct buffer_pool_statistics *statistics)
{
	*statistics = (struct buffer_pool_statistics){
		.size = pool->size,
		.count_max = pool->count_max,
		.in_use = pool->in_use,
		.in_use_max = pool->in_use_max,
		.refused = pool->refused,
	};
}

/* A buffer from the list, else from the heap; NULL when the heap has none. */
static struct buffer *pool_take(struct buffer_pool *pool)
{
	struct buffer *buffer = pool->free;

	if (buffer == NULL)
		return malloc(sizeof(*buffer) + pool->size);
	pool->free = buffer->next_free;
	return buffer;
}

int buffer_new(struct buffer **buffer, struct buffer_pool *pool)
{
	if (pool->in_use == pool->count_max) {
		pool->refused++;
		return -ENOBUFS;
	}
	struct buffer *taken = pool_take(pool);

	if (taken == NULL)
		return -ENOMEM;
	taken->pool = pool;
	taken->references = 1;
	pool->in_use++;
	if (pool->in_use > pool->in_use_max)
		pool->in_use_max = pool->in_use;
	*buffer = taken;
	return 0;
}

struct buffer *buffer_acquire(struct buffer *buffer)
{
	if (buffer->references == 0)
		bug("a released buffer is acquired");
	if (buffer->references == UINT32_MAX)
		bug("a buffer has too many references");
	buffer->references++;
	return buffer;
}

void buffer_release(struct buffer *buffer)
{
	if (buffer == NULL)
		return;
	if (buffer->references == 0)
		bug("a buffer is released twice");
	buffer->references--;
	if (buffer->references > 0)
		return;
	buffer->next_free = buffer->pool->free;
	buffer->pool->free = buffer;
	buffer->pool->in_use--;
}

struct slice buffer_slice(const struct buffer *buffer)
{
	/* Whoever holds a reference may write: const is about the count, not the bytes. */
	return slice_of((uint8_t *)(uintptr_t)buffer->bytes, buffer->pool->size);
}

uint32_t buffer_references(const struct buffer *buffer)
{
	return buffer->references;
}

struct view view_of(struct buffer *buffer)
{
	return (struct view){ .buffer = buffer_acquire(buffer), .slice = buffer_slice(buffer) };
}

int view_sub(const struct view *view, size_t offset, size_t length, struct view *part)
{
	struct slice slice;
	int result = slice_sub(view->slice, offset, length, &slice);

	if (result != 0)
		return result;
	*part = (struct view){
		.buffer = view->buffer == NULL ? NULL : buffer_acquire(view->buffer),
		.slice = slice,
	};
	return 0;
}

void view_release(struct view *view)
{
	buffer_release(view->buffer);
	*view = (struct view){ .buffer = NULL };
}
