// SPDX-License-Identifier: ISC
/*
 * Fibers.
 *
 * Theory of operation. A fiber is running, ready or waiting. The running one that gives up the core
 * switches straight to the first ready fiber; only when none is ready, or LOOK_SWITCHES are used up,
 * does it switch to the run loop, which looks at timers and devices. So a switch costs no system
 * call, no look at the clock and no second switch, and no device waits longer than LOOK_SWITCHES.
 *
 * A turn is one round of the ready queue: it ends with the fiber that was last in the queue when it
 * began, and what becomes ready meanwhile queues behind that one. Unless there are hooks to call in
 * between, one turn follows another without the loop.
 *
 * A fiber that ends puts its stack into the pool while still on it, which is safe because nothing
 * takes from the pool before the next switch, and stacks are unmapped by the loop alone.
 */
#include <mirage/fiber.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/bug.h"
#include "runtime/fiber_fault.h"
#include "runtime/runtime_object.h"
#include "runtime/switch.h"

/* Bytes of a fiber's name in an overflow report. */
#define NAME_SHOWN 100

/* How far below the stack an overflow may strike. */
#define OVERFLOW_REACH ((uintptr_t)64 * 1024)

/* Better from the loop's context: the fiber has no stack left to format a message on. */
static no_return void report_overflow(struct runtime *runtime, const struct fiber *fiber)
{
	const struct target *target = runtime->target;
	size_t size = (size_t)((char *)fiber->stack.top - (char *)fiber->stack.limit);
	char text[256]; /* a name of NAME_SHOWN bytes fits */
	int length = snprintf(text, sizeof(text),
	                      "fiber '%.*s' overflowed its stack of %zu KiB: start it with "
	                      "fiber_start_sized() and a larger size\n",
	                      NAME_SHOWN, fiber->name, size / 1024);

	target->ops->console_write(target->state, text, (size_t)length);
	target->ops->abort(target->state);
}

/* The first of the ready fibers. Its link goes stale rather than empty: one store less a switch. */
static struct fiber *take_ready(struct runtime *runtime)
{
	struct list *first = runtime->ready.next;

	if (first == runtime->round_last)
		runtime->round_last = NULL;
	runtime->ready.next = first->next;
	first->next->previous = &runtime->ready;
	return list_entry(first, struct fiber, link);
}

static void begin_turn(struct runtime *runtime)
{
	runtime->round_last = runtime->ready.previous;
	runtime->statistics.turns++;
}

/* Whether the turn goes on or, without hooks to call in between, the next one may begin. */
static inline bool turn_goes_on(struct runtime *runtime)
{
	if (runtime->round_last != NULL)
		return true;
	if (list_empty(&runtime->ready) || runtime->enter_hooks != NULL ||
	    runtime->leave_hooks != NULL)
		return false;
	begin_turn(runtime);
	return true;
}

/* Leave the running fiber for the next one. Returns when somebody switches back. */
static void switch_away(struct runtime *runtime, struct fiber *self, bool ends)
{
	struct fiber *next = &runtime->loop;

	if (!stack_intact(&self->stack)) {
		runtime->overflowed = self;
	} else if (runtime->switches_left > 0 && turn_goes_on(runtime)) {
		runtime->switches_left--;
		next = take_ready(runtime);
		if (next == self)
			return;
	}
	runtime->current = next;
	switch_fibers(self, next, ends);
}

void fiber_run_ready(struct runtime *runtime)
{
	if (runtime->round_last == NULL)
		begin_turn(runtime);
	struct fiber *next = take_ready(runtime);
	runtime->current = next;
	switch_fibers(&runtime->loop, next, false);
	if (runtime->overflowed != NULL)
		report_overflow(runtime, runtime->overflowed);
}

/* Hooks and timer callbacks run in the loop: it must not wait for itself. */
static void check_may_block(const struct runtime *runtime, const struct fiber *self)
{
	if (self == &runtime->loop)
		bug("a hook or a timer's callback blocks: let it wake a fiber that does");
}

static void make_ready(struct runtime *runtime, struct fiber *fiber)
{
	fiber->state = FIBER_READY;
	list_append(&runtime->ready, &fiber->link);
}

static void wait_expired(struct timer *timer)
{
	fiber_wake(runtime_current(), list_entry(timer, struct fiber, timer), -ETIMEDOUT);
}

void fiber_wake(struct runtime *runtime, struct fiber *fiber, int result)
{
	if (fiber->state != FIBER_WAITING)
		return;
	list_remove(&fiber->link);
	timer_stop(&fiber->timer);
	fiber->wake_result = result;
	make_ready(runtime, fiber);
}

int fiber_block(struct runtime *runtime, struct fiber *self, nanoseconds deadline)
{
	if (fiber_is_cancelled(self)) {
		list_remove(&self->link);
		return -ECANCELED;
	}
	if (deadline != NEVER && (deadline == 0 || deadline <= runtime_now())) {
		list_remove(&self->link);
		return -ETIMEDOUT;
	}
	check_may_block(runtime, self);
	self->state = FIBER_WAITING;
	timer_start(&self->timer, deadline);
	switch_away(runtime, self, false);
	return self->wake_result;
}

void fiber_cancel(struct runtime *runtime, struct fiber *fiber)
{
	fiber->cancelled = true;
	if (fiber->shield == 0)
		fiber_wake(runtime, fiber, -ECANCELED);
}

