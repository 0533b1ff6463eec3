// SPDX-License-Identifier: ISC
/*
 * The read cache.
 *
 * Theory of operation. A batch is gone through in order. Reads that the cache has are copied. A run
 * of short reads that it has not is planned: their missing lines are taken, read from below in one
 * batch (the window), and then copied from. Whatever has become of a line meanwhile, a read that does
 * not find all its lines is passed below itself, which also tells it of errors. All other requests,
 * in runs, are passed below as they are.
 *
 * Fibers meet in the lines. Before a write is passed below, the valid lines it changes become its
 * own, and after it, if nobody has marked them stale, they are changed and valid again. At its
 * beginning and at its end it marks stale the lines of others; at its end it also drops the lines
 * that somebody may have filled meanwhile with what was there before.
 */
#include <mirage/block_cache.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>

#include "storage/block/cache_lines.h"

enum {
	LINE_SIZE_MIN = 4096,
	READ_LINES_MAX = 8, /* of a read that is not passed below */
	WINDOW_LINES = 32,
	SIZE_DEFAULT = 1 << 20,
};

/* Lines that are read from below at once. */
struct window {
	size_t count;
	struct block_request requests[WINDOW_LINES];
	struct slice slices[WINDOW_LINES];
	struct block_cache_line *lines[WINDOW_LINES];
};

static const struct block_info *info(const void *self)
{
	const struct block_cache *cache = self;

	return &cache->state->info;
}

static uint64_t line_first(const struct block_cache_state *state,
                           const struct block_request *request)
{
	return request->sector / state->line_sectors;
}

static uint64_t line_last(const struct block_cache_state *state,
                          const struct block_request *request)
{
	return (request->sector + request->sector_count - 1) / state->line_sectors;
}

static bool is_short_read(const struct block_cache_state *state,
                          const struct block_request *request)
{
	return request->operation == BLOCK_READ &&
	       line_last(state, request) - line_first(state, request) < READ_LINES_MAX;
}

static bool has_all(const struct block_cache_state *state, const struct block_request *request)
{
	for (uint64_t n = line_first(state, request); n <= line_last(state, request); n++)
		if (!cache_line_valid(cache_line_find(state, n)))
			return false;
	return true;
}

/* What a request and a line have in common. */
struct overlap {
	size_t in_request; /* bytes from its beginning */
	size_t in_line;
	size_t length;
};

static struct overlap overlap_of(const struct block_cache_state *state,
                                 const struct block_request *request, uint64_t number)
{
	uint64_t line_sector = number * state->line_sectors;
	uint64_t first = request->sector > line_sector ? request->sector : line_sector;
	uint64_t request_end = request->sector + request->sector_count;
	uint64_t line_end = line_sector + state->line_sectors;
	uint64_t end = request_end < line_end ? request_end : line_end;

	return (struct overlap){
		.in_request = (size_t)block_bytes(&state->info, first - request->sector),
		.in_line = (size_t)block_bytes(&state->info, first - line_sector),
		.length = (size_t)block_bytes(&state->info, end - first),
	};
}

/* Answer a read from the cache. False if it has not all lines. */
static bool answer(struct block_cache_state *state, struct block_request *request)
{
	if (!has_all(state, request))
		return false;
	for (uint64_t n = line_first(state, request); n <= line_last(state, request); n++) {
		struct block_cache_line *line = cache_line_find(state, n);
		struct overlap overlap = overlap_of(state, request, n);

		block_copy_to_slices(request, overlap.in_request, line->bytes + overlap.in_line,
		                     overlap.length);
		cache_line_touch(state, line);
	}
	request->result = 0;
	return true;
}

/* Make room in the window for the lines that a read misses. False if that cannot be: nothing is. */
static bool plan(struct block_cache_state *state, const struct block_request *request,
                 struct window *window)
{
	size_t before = window->count;

	for (uint64_t n = line_first(state, request); n <= line_last(state, request); n++) {
		struct block_cache_line *line = cache_line_find(state, n);

		if (cache_line_valid(line))
			cache_line_touch(state, line);
		else if (line == NULL && window->count < WINDOW_LINES &&
		         (line = cache_line_take(state, n, window)) != NULL)
			window->lines[window->count++] = line;
		else if (line == NULL || line->owner != window)
			goto undo;
	}
	return true;
undo:
	while (window->count > before)
		cache_line_drop(state, window->lines[--window->count]);
	return false;
}

/* Read the window's lines from below. */
static void fill(const struct block_cache *cache, struct window *window, nanoseconds deadline)
{
	struct block_cache_state *state = cache->state;

	for (size_t i = 0; i < window->count; i++) {
		uint64_t sector = window->lines[i]->number * state->line_sectors;
		uint64_t left = state->info.sector_count - sector; /* the last line may be short */
		uint64_t count = left < state->line_sectors ? left : state->line_sectors;

		window->slices[i] =
			slice_of(window->lines[i]->bytes, (size_t)block_bytes(&state->info, count));
		window->requests[i] = (struct block_request){
			.operation = BLOCK_READ,
			.sector = sector,
			.slices = &window->slices[i],
			.slice_count = 1,
		};
	}
	error_ignore(block_submit(cache->below, window->requests, window->count, deadline),
	             "each request has its result");
	for (size_t i = 0; i < window->count; i++)
		if (window->requests[i].result == 0)
			cache_line_settle(state, window->lines[i]);
		else
			cache_line_drop(state, window->lines[i]);
	state->counts.misses += window->count;
}

static void pass(const struct block_cache *cache, struct block_request *requests, size_t count,
                 nanoseconds deadline)
{
	error_ignore(block_submit(cache->below, requests, count, deadline),
	             "each request has its result");
}

