// SPDX-License-Identifier: ISC
/* The runtime object and its run loop. */
#include <mirage/runtime.h>

#include <errno.h>
#include <stdlib.h>

#include "runtime/log_internal.h"
#include "runtime/runtime_object.h"

#define DEFAULT_STACK_SIZE     ((size_t)64 * 1024)
#define DEFAULT_STACK_POOL_MAX 256

/* Switches between two looks at timers and devices, while fibers are ready: some microseconds. */
#define LOOK_SWITCHES 256

/* Timers that the wheel cascades ahead at a look: 0.1 ms if each lies on a page of its own. */
#define LOOK_TIMERS 256

/* Stacks over the pool's budget that a busy instance unmaps at a look; an idle one unmaps all. */
#define BUSY_TRIM 4

/* Fibers that a deadlock report names, the oldest. */
#define STUCK_NAMED 20

LOG_SOURCE(log_runtime, "runtime");

int runtime_new(struct runtime **out, const struct target *target,
                const struct runtime_options *options)
{
	struct runtime_options chosen = options != NULL ? *options : (struct runtime_options){ 0 };
	struct runtime *runtime;

	if (chosen.stack_size == 0)
		chosen.stack_size = DEFAULT_STACK_SIZE;
	if (chosen.stack_pool_max == 0)
		chosen.stack_pool_max = DEFAULT_STACK_POOL_MAX;
	if (chosen.stack_size < STACK_SIZE_MIN)
		return -EINVAL;
	runtime = calloc(1, sizeof(*runtime));
	if (runtime == NULL)
		return -ENOMEM;
	runtime->target = target;
	runtime->loop.name = "loop";
	runtime->loop.cancelled = true; /* for fiber_yield() */
	runtime->loop.shield = 1;       /* and for nothing else */
	list_init(&runtime->ready);
	list_init(&runtime->fibers);
	stack_pool_init(&runtime->pool, target, chosen.stack_size, chosen.stack_pool_max);
	timer_wheel_init(&runtime->wheel, target->ops->clock_monotonic(target->state));
	int error = log_open(runtime);
	if (error != 0) {
		free(runtime);
		return error;
	}
	*out = runtime;
	return 0;
}

void runtime_free(struct runtime *runtime)
{
	if (runtime == NULL)
		return;
	stack_pool_fini(&runtime->pool);
	log_close(runtime);
	free(runtime);
}

const struct target *runtime_target(const struct runtime *runtime)
{
	return runtime->target;
}

nanoseconds runtime_now(void)
{
	const struct target *target = runtime_current()->target;

	return target->ops->clock_monotonic(target->state);
}

/* A hook may remove itself and others. */
static void call_hooks(struct runtime *runtime, struct runtime_hook *first)
{
	runtime->next_hook = first;
	while (runtime->next_hook != NULL) {
		struct runtime_hook *hook = runtime->next_hook;

		runtime->next_hook = hook->next;
		hook->call(hook->context);
	}
}

/* Time and devices: what became ready while fibers ran, or else sleep until something does. */
static bool look_outside(struct runtime *runtime)
{
	const struct target *target = runtime->target;
	bool devices = target->ops->can_wake != NULL && target->ops->can_wake(target->state);

	runtime->switches_left = LOOK_SWITCHES;
	timer_wheel_advance(&runtime->wheel, runtime_now());
	bool unprepared = timer_wheel_prepare(&runtime->wheel, LOOK_TIMERS);
	if (!list_empty(&runtime->ready)) {
		stack_pool_trim(&runtime->pool, BUSY_TRIM);
		if (devices)
			target->ops->wait(target->state, 0);
		return true;
	}
	stack_pool_trim(&runtime->pool, SIZE_MAX);
	nanoseconds deadline = timer_wheel_next(&runtime->wheel);
	if (deadline == NEVER && !devices)
		return false;
	target->ops->wait(target->state, unprepared ? 0 : deadline);
	timer_wheel_advance(&runtime->wheel, runtime_now());
	return true;
}

