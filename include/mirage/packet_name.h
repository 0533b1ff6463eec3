/* SPDX-License-Identifier: ISC */
/*
 * Domain names in messages (RFC 1035 section 3.1 and 4.1.4): labels, back pointers, compression.
 *
 * Model.      A `struct packet_name` is a place in a message. Its labels may go on elsewhere in the
 *             message by pointers, which only ever lead back, so that every name ends. A name of its
 *             own, not in any message, is one in a small message of just that name.
 * Ownership.  A name borrows the message.
 * Compression. A builder asks `struct packet_compression` whether the rest of a name was written
 *             before; struct packet_name_table is one that remembers a fixed number of places.
 * Context.    Any. Nothing blocks; time is bounded by the 255 bytes of a name.
 */
#ifndef MIRAGE_PACKET_NAME_H
#define MIRAGE_PACKET_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/slice.h>

/* Longest name in a message, with its length bytes and the empty label at the end. */
#define PACKET_NAME_SIZE 255

/* Room for the text of any name, each byte perhaps as \DDD, with the NUL. */
#define PACKET_NAME_TEXT_SIZE 1016

struct packet_name {
	struct slice message;
	size_t offset;
};

/*
 * Check the name at `offset`; *end is the position after it (after the pointer, if it has one).
 *
 * -EMSGSIZE  it goes on past the message
 * -EBADMSG   a pointer that does not lead back, a label of a reserved kind, over 255 bytes
 */
must_check int packet_name_parse(struct slice message, size_t offset, size_t *end);

/* Bytes of the name without pointers, 1..255. */
size_t packet_name_size(struct packet_name name);

/* Write the name without pointers; returns its size. `bytes` has room for PACKET_NAME_SIZE. */
size_t packet_name_expand(struct packet_name name, uint8_t bytes[PACKET_NAME_SIZE]);

/* True if both are the same name; ASCII letters are equal in both cases. */
bool packet_name_equal(struct packet_name a, struct packet_name b);

/*
 * Encode "www.example.org" (a dot at the end does no harm; "\." and "\DDD" are bytes of a label) into
 * `bytes` and point *name at it.
 *
 * -EINVAL  an empty label, a label over 63 bytes, a name over 255, or a bad escape
 */
must_check int packet_name_from_text(const char *text, uint8_t bytes[PACKET_NAME_SIZE],
                                     struct packet_name *name);

/* Write the text, NUL-terminated, without the dot at the end ("." for the root), and return it. */
const char *packet_name_to_text(struct packet_name name, char text[PACKET_NAME_TEXT_SIZE]);

/* What a builder asks. Either function may be NULL. */
struct packet_compression {
	/* Where in `message` (what is written so far) `name` begins: an offset below 0x4000, or -1. */
	int (*find)(void *context, struct slice message, struct packet_name name);
	/* `message` now has a name, or the rest of one, at `offset`. */
	void (*remember)(void *context, struct slice message, uint16_t offset);
	void *context;
};

#define PACKET_NAME_TABLE_COUNT 32

/* A compression that remembers the first places; zero-initialise one for each message. */
struct packet_name_table {
	uint16_t offsets[PACKET_NAME_TABLE_COUNT];
	size_t count;
};

struct packet_compression packet_name_table(struct packet_name_table *table);

/*
 * Write `name` at `at` in `message`, pointing back where `compression` (or NULL) knows of the rest.
 *
 * -ENOBUFS  it does not fit
 * -EINVAL   not a name (a NULL message is the root)
 */
must_check int packet_name_put(struct slice message, size_t at, struct packet_name name,
                               const struct packet_compression *compression, size_t *end);

#endif