/* Answer a run of short reads, of which the first misses a line. Returns its length. */
static size_t read_run(const struct block_cache *cache, struct block_request *requests,
                       size_t count, nanoseconds deadline, struct window **window)
{
	struct block_cache_state *state = cache->state;
	size_t planned = 0;

	if (*window == NULL)
		*window = malloc(sizeof(**window));
	if (*window != NULL) {
		(*window)->count = 0;
		while (planned < count && is_short_read(state, &requests[planned]) &&
		       plan(state, &requests[planned], *window))
			planned++;
	}
	if (planned == 0) {
		pass(cache, requests, 1, deadline);
		state->counts.passed++;
		return 1;
	}
	fill(cache, *window, deadline);
	for (size_t i = 0; i < planned; i++)
		if (!answer(state, &requests[i]))
			pass(cache, &requests[i], 1, deadline);
	return planned;
}

/* The lines that are there, of those that the request touches. */
static void each_line(struct block_cache_state *state, const struct block_request *request,
                      void (*visit)(struct block_cache_state *state,
                                    const struct block_request *request,
                                    struct block_cache_line *line))
{
	uint64_t first = line_first(state, request), last = line_last(state, request);

	if (last - first < state->line_count) {
		for (uint64_t n = first; n <= last; n++) {
			struct block_cache_line *line = cache_line_find(state, n);

			if (line != NULL)
				visit(state, request, line);
		}
		return;
	}
	for (size_t i = 0; i < state->line_count; i++) {
		struct block_cache_line *line = &state->lines[i];

		if (line->present && line->number >= first && line->number <= last)
			visit(state, request, line);
	}
}

static void claim(struct block_cache_state *state, const struct block_request *request,
                  struct block_cache_line *line)
{
	if (!cache_line_valid(line))
		line->stale = true;
	else if (request->operation == BLOCK_WRITE)
		cache_line_own(line, request);
	else
		cache_line_drop(state, line);
}

static void release(struct block_cache_state *state, const struct block_request *request,
                    struct block_cache_line *line)
{
	if (cache_line_valid(line)) {
		cache_line_drop(state, line);
	} else if (line->owner != request) {
		line->stale = true;
	} else {
		struct overlap overlap = overlap_of(state, request, line->number);

		line->stale = line->stale || request->result != 0;
		block_copy_from_slices(request, overlap.in_request, line->bytes + overlap.in_line,
		                       overlap.length);
		cache_line_settle(state, line);
	}
}

static bool changes(const struct block_request *request)
{
	return request->operation == BLOCK_WRITE || request->operation == BLOCK_DISCARD;
}

/* Pass a run of requests that the cache does not answer. Returns its length. */
static size_t pass_run(const struct block_cache *cache, struct block_request *requests,
                       size_t count, nanoseconds deadline)
{
	struct block_cache_state *state = cache->state;
	size_t length = 0;

	while (length < count && !is_short_read(state, &requests[length]))
		length++;
	for (size_t i = 0; i < length; i++)
		if (changes(&requests[i]))
			each_line(state, &requests[i], claim);
		else if (requests[i].operation == BLOCK_READ)
			state->counts.passed++;
	pass(cache, requests, length, deadline);
	for (size_t i = 0; i < length; i++)
		if (changes(&requests[i]))
			each_line(state, &requests[i], release);
	return length;
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_cache *cache = self;
	struct block_cache_state *state = cache->state;
	struct window *window = NULL;
	size_t done;

	for (size_t i = 0; i < count; i += done) {
		struct block_request *request = &requests[i];

		done = 1;
		if (!is_short_read(state, request))
			done = pass_run(cache, request, count - i, deadline);
		else if (answer(state, request))
			state->counts.hits +=
				line_last(state, request) - line_first(state, request) + 1;
		else
			done = read_run(cache, request, count - i, deadline, &window);
	}
	free(window);
}

const struct block_ops block_cache_ops = { .info = info, .submit = submit };

static int allocate(struct block_cache_state *state)
{
	size_t bucket_count = 8;

	while (bucket_count < state->line_count)
		bucket_count *= 2;
	state->bucket_mask = bucket_count - 1;
	state->buckets = calloc(bucket_count, sizeof(struct block_cache_line *));
	state->lines = calloc(state->line_count, sizeof(*state->lines));
	state->bytes = calloc(state->line_count, state->line_size);
	if (state->buckets == NULL || state->lines == NULL || state->bytes == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < state->line_count; i++) {
		state->lines[i].bytes = state->bytes + i * state->line_size;
		list_append(&state->least_recent, &state->lines[i].link);
	}
	return 0;
}

int block_cache_connect(const struct block_cache *cache)
{
	const struct block_info *below = block_info(cache->below);
	uint64_t size = cache->size == 0 ? SIZE_DEFAULT : cache->size;
	struct block_cache_state *state = cache->state;

	*state = (struct block_cache_state){ .line_size = LINE_SIZE_MIN };
	list_init(&state->least_recent);
	if (below->sector_size == 0)
		return -ENXIO;
	if (state->line_size < below->sector_size)
		state->line_size = below->sector_size;
	state->line_sectors = state->line_size / below->sector_size;
	if (size / state->line_size < READ_LINES_MAX)
		return -EINVAL;
	if (size > PTRDIFF_MAX)
		return -ENOMEM;
	state->line_count = (size_t)(size / state->line_size);
	int result = allocate(state);
	if (result != 0)
		block_cache_disconnect(cache);
	else
		state->info = *below;
	return result;
}

void block_cache_disconnect(const struct block_cache *cache)
{
	struct block_cache_state *state = cache->state;

	free(state->buckets);
	free(state->lines);
	free(state->bytes);
	*state = (struct block_cache_state){ .line_size = 0 };
}
