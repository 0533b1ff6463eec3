/* SPDX-License-Identifier: ISC */
/*
 * A target for tests: its clocks are variables, its console is memory, and waiting takes no time.
 *
 * Model.      `wait` moves the clock to the deadline at once, so that a test of an hour of sleeps
 *             runs in microseconds and always gives the same result. Waiting for ever with nothing
 *             to wait for is what runtime_run() reports as -EDEADLK.
 * See also.   target.h
 */
#ifndef MIRAGE_VIRTUAL_TARGET_H
#define MIRAGE_VIRTUAL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/target.h>

struct virtual_target {
	struct target target; /* pass this to runtime_new() */
	nanoseconds monotonic;
	nanoseconds wall;
	int32_t utc_offset_s;
	bool utc_offset_known;
	uint64_t random_seed; /* of the (not unpredictable) entropy; tests set it to replay */
	const char *input;    /* what console_read yields, then end of input; NULL: -ENOTSUP */
	char *output;         /* what was written to the console, with a NUL behind it */
	size_t output_length;
	size_t stacks_mapped; /* now */
	size_t stack_budget;  /* stack_map fails with -ENOMEM beyond this many; default none */
	size_t waits;         /* calls of `wait` */
};

/* Prepare with both clocks at 0, no time zone, no input, seed 1. */
void virtual_target_init(struct virtual_target *target);

/* Release the output. The runtimes made on the target must be gone. */
void virtual_target_fini(struct virtual_target *target);

/* Forget the output so far. */
void virtual_target_clear_output(struct virtual_target *target);

#endif
