/* SPDX-License-Identifier: ISC */
/*
 * Slices: borrowed bytes. A slice owns nothing; whoever hands one out says how long the bytes last.
 * All range checks on byte strings live here.
 */
#ifndef MIRAGE_SLICE_H
#define MIRAGE_SLICE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mirage/attributes.h>

struct slice {
	uint8_t *bytes;
	size_t length;
};

static inline struct slice slice_of(void *bytes, size_t length)
{
	return (struct slice){ .bytes = bytes, .length = length };
}

/* True if `length` bytes at `offset` lie within `slice`. */
static inline bool slice_holds(struct slice slice, size_t offset, size_t length)
{
	return offset <= slice.length && length <= slice.length - offset;
}

/* Narrow to `length` bytes at `offset`. -ERANGE (and *part untouched) if they are not all there. */
static inline must_check int slice_sub(struct slice slice, size_t offset, size_t length,
                                       struct slice *part)
{
	if (!slice_holds(slice, offset, length))
		return -ERANGE;
	*part = slice_of(slice.bytes + offset, length);
	return 0;
}

/* Copy all of `source` to `offset` in `destination`; they may overlap. -ERANGE if it does not fit. */
static inline must_check int slice_copy(struct slice destination, size_t offset,
                                        struct slice source)
{
	if (!slice_holds(destination, offset, source.length))
		return -ERANGE;
	if (source.length > 0)
		memmove(destination.bytes + offset, source.bytes, source.length);
	return 0;
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

#endif
