/* SPDX-License-Identifier: ISC */
/*
 * Frames.
 *
 * A frame and its storage are one allocation, and the fields that every frame uses share its first
 * two cache lines. Released frames wait in their pool's list, last in first out: the one taken next
 * is the one most likely still in the cache.
 */
#include <mirage/frame.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/checksum.h>

#include "runtime/bug.h"

enum {
	LINE = 64, /* bytes of a cache line: frames and their storage begin on one */
};

#define FRAME_SIZE ((sizeof(struct frame) + LINE - 1) / LINE * LINE)

_Static_assert(offsetof(struct frame, fragments) <= LINE + LINE,
               "what every frame uses is together");

struct frame_pool {
	size_t storage_size;
	size_t count_max;
	size_t in_use;
	size_t in_use_max;
	uint64_t refused;
	struct frame *free;
};

int frame_pool_new(struct frame_pool **pool, size_t storage_size, size_t count_max)
{
	if (storage_size == 0 || storage_size > FRAME_STORAGE_MAX || count_max == 0)
		return -EINVAL;
	*pool = malloc(sizeof(**pool));
	if (*pool == NULL)
		return -ENOMEM;
	**pool = (struct frame_pool){
		.storage_size = (storage_size + LINE - 1) / LINE * LINE,
		.count_max = count_max,
	};
	return 0;
}

void frame_pool_free(struct frame_pool *pool)
{
	if (pool == NULL)
		return;
	if (pool->in_use != 0)
		bug("a pool of frames is freed while %zu of them are in use", pool->in_use);
	while (pool->free != NULL) {
		struct frame *frame = pool->free;

		pool->free = frame->next;
		free(frame);
	}
	free(pool);
}

void frame_pool_statistics(const struct frame_pool *pool, struct frame_pool_statistics *statistics)
{
	*statistics = (struct frame_pool_statistics){
		.storage_size = pool->storage_size,
		.count_max = pool->count_max,
		.in_use = pool->in_use,
		.in_use_max = pool->in_use_max,
		.refused = pool->refused,
	};
}

/* A frame from the list, else from the heap; NULL when the heap has none. */
static struct frame *pool_take(struct frame_pool *pool)
{
	struct frame *frame = pool->free;

	if (frame != NULL) {
		pool->free = frame->next;
		return frame;
	}
	frame = aligned_alloc(LINE, FRAME_SIZE + pool->storage_size);
	if (frame == NULL)
		return NULL;
	frame->pool = pool;
	frame->storage = (uint8_t *)frame + FRAME_SIZE;
	frame->storage_size = (uint16_t)pool->storage_size;
	return frame;
}

/* All but what belongs to the storage. */
static void frame_reset(struct frame *frame, size_t head_room)
{
	frame->references = 1;
	frame->next = NULL;
	frame->length = 0;
	frame->first = (uint16_t)head_room;
	frame->linear_length = 0;
	frame->fragment_count = 0;
	frame->checksum = FRAME_CHECKSUM_NONE;
	frame->segmentation = FRAME_SEGMENTATION_NONE;
	frame->congestion = false;
	frame->network = FRAME_UNKNOWN;
	frame->transport = FRAME_UNKNOWN;
	frame->payload = FRAME_UNKNOWN;
	frame->checksum_start = FRAME_UNKNOWN;
}

int frame_new(struct frame **frame, struct frame_pool *pool, size_t head_room)
{
	if (head_room > pool->storage_size)
		return -ERANGE;
	if (pool->in_use == pool->count_max) {
		pool->refused++;
		return -ENOBUFS;
	}
	struct frame *taken = pool_take(pool);

	if (taken == NULL)
		return -ENOMEM;
	frame_reset(taken, head_room);
	pool->in_use++;
	if (pool->in_use > pool->in_use_max)
		pool->in_use_max = pool->in_use;
	*frame = taken;
	return 0;
}

struct frame *frame_acquire(struct frame *frame)
{
	if (frame->references == 0)
		bug("a released frame is acquired");
	if (frame->references == UINT32_MAX)
		bug("a frame has too many references");
	frame->references++;
	return frame;
}

static void release_fragments(struct frame *frame, size_t first)
{
	while (frame->fragment_count > first)
		view_release(&frame->fragments[--frame->fragment_count]);
}

void frame_release(struct frame *frame)
{
	if (frame == NULL)
		return;
	if (frame->references == 0)
		bug("a frame is released twice");
	frame->references--;
	if (frame->references > 0)
		return;
	release_fragments(frame, 0);
	frame->next = frame->pool->free;
	frame->pool->free = frame;
	frame->pool->in_use--;
}

