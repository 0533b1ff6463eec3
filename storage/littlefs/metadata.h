/* SPDX-License-Identifier: ISC */
/*
 * littlefs's metadata blocks: logs of tags, after its specification of version 2.1 (SPEC.md).
 *
 * A block is read once, forward, up to the end of its last commit whose checksum is right; what the
 * tags say is then a list of entries in memory, which borrows the block's bytes. It is always
 * written whole, as one commit.
 */
#ifndef STORAGE_LITTLEFS_METADATA_H
#define STORAGE_LITTLEFS_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#define LITTLEFS_NULL 0xffffffffu /* no block */

enum {
	LITTLEFS_ID_NONE = 0x3ff,
	LITTLEFS_LENGTH_MAX = 0x3fe, /* of what a tag holds */
	LITTLEFS_ENTRIES_MAX = 0x3fe,

	LITTLEFS_FILE = 0x01,
	LITTLEFS_DIRECTORY = 0x02,
	LITTLEFS_SUPERBLOCK = 0xff,

	LITTLEFS_PAIR = 0x00, /* structures */
	LITTLEFS_INLINE = 0x01,
	LITTLEFS_LIST = 0x02,

	LITTLEFS_TIME = 0x74, /* the attribute that we keep times in: seconds, 8 bytes */
};

#define LITTLEFS_MOVE_MASK   0x7fffffffu /* of the first word of the global state */
#define LITTLEFS_MOVE_DELETE 0x4ff00000u
#define LITTLEFS_SYNC        0x80000000u

struct littlefs_pair {
	uint32_t block[2];
};

static inline bool littlefs_pair_equal(struct littlefs_pair a, struct littlefs_pair b)
{
	return (a.block[0] == b.block[0] && a.block[1] == b.block[1]) ||
	       (a.block[0] == b.block[1] && a.block[1] == b.block[0]);
}

/* For checksums, made once. */
struct littlefs_sums {
	uint32_t tables[8][256];
};

void littlefs_sums_init(struct littlefs_sums *sums);

/* Borrowed. */
struct littlefs_bytes {
	const uint8_t *bytes;
	uint16_t length;
};

struct littlefs_attribute {
	uint8_t type;
	struct littlefs_bytes value;
	struct littlefs_attribute *next;
};

struct littlefs_entry {
	uint8_t type;
	uint8_t structure;
	struct littlefs_bytes name;
	struct littlefs_bytes data;
	struct littlefs_attribute *attributes; /* on the heap */
};

/* The contents of a pair: what is in the block that counts. */
struct littlefs_metadata {
	struct littlefs_pair pair; /* first the block that was read */
	uint32_t revision;
	struct littlefs_entry *entries;
	size_t count;
	size_t room;
	struct littlefs_pair tail; /* LITTLEFS_NULL twice: none */
	bool hard;                 /* the tail is more of the same directory */
	uint32_t delta[3];         /* what it adds to the global state */
	uint32_t checksum;         /* of its last commit, as it was read */
	uint8_t *block;            /* the bytes that the entries borrow */
};

/*
 * Read what a block says. `metadata` is empty before; littlefs_metadata_fini() is needed whatever
 * comes of it. Takes over `block`, of `size` bytes, on the heap. The commits that are whole end at `*end`:
 * 0 to find that out, else as it was found out of the same bytes.
 *
 * -ENODATA  no commit in it is whole
 * -EBADMSG  what they say cannot be
 * -ENOMEM
 */
must_check int littlefs_metadata_parse(struct littlefs_metadata *metadata,
                                       const struct littlefs_sums *sums, uint8_t *block,
                                       size_t size, size_t *end);
void littlefs_metadata_fini(struct littlefs_metadata *metadata);

/* Make room for an entry at `position`; it is zero. -ENOMEM; -ENOSPC beyond LITTLEFS_ENTRIES_MAX. */
must_check int littlefs_metadata_insert(struct littlefs_metadata *metadata, size_t position);
void littlefs_metadata_remove(struct littlefs_metadata *metadata, size_t position);

/* Set an attribute. -ENOMEM */
must_check int littlefs_attribute_set(struct littlefs_entry *entry, uint8_t type,
                                      struct littlefs_bytes value);
const struct littlefs_attribute *littlefs_attribute_find(const struct littlefs_entry *entry,
                                                         uint8_t type);

/*
 * Write entries from `first` up to `end`, the tail and the delta as the one commit of a block, the
 * rest of which is as if erased. -ENOSPC: it does not fit.
 */
must_check int littlefs_metadata_make(const struct littlefs_metadata *metadata,
                                      const struct littlefs_sums *sums, size_t first, size_t end,
                                      uint8_t *block, size_t size);

#endif
