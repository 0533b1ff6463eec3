/* SPDX-License-Identifier: ISC */
/*
 * The bytes of a file as littlefs keeps them: a skip list of blocks, from the last to the first. Block
 * n begins with a pointer for each power of two that divides n: to the block so far before it.
 */
#ifndef STORAGE_LITTLEFS_LIST_H
#define STORAGE_LITTLEFS_LIST_H

#include <sys/types.h>

#include "storage/littlefs/volume.h"

struct littlefs_list {
	uint32_t head; /* the last block */
	uint32_t size; /* bytes of the file */
};

/* Read what lies within the size. Returns the count. */
must_check ssize_t littlefs_list_read(struct littlefs_volume *volume, struct littlefs_list list,
                                      uint64_t offset, void *bytes, size_t length);

/*
 * Write `size` bytes, which `fill(context, offset, bytes, length)` gives, perhaps more than once, to free
 * blocks. Blocks that turn out to be bad are not used. Not flushed.
 */
must_check int littlefs_list_write(struct littlefs_volume *volume, uint32_t size,
                                   int (*fill)(void *context, uint64_t offset, uint8_t *bytes,
                                               size_t length),
                                   void *context, struct littlefs_list *list);

/* Call `visit` for each block until it returns other than 0. Above 0 ends the walk without error. */
must_check int littlefs_list_walk(struct littlefs_volume *volume, struct littlefs_list list,
                                  int (*visit)(void *context, uint32_t block), void *context);

#endif
