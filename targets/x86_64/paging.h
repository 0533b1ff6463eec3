/* SPDX-License-Identifier: ISC */
/*
 * Page tables of the image's own: one to one, code read-only, everything else not executable.
 */
#ifndef TARGETS_X86_64_PAGING_H
#define TARGETS_X86_64_PAGING_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Make page tables in free memory at `free`, page-aligned, and load them. They map
 *   [read_only_start, read_only_end)  the target's boot information, readable
 *   the image                         as <targets/bare/memory.h> has it
 *   up to `memory_end`                writable
 * and nothing else: page 0 is a guard. Returns where free memory starts now; the page before that
 * is a guard.
 */
uintptr_t paging_start(uintptr_t free, uintptr_t memory_end, uintptr_t read_only_start,
                       uintptr_t read_only_end);

/* Whether `address`, below `memory_end`, is mapped. Called after paging_start(). */
bool paging_maps(uintptr_t address);

#endif
