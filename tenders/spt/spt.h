/* SPDX-License-Identifier: ISC */
/*
 * The parts of solo5-spt, in the order in which they are used.
 */
#ifndef TENDERS_SPT_SPT_H
#define TENDERS_SPT_SPT_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/launch/launch.h"

/* Where the image starts. */
struct spt_start {
	uint64_t entry;
	uint64_t stack;
	uint64_t boot;
};

/*
 * Map the image's memory at its addresses, from SPT_MEMORY_START to `memory_size`; load the image
 * and set protections. With `executable_heap`, what is not a segment's can be executed too.
 */
must_check int spt_memory_load(struct launch *launch, uint64_t memory_size, bool executable_heap,
                               struct executable_plan *plan);

/* Write boot information, manifest and command line into the loaded memory. */
void spt_boot_write(const struct launch *launch, uint64_t memory_size,
                    const struct executable_plan *plan);

/* From here on a trap is reported on the console before the process dies of it. */
void spt_trap_prepare(uint64_t memory_size, const struct executable_plan *plan);

/* Allow what abi/spt.h names and nothing else, for good. */
must_check int spt_confine(struct launch *launch);

/* Jump into the image with all other registers zero. start_ARCHITECTURE.S */
no_return void spt_enter(uint64_t entry, uint64_t stack, uint64_t boot);

#endif
