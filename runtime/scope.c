// SPDX-License-Identifier: ISC
/* Scopes: the owner's side of its fibers. */
#include <mirage/fiber.h>

#include <errno.h>

#include "runtime/bug.h"
#include "runtime/runtime_object.h"

void scope_open(struct scope *scope)
{
	*scope = (struct scope){ .owner = runtime_current()->current };
	list_init(&scope->fibers);
}

int fiber_start(struct scope *scope, const char *name, int (*entry)(void *argument), void *argument)
{
	struct runtime *runtime = runtime_current();

	return fiber_new(runtime, scope, name, runtime->pool.default_size, entry, argument);
}

int fiber_start_sized(struct scope *scope, const char *name, size_t stack_size,
                      int (*entry)(void *argument), void *argument)
{
	if (stack_size < STACK_SIZE_MIN)
		return -EINVAL;
	return fiber_new(runtime_current(), scope, name, stack_size, entry, argument);
}

void scope_fiber_ended(struct runtime *runtime, struct scope *scope, struct fiber *fiber,
                       int result)
{
	list_remove(&fiber->sibling);
	scope->running--;
	scope->owner->children--;
	if (scope->ended++ == 0)
		scope->first_result = result;
	if (result < 0 && scope->first_error == 0 && !scope->cancelled)
		scope->first_error = result;
	/* What the owner may wait for: the first end, an error, the last end. */
	bool news = scope->ended == 1 || result < 0 || scope->running == 0;
	if (news && scope->waiting != NULL)
		fiber_wake(runtime, scope->waiting, 0);
}

/* Wait for news, see above. */
static int wait_for_end(struct scope *scope, nanoseconds deadline)
{
	struct runtime *runtime = runtime_current();
	struct fiber *self = runtime->current;

	if (scope->owner != self)
		bug("fiber '%s' waits for a scope that another fiber opened", self->name);
	list_init(&self->link);
	scope->waiting = self;
	int result = fiber_block(runtime, self, deadline);
	scope->waiting = NULL;
	return result;
}

/* Cancel the rest and wait for it, whatever happens to the caller meanwhile. */
static void cancel_and_wait(struct scope *scope)
{
	scope_cancel(scope);
	fiber_shield();
	while (scope->running > 0)
		error_ignore(wait_for_end(scope, NEVER), "shielded and without deadline");
	fiber_unshield();
}

int scope_wait_all(struct scope *scope, nanoseconds deadline)
{
	while (scope->running > 0 && scope->first_error == 0) {
		int result = wait_for_end(scope, deadline);

		if (result != 0)
			return result;
	}
	if (scope->first_error != 0)
		cancel_and_wait(scope);
	return scope->first_error;
}

int scope_wait_first(struct scope *scope, nanoseconds deadline)
{
	if (scope->ended == 0 && scope->running == 0)
		return -EINVAL;
	while (scope->ended == 0) {
		int result = wait_for_end(scope, deadline);

		if (result != 0)
			return result;
	}
	cancel_and_wait(scope);
	return scope->first_result;
}

void scope_cancel(struct scope *scope)
{
	struct runtime *runtime = runtime_current();

	scope->cancelled = true;
	list_for_each(link, &scope->fibers)
		fiber_cancel(runtime, list_entry(link, struct fiber, sibling));
}

int scope_close(struct scope *scope)
{
	cancel_and_wait(scope);

	int error = scope->first_error;
	scope_open(scope);
	return error;
}
