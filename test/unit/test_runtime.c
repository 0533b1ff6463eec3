/* SPDX-License-Identifier: ISC */
/*
 * The runtime object: results, deadlock, failing stacks, devices.
 */
#include <mirage/wait_queue.h>

#include "test/unit/on_virtual.h"

static int give(void *argument)
{
	return *(const int *)argument;
}

static void options_are_checked(void **state)
{
	struct virtual_target target;
	struct runtime *runtime = NULL;
	int seven = 7;

	(void)state;
	virtual_target_init(&target);
	assert_int_equal(runtime_new(&runtime, &target.target,
	                             &(struct runtime_options){ .stack_size = 4095 }),
	                 -EINVAL);
	assert_null(runtime);
	assert_int_equal(runtime_new(&runtime, &target.target,
	                             &(struct runtime_options){ .stack_size = 40000 }),
	                 0);
	assert_ptr_equal(runtime_target(runtime), &target.target);
	assert_null(runtime_current());
	assert_int_equal(runtime_run(runtime, give, &seven), 7);
	assert_int_equal(runtime_run(runtime, give, &seven), 7); /* again */
	assert_null(runtime_current());
	runtime_free(runtime);
	runtime_free(NULL);
	virtual_target_fini(&target);
}

static int sleep_for_ever(void *argument)
{
	(void)argument;
	return fiber_sleep_until(NEVER);
}

static int wait_on(void *argument)
{
	return wait_queue_wait(argument, NEVER);
}

/* The queue is in this fiber's frame, which goes before the waiter does. */
static int stuck_main(void *argument)
{
	struct wait_queue queue;
	struct scope scope;

	(void)argument;
	wait_queue_init(&queue);
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "waiter", wait_on, &queue), 0);
	assert_int_equal(fiber_start(&scope, "sleeper", sleep_for_ever, NULL), 0);
	return scope_wait_all(&scope, NEVER);
}

static void a_deadlock_is_reported_by_name(void **state)
{
	struct virtual_target target;
	struct runtime *runtime;
	struct runtime_statistics statistics;
	int seven = 7;

	(void)state;
	virtual_target_init(&target);
	assert_int_equal(runtime_new(&runtime, &target.target,
	                             &(struct runtime_options){ .stack_pool_max = 1 }),
	                 0);
	assert_int_equal(runtime_run(runtime, stuck_main, NULL), -EDEADLK);
	assert_non_null(strstr(target.output, "ERR [runtime] fiber 'main'"));
	assert_non_null(strstr(target.output, "ERR [runtime] fiber 'waiter'"));
	assert_non_null(strstr(target.output, "ERR [runtime] fiber 'sleeper'"));
	runtime_statistics(runtime, &statistics);
	assert_int_equal(statistics.fibers, 0);
	assert_int_equal(target.stacks_mapped, 1);
	assert_int_equal(runtime_run(runtime, give, &seven), 7); /* still usable */
	runtime_free(runtime);
	assert_int_equal(target.stacks_mapped, 0);
	virtual_target_fini(&target);
}

static int crowd_main(void *argument)
{
	struct scope scope;

	scope_open(&scope);
	for (int i = 0; i < 100; i++)
		assert_int_equal(fiber_start(&scope, "sleeper", sleep_for_ever, argument), 0);
	return scope_wait_all(&scope, NEVER);
}

static void a_deadlock_of_many_names_the_oldest(void **state)
{
	struct virtual_target target;
	struct runtime *runtime;
	size_t lines = 0;

	(void)state;
	virtual_target_init(&target);
	assert_int_equal(runtime_new(&runtime, &target.target, NULL), 0);
	assert_int_equal(runtime_run(runtime, crowd_main, NULL), -EDEADLK);
	for (const char *at = target.output; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, 21);
	assert_non_null(strstr(target.output, "fiber 'main'"));
	assert_non_null(strstr(target.output, "ERR [runtime] and so do 81 more\n"));
	runtime_free(runtime);
	assert_int_equal(target.stacks_mapped, 0);
	virtual_target_fini(&target);
}

/* Starts as many fibers as it can, at most eight; each starts one more. */
static int spawn_one(void *argument)
{
	struct scope scope;

	scope_open(&scope);
	int result = fiber_start(&scope, "leaf", sleep_for_ever, argument);
	if (result == 0)
		result = scope_wait_all(&scope, runtime_now() + 10);
	scope_close(&scope);
	return result == -ETIMEDOUT ? 0 : result;
}

static int spawn_main(void *argument)
{
	struct scope scope;
	int result = 0;

	scope_open(&scope);
	for (int i = 0; i < 8 && result == 0; i++)
		result = fiber_start(&scope, "branch", spawn_one, argument);
	int waited = scope_wait_all(&scope, NEVER);
	scope_close(&scope);
	return result != 0 ? result : waited;
}

