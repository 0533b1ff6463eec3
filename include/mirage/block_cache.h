/* SPDX-License-Identifier: ISC */
/*
 * `block_cache`: a block device that keeps in memory what was read from the one below.
 *
 * Model.       Memory is divided into lines of 4 KiB (or one sector, if that is larger). A read of up
 *              to eight lines takes from the cache what is there, and reads the other lines whole.
 *              Longer ones go below past the cache, so that reading a large file once does not
 *              empty it. Writes go below at once: a write that has returned is as durable as it is
 *              without the cache, and lines that it changes stay in the cache, changed.
 * Budget.      What `size` says, and some 2 % of it. Full, it forgets the line that was used longest
 *              ago.
 * Use.         On targets whose host calls are slow, and for layers whose reads are (checksums,
 *              encryption). A file on unix is in the host's page cache anyway.
 * Context.     As `below`.
 */
#ifndef MIRAGE_BLOCK_CACHE_H
#define MIRAGE_BLOCK_CACHE_H

#include <mirage/block.h>
#include <mirage/list.h>

struct block_cache_line;

/* Since the device was connected. */
struct block_cache_counts {
	uint64_t hits;   /* lines found */
	uint64_t misses; /* lines read from below */
	uint64_t passed; /* reads that went past the cache */
};

struct block_cache_state {
	struct block_info info;
	struct block_cache_counts counts;
	uint32_t line_size; /* bytes; private from here on */
	uint32_t line_sectors;
	size_t line_count;
	struct block_cache_line *lines;
	struct block_cache_line **buckets;
	size_t bucket_mask;
	uint8_t *bytes;
	struct list least_recent; /* lines that can be forgotten, oldest use first */
};

struct block_cache {
	struct block_cache_state *state;
	const struct block *below;
	uint64_t size; /* bytes of lines; 0 means 1 MiB */
};

extern const struct block_ops block_cache_ops;

/*
 * Take the memory.
 *
 * -ENXIO   `below` is not connected
 * -EINVAL  the size is less than eight lines
 * -ENOMEM
 */
must_check int block_cache_connect(const struct block_cache *cache);

void block_cache_disconnect(const struct block_cache *cache);

#endif
