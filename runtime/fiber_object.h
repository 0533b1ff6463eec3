/* SPDX-License-Identifier: ISC */
/*
 * What a fiber is, private to runtime/. The object lies at the top of its own stack, so that a
 * fiber that does little touches one page.
 */
#ifndef RUNTIME_FIBER_OBJECT_H
#define RUNTIME_FIBER_OBJECT_H

#include <mirage/fiber.h>
#include <mirage/target.h>
#include <mirage/timer.h>

struct runtime;

enum fiber_state {
	FIBER_READY,   /* in the ready queue, or running */
	FIBER_WAITING, /* in a wait queue, or in none and waiting for its timer */
};

struct fiber {
	void *stack_pointer; /* where the switch left it; first, for the assembler's sake */
	struct list link;    /* in the ready queue or a wait queue */
	enum fiber_state state;
	int wake_result;
	unsigned shield;
	bool cancelled;
	struct stack stack;
	struct timer timer; /* the deadline of the current wait */
	struct scope *scope;
	struct list sibling; /* in the scope */
	struct list alive;   /* in the runtime */
	size_t children;     /* running, in scopes that this fiber owns */
	const char *name;
	int (*entry)(void *argument);
	void *argument;
	void *sanitizer; /* AddressSanitizer's, see switch.h */
};

/*
 * Give up the core until somebody calls fiber_wake(): the caller has put `self->link` into a queue
 * or list_init()ed it. Returns the result that fiber_wake() was given, -ETIMEDOUT or -ECANCELED.
 */
int fiber_block(struct runtime *runtime, struct fiber *self, nanoseconds deadline);

/* Make a waiting fiber ready; its wait returns `result`. A fiber that is ready stays as it is. */
void fiber_wake(struct runtime *runtime, struct fiber *fiber, int result);

/* True if waits of the fiber return -ECANCELED. */
static inline bool fiber_is_cancelled(const struct fiber *fiber)
{
	return fiber->cancelled && fiber->shield == 0;
}

/* Cancel: the current wait ends, unless shielded, and later ones do not begin. */
void fiber_cancel(struct runtime *runtime, struct fiber *fiber);

/* Make a fiber on a stack of `stack_size` bytes and put it into the ready queue. -ENOMEM. */
must_check int fiber_new(struct runtime *runtime, struct scope *scope, const char *name,
                         size_t stack_size, int (*entry)(void *argument), void *argument);

/*
 * Run ready fibers, of which there is at least one, from the loop's context, until the switches that are left are used up or none is
 * ready; while there are turn hooks, not beyond this turn.
 */
void fiber_run_ready(struct runtime *runtime);

/* Give back the stack of a fiber that will never run again. From the loop's context. */
void fiber_abandon(struct runtime *runtime, struct fiber *fiber);

/* Called by scope.c when a fiber of the scope has ended. */
void scope_fiber_ended(struct runtime *runtime, struct scope *scope, struct fiber *fiber,
                       int result);

#endif