static void any_stack_may_fail(void **state)
{
	(void)state;
	for (size_t budget = 1; budget <= 18; budget++) {
		struct virtual_target target;
		struct runtime *runtime;

		virtual_target_init(&target);
		target.stack_budget = budget;
		assert_int_equal(runtime_new(&runtime, &target.target, NULL), 0);
		assert_int_equal(runtime_run(runtime, spawn_main, NULL), budget < 17 ? -ENOMEM : 0);
		target.stack_budget = 1;
		runtime_free(runtime);
		assert_int_equal(target.stacks_mapped, 0);
		/* And none at all. */
		target.stacks_mapped = 1;
		assert_int_equal(runtime_new(&runtime, &target.target, NULL), 0);
		assert_int_equal(runtime_run(runtime, spawn_main, NULL), -ENOMEM);
		runtime_free(runtime);
		virtual_target_fini(&target);
	}
}

static int statistics_main(void *argument)
{
	const struct runtime *runtime = argument;
	struct runtime_statistics statistics;
	struct scope scope;

	scope_open(&scope);
	for (int i = 0; i < 9; i++)
		assert_int_equal(fiber_start(&scope, "sleeper", sleep_for_ever, NULL), 0);
	runtime_statistics(runtime, &statistics);
	assert_int_equal(statistics.fibers, 10);
	assert_int_equal(statistics.stacks_unguarded, 10);
	assert_int_equal(statistics.stacks_pooled, 0);
	scope_close(&scope);
	runtime_statistics(runtime, &statistics);
	assert_int_equal(statistics.fibers, 1);
	assert_int_equal(statistics.fibers_max, 10);
	assert_int_equal(statistics.fibers_started, 10);
	assert_int_equal(statistics.stacks_pooled, 9);
	return 0;
}

static void statistics_count(void **state)
{
	struct virtual_target target;
	struct runtime *runtime;
	struct runtime_statistics statistics;

	(void)state;
	virtual_target_init(&target);
	assert_int_equal(runtime_new(&runtime, &target.target, NULL), 0);
	assert_int_equal(runtime_run(runtime, statistics_main, runtime), 0);
	runtime_statistics(runtime, &statistics);
	assert_int_equal(statistics.fibers, 0);
	assert_int_equal(statistics.stacks_pooled, 10);
	assert_true(statistics.turns > 0);
	runtime_free(runtime);
	virtual_target_fini(&target);
}

/* A device that becomes ready at the third look, whether the instance is busy or idle. */
struct device {
	struct virtual_target target;
	struct target_ops ops;
	struct wait_queue queue;
	int looks_left;
	bool attached;
	nanoseconds last_deadline;
};

static bool device_can_wake(void *state)
{
	return ((const struct device *)state)->attached;
}

static void device_wait(void *state, nanoseconds deadline)
{
	struct device *device = state;

	device->last_deadline = deadline;
	if (--device->looks_left == 0)
		wait_queue_wake_all(&device->queue);
}

static int device_main(void *argument)
{
	struct device *device = argument;

	device->attached = true;
	device->looks_left = 3;
	assert_int_equal(wait_queue_wait(&device->queue, NEVER), 0);
	assert_true(device->last_deadline == NEVER);
	device->looks_left = 3;
	while (device->looks_left > 0) /* busy, and yet devices are looked at */
		assert_int_equal(fiber_yield(), 0);
	assert_true(device->last_deadline == 0);
	device->attached = false;
	return wait_queue_wait(&device->queue, NEVER);
}

static void devices_are_waited_for_and_not_starved(void **state)
{
	struct device device = { .attached = false };
	struct runtime *runtime;

	(void)state;
	virtual_target_init(&device.target);
	device.ops = *device.target.target.ops;
	device.ops.can_wake = device_can_wake;
	device.ops.wait = device_wait;
	device.target.target.ops = &device.ops;
	wait_queue_init(&device.queue);
	assert_int_equal(runtime_new(&runtime, &device.target.target, NULL), 0);
	assert_int_equal(runtime_run(runtime, device_main, &device), -EDEADLK);
	assert_true(list_empty(&device.queue.waiters)); /* no trace of the stuck fiber */
	runtime_free(runtime);
	virtual_target_fini(&device.target);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(a_deadlock_is_reported_by_name),
		cmocka_unit_test(a_deadlock_of_many_names_the_oldest),
		cmocka_unit_test(any_stack_may_fail),
		cmocka_unit_test(statistics_count),
		cmocka_unit_test(devices_are_waited_for_and_not_starved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
