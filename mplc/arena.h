/* SPDX-License-Identifier: ISC */
/*
 * Memory of one compilation: taken piece by piece, given back all at once. Running out ends the
 * program: mplc has nothing better to do then.
 */
#ifndef MPLC_ARENA_H
#define MPLC_ARENA_H

#include <stddef.h>

#include <mirage/attributes.h>

struct arena {
	struct arena_block *blocks;
};

/* Zeroed memory. */
void *arena_take(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *text, size_t length);
char *arena_format(struct arena *arena, const char *format, ...) printf_like(2, 3);
void arena_free(struct arena *arena);

/* Room for one more item of an array with `count`: the array, perhaps moved. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t size);

#define arena_new(arena, type) ((type *)arena_take((arena), sizeof(type)))

#define arena_push(arena, items, count, item)                                      \
	do {                                                                       \
		(items) = arena_grow((arena), (items), (count), sizeof(*(items))); \
		(items)[(count)++] = (item);                                       \
	} while (0)

#endif
