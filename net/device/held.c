/* SPDX-License-Identifier: ISC */
/* Frames held until their time: a sorted array, which is short and grows at its end. */
#include "net/device/held.h"

#include <string.h>

void held_insert(struct held *held, struct frame *frame, nanoseconds due)
{
	size_t at = held->count++;

	for (; at > 0 && held->entries[at - 1].due > due; at--)
		held->entries[at] = held->entries[at - 1];
	held->entries[at].due = due;
	held->entries[at].frame = frame;
}

struct frame *held_peek(const struct held *held, nanoseconds now)
{
	return held->count > 0 && held->entries[0].due <= now ? held->entries[0].frame : NULL;
}

void held_take(struct held *held)
{
	held->count--;
	memmove(&held->entries[0], &held->entries[1], held->count * sizeof(held->entries[0]));
}
