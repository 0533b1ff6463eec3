/* SPDX-License-Identifier: ISC */
/*
 * Frames held until their time, earliest first; those of the same time in the order in which they
 * came. Private to faulty.c.
 */
#ifndef NET_DEVICE_HELD_H
#define NET_DEVICE_HELD_H

#include <mirage/duration.h>
#include <mirage/frame.h>

enum {
	HELD_MAX = 1024,
};

struct held {
	struct {
		nanoseconds due;
		struct frame *frame;
	} entries[HELD_MAX];
	size_t count;
};

static inline size_t held_room(const struct held *held)
{
	return HELD_MAX - held->count;
}

/* When the first is due, NEVER if there is none. */
static inline nanoseconds held_first_due(const struct held *held)
{
	return held->count > 0 ? held->entries[0].due : NEVER;
}

/* Take the frame, for which there is room. */
void held_insert(struct held *held, struct frame *frame, nanoseconds due);

/* The first frame if it is due at `now`, or NULL. It stays. */
struct frame *held_peek(const struct held *held, nanoseconds now);

/* Forget the first. */
void held_take(struct held *held);

#endif