/* What would otherwise be memory of a stack that is gone, or a fiber that cannot be cancelled. */
static void check_end(const struct fiber *self)
{
	if (self->children > 0)
		bug("fiber '%s' ended before the fibers that it started: call scope_close()",
		    self->name);
	if (self->shield > 0)
		bug("fiber '%s' ended without its last fiber_unshield()", self->name);
}

static void fiber_main(void *argument)
{
	struct fiber *self = argument;
	struct runtime *runtime = runtime_current();

	switch_entered(&runtime->loop);
	int result = self->entry(self->argument);

	check_end(self);
	list_remove(&self->alive);
	runtime->statistics.fibers--;
	if (self->scope != NULL)
		scope_fiber_ended(runtime, self->scope, self, result);
	else
		runtime->main_result = result;
	if (stack_intact(&self->stack)) /* or else the report needs it */
		stack_pool_give(&runtime->pool, self->stack);
	switch_away(runtime, self, true);
	__builtin_unreachable();
}

int fiber_new(struct runtime *runtime, struct scope *scope, const char *name, size_t stack_size,
              int (*entry)(void *argument), void *argument)
{
	struct stack stack;
	int error = stack_pool_take(&runtime->pool, stack_size, &stack);

	if (error != 0)
		return error;
	switch_clean(&stack);
	/* A cache line of its own for what a switch touches. */
	uintptr_t place = ((uintptr_t)stack.top - sizeof(struct fiber)) & ~(uintptr_t)63;
	struct fiber *fiber = (struct fiber *)place;

	*fiber = (struct fiber){
		.stack = stack,
		.scope = scope,
		.name = name,
		.entry = entry,
		.argument = argument,
	};
	timer_init(&fiber->timer, wait_expired);
	list_init(&fiber->sibling);
	list_append(&runtime->fibers, &fiber->alive);
	fiber->stack_pointer = runtime_stack_init(fiber, fiber_main, fiber);
	runtime->statistics.fibers_started++;
	if (++runtime->statistics.fibers > runtime->statistics.fibers_max)
		runtime->statistics.fibers_max = runtime->statistics.fibers;
	make_ready(runtime, fiber);
	if (scope != NULL) {
		list_append(&scope->fibers, &fiber->sibling);
		scope->running++;
		scope->owner->children++;
		fiber->cancelled = scope->cancelled;
	}
	return 0;
}

void fiber_abandon(struct runtime *runtime, struct fiber *fiber)
{
	list_remove(&fiber->alive);
	timer_stop(&fiber->timer);
	runtime->statistics.fibers--;
	stack_pool_give(&runtime->pool, fiber->stack);
}

int fiber_yield(void)
{
	struct runtime *runtime = runtime_current();
	struct fiber *self = runtime->current;

	if (self->cancelled) { /* as the loop is, see runtime_new(): one test for what is rare */
		check_may_block(runtime, self);
		if (self->shield == 0)
			return -ECANCELED;
	}
	list_append(&runtime->ready, &self->link);
	switch_away(runtime, self, false);
	return 0;
}

int fiber_sleep_until(nanoseconds deadline)
{
	struct runtime *runtime = runtime_current();
	struct fiber *self = runtime->current;

	list_init(&self->link);
	int result = fiber_block(runtime, self, deadline);
	return result == -ETIMEDOUT ? 0 : result;
}

int fiber_sleep(nanoseconds duration)
{
	return duration == 0 ? fiber_yield()
	                     : fiber_sleep_until(deadline_after(runtime_now(), duration));
}

bool fiber_cancelled(void)
{
	return fiber_is_cancelled(runtime_current()->current);
}

void fiber_shield(void)
{
	runtime_current()->current->shield++;
}

void fiber_unshield(void)
{
	struct fiber *self = runtime_current()->current;

	if (self->shield == 0)
		bug("fiber_unshield() without fiber_shield() in fiber '%s'", self->name);
	self->shield--;
}

const char *fiber_name(void)
{
	return runtime_current()->current->name;
}

size_t fiber_stack_left(void)
{
	const struct fiber *self = runtime_current()->current;

	return (size_t)((char *)__builtin_frame_address(0) - (char *)self->stack.limit);
}

void fiber_check_stack(size_t needed)
{
	struct runtime *runtime = runtime_current();

	if (runtime == NULL || runtime->current == NULL || runtime->current == &runtime->loop)
		return;
	const struct fiber *fiber = runtime->current;
	uintptr_t at = (uintptr_t)__builtin_frame_address(0);
	uintptr_t limit = (uintptr_t)fiber->stack.limit;
	if (at >= limit + needed || at + OVERFLOW_REACH < limit) /* another stack: a trap's */
		return;
	runtime->current = &runtime->loop; /* what the report calls may ask again */
	report_overflow(runtime, fiber);
}

const char *fiber_of_fault(const void *address, size_t *stack_size)
{
	const struct runtime *runtime = runtime_current();

	if (runtime == NULL || runtime->current == NULL || runtime->current == &runtime->loop)
		return NULL;
	const struct fiber *fiber = runtime->current;
	uintptr_t at = (uintptr_t)address, limit = (uintptr_t)fiber->stack.limit;
	if (at >= limit || limit - at > OVERFLOW_REACH)
		return NULL;
	*stack_size = (size_t)((char *)fiber->stack.top - (char *)fiber->stack.limit);
	return fiber->name;
}
