/* SPDX-License-Identifier: ISC */
/*
 * The page tables and segment descriptors that a guest starts with.
 *
 * Model.      Memory is mapped one to one. Page zero, the descriptors and the tables themselves are
 *             not present; the rest of the first MiB is read only; what follows can be written. Only
 *             pages of the image's executable segments can be executed, unless the caller wants all
 *             of it to be. Where an executable segment shares 2 MiB with something else, that unit
 *             has a table of 4 KiB pages of its own.
 * See also.   abi/hvt.h for the addresses; docs/decisions/0020-what-an-hvt-guest-may-do-to-its-memory.md
 */
#ifndef TENDERS_HVT_PAGE_TABLES_H
#define TENDERS_HVT_PAGE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/hvt/guest_memory.h"

enum {
	PAGE_SIZE_4K = 0x1000,
	PAGE_SIZE_2M = 0x200000,
};

#define PAGE_PRESENT    (UINT64_C(1) << 0)
#define PAGE_WRITE      (UINT64_C(1) << 1)
#define PAGE_LARGE      (UINT64_C(1) << 7)
#define PAGE_NO_EXECUTE (UINT64_C(1) << 63)

/*
 * Write descriptors and tables for `mapped` bytes, a multiple of 2 MiB up to 4 GiB, to the start of
 * `memory`. `executable` are the ranges to be executed, on page boundaries and ascending; NULL means everything.
 *
 * -E2BIG      executable ranges need more tables than there is room for: over 470 MiB of code
 */
must_check int page_tables_write(uint8_t *memory, uint64_t mapped,
                                 const struct guest_range *executable, size_t executable_count);

#endif
