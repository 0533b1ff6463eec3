/* SPDX-License-Identifier: ISC */
/*
 * The guest's memory, as the tender sees it: bytes that somebody else writes.
 *
 * Model.      A guest address is a number of a type of its own, so that nothing dereferences it. The
 *             one way to the bytes is guest_memory_span(), which checks the whole range against what
 *             the guest itself may read or write: it cannot have the tender write to its code or its
 *             page tables. The net ring, above its memory, is not reachable at all.
 * Ownership.  The mapping is whoever's made it (vm.h).
 * Context.    While a hypercall is served the guest stands still; the ring's thread runs beside it and
 *             must copy out before it checks.
 */
#ifndef TENDERS_HVT_GUEST_MEMORY_H
#define TENDERS_HVT_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

typedef struct {
	uint64_t value;
} guest_address;

/* A range of guest addresses, [start, end). */
struct guest_range {
	uint64_t start;
	uint64_t end;
};

enum {
	GUEST_RANGES_MAX = 128,
};

struct guest_memory {
	uint8_t *bytes;
	uint64_t size; /* bytes the guest may use: its memory_size */
	size_t read_only_count;
	struct guest_range read_only[GUEST_RANGES_MAX]; /* above HVT_IMAGE; below it all is */
};

/* What the tender is going to do with bytes of the guest. */
enum guest_access {
	GUEST_READ,
	GUEST_WRITE,
};

static inline guest_address guest_address_of(uint64_t value)
{
	return (guest_address){ .value = value };
}

/*
 * The `length` bytes at `address`, or NULL unless all of them, and one more, are in the memory (that
 * the last byte of memory is never part of an argument is Solo5's rule) and the guest has that
 * access to them. No bytes at all may be at any address within.
 */
must_check void *guest_memory_span(const struct guest_memory *memory, guest_address address,
                                   uint64_t length, enum guest_access access);

/*
 * Copy bytes out of or into the guest's memory.
 *
 * -EFAULT     the range is not in it, or closed to such access; nothing was copied
 */
must_check int guest_memory_read(const struct guest_memory *memory, guest_address address,
                                 void *copy, size_t length);
must_check int guest_memory_write(const struct guest_memory *memory, guest_address address,
                                  const void *bytes, size_t length);

#endif
