/* SPDX-License-Identifier: ISC */
/*
 * The runtime object: everything one instance of a unikernel changes while it runs.
 *
 * Model.      One instance, one core. A runtime is made on a target, runs an entry function as its
 *             first fiber until all fibers have ended, and is freed. Several may live side by
 *             side, one running per thread. Library code holds no mutable globals: it reaches
 *             its instance with runtime_current().
 * Context.    runtime_new(), runtime_run() and runtime_free() are called from outside any fiber;
 *             the rest from inside one.
 * See also.   fiber.h, target.h, image.h
 */
#ifndef MIRAGE_RUNTIME_H
#define MIRAGE_RUNTIME_H

#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/target.h>

struct runtime;

/* Zero in any field means its default. */
struct runtime_options {
	size_t stack_size;     /* bytes of a fiber's stack; default 64 KiB, minimum 4 KiB */
	size_t stack_pool_max; /* free stacks kept for reuse; default 256 */
};

/*
 * Make a runtime on `target`, which must outlive it. `options` may be NULL.
 *
 * -ENOMEM; -EINVAL  a stack size below the minimum
 */
must_check int runtime_new(struct runtime **runtime, const struct target *target,
                           const struct runtime_options *options);

/* Free a runtime that is not running. NULL is allowed. */
void runtime_free(struct runtime *runtime);

/*
 * Run `entry(argument)` as the first fiber, named "main", until it and every fiber have ended,
 * then call the exit hooks, newest first. Blocks the calling thread. Returns what `entry`
 * returned, or -ENOMEM if its stack could not be had, or -EDEADLK if fibers remain that nothing
 * can ever wake (no timer, no device): the log names them first.
 */
must_check int runtime_run(struct runtime *runtime, int (*entry)(void *argument), void *argument);

/* The runtime that runs on this core, or NULL outside runtime_run(). */
static inline struct runtime *runtime_current(void)
{
	return target_current_runtime;
}

/* The target a runtime was made on. */
const struct target *runtime_target(const struct runtime *runtime);

/* The monotonic clock of the current runtime's target. */
nanoseconds runtime_now(void);

/*
 * Hooks. The caller owns the storage, which must stay valid until the hook is removed or the
 * runtime is freed. `call` may not block, except in an exit hook. Hooks of one kind are called in
 * the order in which they were added, exit hooks in reverse.
 */
struct runtime_hook {
	void (*call)(void *context);
	void *context;
	struct runtime_hook *next; /* private */
};

void runtime_at_exit(struct runtime *runtime, struct runtime_hook *hook);
/* Before and after each turn of the run loop (one round of ready fibers). */
void runtime_at_enter_turn(struct runtime *runtime, struct runtime_hook *hook);
void runtime_at_leave_turn(struct runtime *runtime, struct runtime_hook *hook);
void runtime_remove_hook(struct runtime *runtime, struct runtime_hook *hook);

/* Counters, for tests, benchmarks and metrics. */
struct runtime_statistics {
	size_t fibers;           /* alive now */
	size_t fibers_max;       /* most alive at once */
	size_t stacks_pooled;    /* free stacks kept */
	size_t stacks_unguarded; /* stacks mapped without a guard page */
	uint64_t fibers_started;
	uint64_t turns;
};

void runtime_statistics(const struct runtime *runtime, struct runtime_statistics *statistics);

#endif
