/* SPDX-License-Identifier: ISC */
/*
 * Fibers: straight-line code that blocks, many at once on one core, structured by scopes.
 *
 * Model.      A fiber has its own stack and runs until it blocks, yields or returns; nothing
 *             preempts it. Every fiber but the first is started in a scope. A scope is opened
 *             and closed by one fiber, its owner, and outlives no fiber in it: scope_close()
 *             cancels what still runs and waits for it.
 * Cancelling. A cancelled fiber gets -ECANCELED from the wait it is in and from each later one,
 *             so it unwinds by returning. Nothing is killed.
 * Deadlines.  Absolute, on the monotonic clock (runtime_now()); NEVER waits for ever, 0 does not
 *             wait: a call that would block returns -ETIMEDOUT at once.
 * Stack.      64 KiB unless told otherwise, with a guard page below where the target can. An
 *             overflow ends the instance with a message that names the fiber.
 * Not kept.   errno and the floating-point control words do not survive a blocking call.
 * Context.    Everything here is called from a fiber.
 * See also.   wait_queue.h, mutex.h, condition.h, channel.h, timer.h
 */
#ifndef MIRAGE_FIBER_H
#define MIRAGE_FIBER_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/list.h>

struct fiber;
struct runtime;

/* A scope lives in its owner's frame. All fields are private. */
struct scope {
	struct list fibers; /* running fibers of this scope */
	struct fiber *owner;
	struct fiber *waiting; /* the owner, while it waits here */
	size_t running;
	size_t ended;     /* since scope_open() */
	int first_result; /* of the fiber that ended first */
	int first_error;  /* the first negative result, or 0 */
	bool cancelled;
};

/* Open a scope owned by the calling fiber. It must be closed before its storage goes. */
void scope_open(struct scope *scope);

/*
 * Start a fiber that runs `entry(argument)`. It is ready at once but runs only when the caller
 * blocks or yields. `name` is for people (logs, overflow reports); it is not copied and must
 * outlive the fiber. A negative return value of `entry` is an error of the scope.
 *
 * In a scope that is already cancelled the fiber starts cancelled.
 *
 * -ENOMEM  no stack could be had; nothing was started
 */
must_check int fiber_start(struct scope *scope, const char *name, int (*entry)(void *argument),
                           void *argument);

/* fiber_start() with a stack of at least `stack_size` bytes; -EINVAL below 4 KiB. */
must_check int fiber_start_sized(struct scope *scope, const char *name, size_t stack_size,
                                 int (*entry)(void *argument), void *argument);

/*
 * Wait until every fiber of the scope has ended. If one ends with an error the others are
 * cancelled and waited for. Returns 0 or the first error.
 *
 * -ETIMEDOUT  the deadline came first; the fibers run on
 * -ECANCELED  the caller was cancelled; the fibers run on until scope_close()
 */
must_check int scope_wait_all(struct scope *scope, nanoseconds deadline);

/*
 * Wait until the first fiber of the scope has ended, cancel and wait for the others. Returns that
 * first fiber's result (negative, zero or positive).
 *
 * -ETIMEDOUT, -ECANCELED  as scope_wait_all()
 * -EINVAL                 no fiber was ever started in the scope
 */
must_check int scope_wait_first(struct scope *scope, nanoseconds deadline);

/* Cancel every fiber of the scope, and those that are started in it later. Does not wait. */
void scope_cancel(struct scope *scope);

/*
 * Cancel what still runs, wait for it (not interrupted by cancellation of the caller) and leave
 * the scope as after scope_open(). Returns 0 or the first error of a fiber that ended before the
 * scope was cancelled.
 */
int scope_close(struct scope *scope);

/* Let the other ready fibers run. 0 or -ECANCELED (without yielding). */
must_check int fiber_yield(void);

/* Sleep until `deadline`. 0 or -ECANCELED. */
must_check int fiber_sleep_until(nanoseconds deadline);

/* Sleep for `duration`. 0 or -ECANCELED. */
must_check int fiber_sleep(nanoseconds duration);

/* True once the calling fiber has been cancelled: a long computation looks here. */
bool fiber_cancelled(void);

/*
 * Between the two calls waits are not interrupted by cancellation, so that cleanup may block.
 * They nest. A fiber that ends must have paired them.
 */
void fiber_shield(void);
void fiber_unshield(void);

/* The calling fiber's name, "main" for the first. */
const char *fiber_name(void);

/* Bytes of stack the calling fiber has left below the caller's frame. */
size_t fiber_stack_left(void);

#endif
