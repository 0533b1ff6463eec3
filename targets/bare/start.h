/* SPDX-License-Identifier: ISC */
/*
 * From a target's first instructions to image_run(), for images with no operating system below.
 */
#ifndef TARGETS_BARE_START_H
#define TARGETS_BARE_START_H

#include <stdint.h>

#include <mirage/target.h>

/* What a target knows when its processor, clocks and console work. */
struct bare_boot {
	const struct target *target;
	uintptr_t free;       /* first byte that neither image nor target uses, page-aligned */
	uintptr_t memory_end; /* the boot stack ends here */
	char *command_line;   /* split in place; need not outlive bare_start() */
};

/*
 * End with a report and the abort operation if there is too little memory from `free` on to begin
 * with. For targets that take some of it before they call the functions below.
 */
void bare_check_memory(const struct target *target, uintptr_t free, uintptr_t memory_end);

/*
 * Make the C library's thread block at `boot->free`, which moves past it: errno, thread-local
 * variables and the stack protector work from here on. No caller may return, since the canary of its
 * frame is no longer the right one.
 *
 * Ends with a report and the abort operation if there is not enough memory to begin with, or no
 * randomness for the stack protector.
 */
void bare_library_start(struct bare_boot *boot);

/*
 * Make the heap of what memory is left, run the image with the words of the command line and leave
 * through the target's exit operation. Called once, on the boot stack.
 */
no_return void bare_start(const struct bare_boot *boot);

/* The target that the image was started on; known from bare_library_start() on. */
const struct target *bare_target(void);

#endif