void frame_release_all(struct frame *frames[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		frame_release(frames[i]);
}

static void copy_metadata(struct frame *copy, const struct frame *frame)
{
	copy->checksum = frame->checksum;
	copy->segmentation = frame->segmentation;
	copy->congestion = frame->congestion;
	copy->segment_size = frame->segment_size;
	copy->network = frame->network;
	copy->transport = frame->transport;
	copy->payload = frame->payload;
	copy->checksum_start = frame->checksum_start;
	copy->checksum_offset = frame->checksum_offset;
}

int frame_copy(struct frame **copy, const struct frame *frame, struct frame_pool *pool)
{
	struct frame *made;

	if ((size_t)frame->first + frame->linear_length > pool->storage_size)
		return -ERANGE;
	int result = frame_new(&made, pool, frame->first);

	if (result != 0)
		return result;
	memcpy(frame_bytes(made), frame_bytes(frame), frame->linear_length);
	made->linear_length = frame->linear_length;
	made->length = frame->length;
	made->fragment_count = frame->fragment_count;
	for (size_t i = 0; i < frame->fragment_count; i++) {
		made->fragments[i] = frame->fragments[i];
		if (made->fragments[i].buffer != NULL)
			buffer_acquire(made->fragments[i].buffer);
	}
	copy_metadata(made, frame);
	*copy = made;
	return 0;
}

int frame_append_view(struct frame *frame, struct view *view)
{
	if (view->slice.length > FRAME_LENGTH_MAX - frame->length)
		return -EMSGSIZE;
	if (view->slice.length == 0) {
		view_release(view);
		return 0;
	}
	if (frame->fragment_count == FRAME_FRAGMENTS_MAX)
		return -ENOSPC;
	frame->fragments[frame->fragment_count++] = *view;
	frame->length += (uint32_t)view->slice.length;
	*view = (struct view){ .buffer = NULL };
	return 0;
}

void frame_replace_view(struct frame *frame, size_t index, struct view *view)
{
	if (index == 0 || index > frame->fragment_count ||
	    frame->fragments[index - 1].slice.length != view->slice.length)
		bug("part %zu of a frame is replaced by %zu bytes", index, view->slice.length);
	view_release(&frame->fragments[index - 1]);
	frame->fragments[index - 1] = *view;
	*view = (struct view){ .buffer = NULL };
}

/* Take `length` bytes, which are there, off the front of the fragments. */
static void remove_from_fragments(struct frame *frame, size_t length)
{
	size_t gone = 0;

	while (length > 0 && length >= frame->fragments[gone].slice.length) {
		length -= frame->fragments[gone].slice.length;
		view_release(&frame->fragments[gone]);
		gone++;
	}
	if (gone > 0) {
		frame->fragment_count = (uint8_t)(frame->fragment_count - gone);
		memmove(&frame->fragments[0], &frame->fragments[gone],
		        frame->fragment_count * sizeof(frame->fragments[0]));
	}
	if (length > 0) {
		struct slice *slice = &frame->fragments[0].slice;

		*slice = slice_of(slice->bytes + length, slice->length - length);
	}
}

int frame_remove(struct frame *frame, size_t length)
{
	size_t linear = length < frame->linear_length ? length : frame->linear_length;

	if (length > frame->length)
		return -ERANGE;
	frame->first = (uint16_t)(frame->first + linear);
	frame->linear_length = (uint16_t)(frame->linear_length - linear);
	remove_from_fragments(frame, length - linear);
	frame->length -= (uint32_t)length;
	return 0;
}

int frame_truncate(struct frame *frame, size_t length)
{
	size_t kept = 0, left = length;

	if (length > frame->length)
		return -ERANGE;
	frame->length = (uint32_t)length;
	if (length <= frame->linear_length) {
		frame->linear_length = (uint16_t)length;
		release_fragments(frame, 0);
		return 0;
	}
	left -= frame->linear_length;
	while (left > 0) {
		struct slice *slice = &frame->fragments[kept++].slice;

		if (slice->length > left)
			slice->length = left;
		left -= slice->length;
	}
	release_fragments(frame, kept);
	return 0;
}

/* Copy `length` bytes, which are there, from `offset` of the fragments. */
static void read_fragments(const struct frame *frame, size_t offset, uint8_t *bytes, size_t length)
{
	for (size_t i = 0; length > 0; i++) {
		struct slice slice = frame->fragments[i].slice;

		if (offset >= slice.length) {
			offset -= slice.length;
			continue;
		}
		size_t count = slice.length - offset < length ? slice.length - offset : length;

		memcpy(bytes, slice.bytes + offset, count);
		bytes += count;
		length -= count;
		offset = 0;
	}
}

int frame_make_linear(struct frame *frame, size_t length)
{
	if (length > frame->length)
		return -ERANGE;
	if (length <= frame->linear_length)
		return 0;
	size_t missing = length - frame->linear_length;

	if (missing > frame_tail_room(frame))
		return -ENOSPC;
	read_fragments(frame, 0, frame_bytes(frame) + frame->linear_length, missing);
	remove_from_fragments(frame, missing);
	frame->linear_length = (uint16_t)length;
	return 0;
}

int frame_read(const struct frame *frame, size_t offset, void *bytes, size_t length)
{
	uint8_t *next = bytes;

	if (offset > frame->length || length > frame->length - offset)
		return -ERANGE;
	if (offset < frame->linear_length) {
		size_t count = frame->linear_length - offset;

		if (count > length)
			count = length;
		memcpy(next, frame_bytes(frame) + offset, count);
		next += count;
		length -= count;
		offset += count;
	}
	read_fragments(frame, offset - frame->linear_length, next, length);
	return 0;
}
