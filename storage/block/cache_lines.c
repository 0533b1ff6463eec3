// SPDX-License-Identifier: ISC
/* A hash table of lines, and the order in which to forget them. */
#include "storage/block/cache_lines.h"

static struct block_cache_line **bucket_of(const struct block_cache_state *state, uint64_t number)
{
	return &state->buckets[(size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32) &
	                       state->bucket_mask];
}

struct block_cache_line *cache_line_find(const struct block_cache_state *state, uint64_t number)
{
	struct block_cache_line *line = *bucket_of(state, number);

	while (line != NULL && line->number != number)
		line = line->next;
	return line;
}

static void remove_from_bucket(struct block_cache_state *state, struct block_cache_line *line)
{
	struct block_cache_line **place = bucket_of(state, line->number);

	while (*place != line)
		place = &(*place)->next;
	*place = line->next;
	line->present = false;
}

struct block_cache_line *cache_line_take(struct block_cache_state *state, uint64_t number,
                                         const void *owner)
{
	if (list_empty(&state->least_recent))
		return NULL;
	struct block_cache_line *line =
		list_entry(state->least_recent.next, struct block_cache_line, link);
	struct block_cache_line **bucket = bucket_of(state, number);

	if (line->present)
		remove_from_bucket(state, line);
	line->number = number;
	line->present = true;
	line->next = *bucket;
	*bucket = line;
	cache_line_own(line, owner);
	return line;
}

void cache_line_touch(struct block_cache_state *state, struct block_cache_line *line)
{
	list_remove(&line->link);
	list_append(&state->least_recent, &line->link);
}

void cache_line_own(struct block_cache_line *line, const void *owner)
{
	list_remove(&line->link);
	line->owner = owner;
	line->stale = false;
}

void cache_line_settle(struct block_cache_state *state, struct block_cache_line *line)
{
	if (line->stale) {
		cache_line_drop(state, line);
		return;
	}
	line->owner = NULL;
	list_append(&state->least_recent, &line->link);
}

void cache_line_drop(struct block_cache_state *state, struct block_cache_line *line)
{
	remove_from_bucket(state, line);
	line->owner = NULL;
	list_remove(&line->link);
	list_prepend(&state->least_recent, &line->link);
}
