/* SPDX-License-Identifier: ISC */
/*
 * Several runtimes: within each other, in turn, and on threads.
 */
#include <pthread.h>

#include "test/unit/on_virtual.h"

/* A runtime within a fiber of another: each call steps the inner ones to their end. */
static int nested_main(void *argument)
{
	int depth = *(const int *)argument, below = depth - 1;
	struct runtime *outer = runtime_current();

	assert_int_equal(fiber_sleep((nanoseconds)depth), 0);
	if (depth > 0) {
		struct virtual_target target;
		struct runtime *inner;

		virtual_target_init(&target);
		assert_int_equal(runtime_new(&inner, &target.target, NULL), 0);
		assert_int_equal(runtime_run(inner, nested_main, &below), 0);
		runtime_free(inner);
		virtual_target_fini(&target);
	}
	assert_ptr_equal(runtime_current(), outer);
	assert_true(runtime_now() == (nanoseconds)depth);
	return fiber_sleep(1);
}

static void runtimes_nest(void **state)
{
	int depth = 3;

	(void)state;
	on_virtual(nested_main, &depth);
}

static int count_main(void *argument)
{
	int *count = argument;

	for (int i = 0; i < 10; i++) {
		++*count;
		if (fiber_sleep(5) != 0)
			return -ECANCELED;
	}
	return *count;
}

static void runtimes_run_alternately(void **state)
{
	struct virtual_target targets[2];
	struct runtime *runtimes[2];
	int counts[2] = { 0, 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		virtual_target_init(&targets[i]);
		assert_int_equal(runtime_new(&runtimes[i], &targets[i].target, NULL), 0);
	}
	for (int round = 1; round <= 6; round++)
		assert_int_equal(runtime_run(runtimes[round % 2], count_main, &counts[round % 2]),
		                 (round + 1) / 2 * 10);
	for (int i = 0; i < 2; i++) {
		assert_true(targets[i].monotonic == 3 * 50);
		runtime_free(runtimes[i]);
		virtual_target_fini(&targets[i]);
	}
}

/* A hundred fibers that sleep in this thread's own time. */
static int crowd_main(void *argument)
{
	int counts[100] = { 0 };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (int i = 0; i < 100; i++)
		assert_int_equal(fiber_start(&scope, "counter", count_main, &counts[i]), 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_true(runtime_now() == 50);
	return scope_close(&scope);
}

static void *thread_main(void *argument)
{
	for (int i = 0; i < 20; i++)
		if (on_virtual_result(crowd_main, argument) != 0)
			return argument;
	return NULL;
}

static void threads_have_their_own(void **state)
{
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, thread_main, threads), 0);
	for (size_t i = 0; i < 4; i++) {
		void *result;

		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_null(result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runtimes_nest),
		cmocka_unit_test(runtimes_run_alternately),
		cmocka_unit_test(threads_have_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
