/* SPDX-License-Identifier: ISC */
/*
 * Partitions: parts of a disk, as its partition table says. `block_partition` is the block device of
 * one of them.
 *
 * Tables.      MBR, with logical partitions, and GPT, of which the copy at the end of the disk is
 *              used if the first is damaged. Partitions have the numbers that Linux gives them: 1 to
 *              4 are in the MBR, logical ones count from 5 on; in a GPT, the place in the table.
 * Trust.       A table is bytes from outside. What lies beyond the end of the disk, in the table
 *              itself, or in another partition is refused (-EBADMSG), and a damaged table ends in
 *              bounded time.
 * Context.     Fiber, as the disk's operations.
 */
#ifndef MIRAGE_BLOCK_PARTITION_H
#define MIRAGE_BLOCK_PARTITION_H

#include <mirage/block.h>

enum {
	PARTITION_NUMBER_MAX = 1024, /* entries with a higher one are not looked at */
	PARTITION_NAME_MAX = 108,    /* bytes, of 36 UTF-16 units */
};

enum partition_scheme {
	PARTITION_MBR,
	PARTITION_GPT,
};

struct partition {
	enum partition_scheme scheme;
	unsigned int number;
	uint64_t sector; /* the first one, of the disk */
	uint64_t sector_count;
	uint8_t mbr_type;                  /* MBR */
	uint8_t type[16];                  /* GPT: a GUID as it is on disk */
	uint8_t identity[16];              /* GPT */
	char name[PARTITION_NAME_MAX + 1]; /* GPT: UTF-8; MBR: empty */
};

/*
 * Call `visit` for each partition of the disk, in the order of their numbers, until it returns other
 * than 0; return that, or 0. An extended partition is not visited, its logical ones are.
 *
 * -ENODATA  the disk has no partition table
 * -EBADMSG  the table is damaged: what was visited is not to be relied on
 * -ENOMEM, and the errors of reading `disk`
 */
must_check int partition_each(const struct block *disk,
                              int (*visit)(void *context, const struct partition *partition),
                              void *context);

/*
 * Find the partition with that number, or the first with that name (of a GPT).
 *
 * -ENOENT   there is none
 * -EBADMSG  the table is damaged, or the partition overlaps another one
 * -ENODATA, -ENOMEM, and the errors of reading `disk`
 */
must_check int partition_find(const struct block *disk, unsigned int number,
                              struct partition *partition);
must_check int partition_find_named(const struct block *disk, const char *name,
                                    struct partition *partition);

struct block_partition_state {
	struct block_info info;
	struct partition partition; /* which it is, while it is connected */
};

struct block_partition {
	struct block_partition_state *state;
	const struct block *below; /* the disk */
	unsigned int number;
	const char *name; /* if not NULL, the partition is looked for by its name */
};

extern const struct block_ops block_partition_ops;

/* Look the partition up. Errors as partition_find(); they are logged. */
must_check int block_partition_connect(const struct block_partition *self);
void block_partition_disconnect(const struct block_partition *self);

#endif
