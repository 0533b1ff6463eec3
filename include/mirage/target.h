/* SPDX-License-Identifier: ISC */
/*
 * What a target provides: the whole porting surface of the runtime.
 *
 * Model.      A target is a const table of operations and an opaque state. The runtime calls it;
 *             it calls back only wait_queue_wake_all() and wait_queue_wake_one(), from within
 *             its own `wait`, for devices that became ready. Drivers (network, block) implement
 *             their device type's interface beside this table.
 * Context.    All operations run on the instance's own core, never concurrently.
 * See also.   docs/how-to/write-a-target.md, targets/unix/, virtual_target.h (a target whose clock is
 *             a variable).
 */
#ifndef MIRAGE_TARGET_H
#define MIRAGE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

struct runtime;

/* A stack as the target gives it: grows down from `top`; `limit` is the lowest usable address. */
struct stack {
	void *limit;
	void *top;
	bool guarded; /* an access just below `limit` faults */
};

struct target_ops {
	/* Write all `length` bytes to the console, in order. Never fails: what cannot be written is
	   dropped. May block the whole instance for as long as the console takes. */
	void (*console_write)(void *state, const void *bytes, size_t length);

	/* Read up to `length` bytes, blocking the calling fiber until at least one is there.
	   Returns the count, 0 at end of input, -ENOTSUP where the console has no input,
	   -ETIMEDOUT, -ECANCELED, -EIO. Optional: NULL means -ENOTSUP. */
	ssize_t (*console_read)(void *state, void *bytes, size_t length, nanoseconds deadline);

	/* The monotonic clock: never goes back, starts anywhere. */
	nanoseconds (*clock_monotonic)(void *state);

	/* The wall clock: nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted. */
	nanoseconds (*clock_wall)(void *state);

	/* Local time's distance from UTC in seconds, east positive, at wall time `wall`.
	   -ENOTSUP where no time zone is known. Optional: NULL means -ENOTSUP. */
	int (*utc_offset)(void *state, nanoseconds wall, int32_t *offset_s);

	/* Fill `bytes` with unpredictable data. 0, or -EIO with nothing promised of `bytes`. */
	int (*entropy)(void *state, void *bytes, size_t length);

	/* Sleep until `deadline` (0: only look, NEVER: for ever) or until a device is ready,
	   whichever is first; wake the queues of the ready devices and return. May return early. */
	void (*wait)(void *state, nanoseconds deadline);

	/* True if a device could still wake a fiber, so that waiting for ever makes sense.
	   Optional: NULL means that none can. */
	bool (*can_wake)(void *state);

	/* Map a stack of at least `size` bytes, with an unmapped guard below it where the target
	   can. 0 or -ENOMEM. */
	int (*stack_map)(void *state, size_t size, struct stack *stack);
	void (*stack_unmap)(void *state, struct stack stack);

	/* End the instance with `status` (0..255), or abnormally after a broken invariant. */
	no_return void (*exit)(void *state, int status);
	no_return void (*abort)(void *state);
};

struct target {
	const char *name; /* "unix", "hvt", … */
	const struct target_ops *ops;
	void *state; /* passed to every operation */
};

/*
 * Which instance runs on this core: a slot that belongs to the target (a thread-local variable on
 * unix), because it is the only state that cannot hang off the runtime. Set by runtime_run().
 */
extern _Thread_local struct runtime *target_current_runtime;

#endif