static void report_stuck(struct runtime *runtime)
{
	size_t named = 0, count = runtime->statistics.fibers;

	list_for_each(link, &runtime->fibers) {
		if (named++ == STUCK_NAMED)
			break;
		log_error_from(&log_runtime, "fiber '%s' waits for what can never come",
		               list_entry(link, struct fiber, alive)->name);
	}
	if (count > STUCK_NAMED)
		log_error_from(&log_runtime, "and so do %zu more", count - STUCK_NAMED);
	/* Out of the queues first: a queue may lie in the stack of another stuck fiber. */
	list_for_each(link, &runtime->fibers)
		list_remove(&list_entry(link, struct fiber, alive)->link);
	list_for_each_safe(link, &runtime->fibers)
		fiber_abandon(runtime, list_entry(link, struct fiber, alive));
	stack_pool_trim(&runtime->pool, SIZE_MAX);
}

/* Hooks run between turns only: the loop may also have been switched to for a look. */
static void run_turn(struct runtime *runtime)
{
	if (list_empty(&runtime->ready))
		return;
	if (runtime->round_last == NULL)
		call_hooks(runtime, runtime->enter_hooks);
	fiber_run_ready(runtime);
	if (runtime->round_last == NULL)
		call_hooks(runtime, runtime->leave_hooks);
}

static int run_loop(struct runtime *runtime)
{
	runtime->switches_left = LOOK_SWITCHES;
	while (!list_empty(&runtime->fibers)) {
		run_turn(runtime);
		bool due = runtime->switches_left == 0 || list_empty(&runtime->ready);
		if (due && !list_empty(&runtime->fibers) && !look_outside(runtime)) {
			report_stuck(runtime);
			return -EDEADLK;
		}
	}
	return runtime->main_result;
}

static int call_exit_hooks(void *argument)
{
	struct runtime *runtime = argument;

	while (runtime->exit_hooks != NULL) {
		struct runtime_hook *hook = runtime->exit_hooks;

		runtime->exit_hooks = hook->next;
		hook->call(hook->context);
	}
	return runtime->main_result;
}

/* Exit hooks may block, so they run as a fiber. */
static int run_exit_hooks(struct runtime *runtime, int result)
{
	if (runtime->exit_hooks == NULL)
		return result;
	int error = fiber_new(runtime, NULL, "exit", runtime->pool.default_size, call_exit_hooks,
	                      runtime);

	if (error != 0)
		return result < 0 ? result : error;
	runtime->main_result = result;
	return run_loop(runtime);
}

int runtime_run(struct runtime *runtime, int (*entry)(void *argument), void *argument)
{
	struct runtime *outer = target_current_runtime;

	target_current_runtime = runtime;
	runtime->loop.stack = (struct stack){ .guarded = true }; /* this thread's: no canary */
	timer_wheel_advance(&runtime->wheel, runtime_now());
	int result = fiber_new(runtime, NULL, "main", runtime->pool.default_size, entry, argument);
	if (result == 0)
		result = run_loop(runtime);
	result = run_exit_hooks(runtime, result);
	stack_pool_trim(&runtime->pool, SIZE_MAX);
	target_current_runtime = outer;
	return result;
}

static void append_hook(struct runtime_hook **list, struct runtime_hook *hook)
{
	while (*list != NULL)
		list = &(*list)->next;
	hook->next = NULL;
	*list = hook;
}

void runtime_at_exit(struct runtime *runtime, struct runtime_hook *hook)
{
	hook->next = runtime->exit_hooks;
	runtime->exit_hooks = hook;
}

void runtime_at_enter_turn(struct runtime *runtime, struct runtime_hook *hook)
{
	append_hook(&runtime->enter_hooks, hook);
}

void runtime_at_leave_turn(struct runtime *runtime, struct runtime_hook *hook)
{
	append_hook(&runtime->leave_hooks, hook);
}

void runtime_remove_hook(struct runtime *runtime, struct runtime_hook *hook)
{
	struct runtime_hook **lists[] = { &runtime->exit_hooks, &runtime->enter_hooks,
		                          &runtime->leave_hooks };

	if (runtime->next_hook == hook)
		runtime->next_hook = hook->next;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (struct runtime_hook **at = lists[i]; *at != NULL; at = &(*at)->next)
			if (*at == hook) {
				*at = hook->next;
				return;
			}
}

void runtime_statistics(const struct runtime *runtime, struct runtime_statistics *statistics)
{
	*statistics = runtime->statistics;
	statistics->stacks_pooled = runtime->pool.count;
	statistics->stacks_unguarded = runtime->pool.unguarded;
}
