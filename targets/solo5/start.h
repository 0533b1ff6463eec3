/* SPDX-License-Identifier: ISC */
/*
 * The start that all Solo5 targets share.
 */
#ifndef TARGETS_SOLO5_START_H
#define TARGETS_SOLO5_START_H

#include <stdint.h>

#include <mirage/attributes.h>

/*
 * Say what memory there is, and run the image; never returns. `free` is where unused memory begins,
 * page-aligned; `command_line` is the tender's.
 */
no_return void solo5_start(uintptr_t free, uintptr_t memory_end, const char *command_line);

/* Say so and leave with `status`. */
no_return void solo5_exit(int status);

/* Say so and end abnormally. */
no_return void solo5_abort(void);

#endif
