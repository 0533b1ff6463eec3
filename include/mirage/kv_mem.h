/* SPDX-License-Identifier: ISC */
/*
 * kv_mem: a key/value store in memory. It is empty when the image starts and gone when it ends.
 *
 * Model.      Values are kept by sorted path; a dictionary is there while something is in it.
 *             Setting, removing and finding take logarithmic time. Each call is all or nothing.
 * Budget.     `bytes_max` limits the bytes of keys and values together: what does not fit is
 *             -ENOSPC. 0: only the heap does, with -ENOMEM.
 * Context.    Anywhere; nothing blocks.
 * See also.   kv_rw.h
 */
#ifndef MIRAGE_KV_MEM_H
#define MIRAGE_KV_MEM_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/kv_rw.h>
#include <mirage/wall_clock.h>

struct kv_mem_block;

/* All fields are private; zero is an empty store. */
struct kv_mem_state {
	struct kv_mem_block **blocks; /* runs of values, in order */
	size_t block_count;
	size_t block_room;
	size_t count;
	uint64_t bytes;
};

struct kv_mem {
	struct kv_mem_state *state;
	const struct wall_clock *clock; /* for kv_ro_last_modified() */
	uint64_t bytes_max;
};

extern const struct kv_rw_ops kv_mem_ops;

/* Forget all values. */
void kv_mem_disconnect(const struct kv_mem *mem);

/* How much there is: values, and bytes as the budget counts them. */
void kv_mem_statistics(const struct kv_mem *mem, size_t *count, uint64_t *bytes);

#endif
