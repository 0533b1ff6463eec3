/* SPDX-License-Identifier: ISC */
/*
 * crunch: a folder of files as read-only data in the image.
 *
 * Model.      `mirage crunch` turns a folder into an index in C, sorted by path, and an assembler
 *             file that takes in the files' bytes. A lookup is a binary search; kv_ro_get() copies
 *             nothing and kv_ro_digest() computes nothing.
 * Context.    Anywhere: nothing blocks, nothing changes.
 * See also.   kv_ro.h, config.h: crunch()
 */
#ifndef MIRAGE_CRUNCH_H
#define MIRAGE_CRUNCH_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/duration.h>
#include <mirage/kv_ro.h>

struct crunch_file {
	const char *path; /* a key, without a slash in front */
	const uint8_t *bytes;
	uint64_t length;
	nanoseconds modified; /* 0: not recorded, so that the same files give the same image */
	uint8_t digest[KV_DIGEST_SIZE];
};

/* What `mirage crunch` makes. */
struct crunch_index {
	const struct crunch_file *files; /* in the order of their paths' bytes */
	size_t count;
};

/* The device. */
struct crunch {
	const struct crunch_index *index;
};

extern const struct kv_ro_ops crunch_ops;

#endif
