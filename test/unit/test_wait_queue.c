/* SPDX-License-Identifier: ISC */
/*
 * Wait queues: order, deadlines, cancellation, and that no wake-up is lost.
 */
#include <mirage/wait_queue.h>

#include "test/unit/on_virtual.h"

struct waiter {
	struct wait_queue *queue;
	struct trace *trace;
	char name;
	nanoseconds deadline;
	int result;
};

static int waiter_main(void *argument)
{
	struct waiter *self = argument;

	self->result = wait_queue_wait(self->queue, self->deadline);
	trace_add(self->trace, self->name);
	return 0;
}

static void start(struct scope *scope, struct waiter *waiter)
{
	waiter->result = 1;
	assert_int_equal(fiber_start(scope, "waiter", waiter_main, waiter), 0);
}

static int order_main(void *argument)
{
	struct wait_queue queue;
	struct trace trace = { .length = 0 };
	struct waiter waiters[] = { { &queue, &trace, 'a', NEVER, 1 },
		                    { &queue, &trace, 'b', NEVER, 1 },
		                    { &queue, &trace, 'c', NEVER, 1 } };
	struct scope scope;

	(void)argument;
	wait_queue_init(&queue);
	assert_int_equal(wait_queue_wake_one(&queue), 0); /* not remembered */
	assert_int_equal(wait_queue_wake_all(&queue), 0);
	scope_open(&scope);
	for (size_t i = 0; i < 3; i++)
		start(&scope, &waiters[i]);
	assert_int_equal(fiber_yield(), 0);
	assert_int_equal(wait_queue_wake_one(&queue), 1);
	assert_string_equal(trace.text, ""); /* it runs later */
	assert_int_equal(fiber_yield(), 0);
	assert_string_equal(trace.text, "a");
	assert_int_equal(wait_queue_wake_all(&queue), 2);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_string_equal(trace.text, "abc");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(waiters[i].result, 0);
	return scope_close(&scope);
}

static void waiters_wake_in_order_of_arrival(void **state)
{
	(void)state;
	on_virtual(order_main, NULL);
}

static int deadline_main(void *argument)
{
	struct wait_queue queue;
	struct trace trace = { .length = 0 };
	struct waiter waiters[] = { { &queue, &trace, 'a', 30, 1 },
		                    { &queue, &trace, 'b', 10, 1 },
		                    { &queue, &trace, 'c', 20, 1 } };
	struct scope scope;

	(void)argument;
	wait_queue_init(&queue);
	assert_int_equal(wait_queue_wait(&queue, 0), -ETIMEDOUT);
	scope_open(&scope);
	for (size_t i = 0; i < 3; i++)
		start(&scope, &waiters[i]);
	assert_int_equal(fiber_sleep_until(15), 0);
	assert_int_equal(wait_queue_wait(&queue, 15), -ETIMEDOUT); /* now */
	assert_int_equal(wait_queue_wait(&queue, 14), -ETIMEDOUT);
	assert_string_equal(trace.text, "b");
	assert_int_equal(wait_queue_wake_one(&queue), 1);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_string_equal(trace.text, "bac");
	assert_int_equal(waiters[0].result, 0);
	assert_int_equal(waiters[1].result, -ETIMEDOUT);
	assert_int_equal(waiters[2].result, -ETIMEDOUT);
	assert_true(runtime_now() == 20); /* the deadline of a woken waiter is off */
	return scope_close(&scope);
}

static void a_deadline_ends_the_wait(void **state)
{
	(void)state;
	on_virtual(deadline_main, NULL);
}

static int cancel_main(void *argument)
{
	struct wait_queue queue;
	struct trace trace = { .length = 0 };
	struct waiter woken = { &queue, &trace, 'w', NEVER, 1 },
		      cancelled = { &queue, &trace, 'c', NEVER, 1 },
		      late = { &queue, &trace, 'l', NEVER, 1 };
	struct scope scope;

	(void)argument;
	wait_queue_init(&queue);
	scope_open(&scope);
	start(&scope, &woken);
	start(&scope, &cancelled);
	assert_int_equal(fiber_yield(), 0);
	assert_int_equal(wait_queue_wake_one(&queue), 1);
	scope_cancel(&scope); /* before the woken one runs */
	start(&scope, &late);
	assert_int_equal(wait_queue_wake_all(&queue), 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(woken.result, 0);
	assert_int_equal(cancelled.result, -ECANCELED);
	assert_int_equal(late.result, -ECANCELED);
	return scope_close(&scope);
}

static void a_wake_up_is_not_lost_to_cancellation(void **state)
{
	(void)state;
	on_virtual(cancel_main, NULL);
}

/* The deadline comes in the same turn as the wake-up: first come, first served. */
static int waker(void *argument)
{
	assert_int_equal(fiber_sleep_until(10), 0);
	wait_queue_wake_all(argument);
	return 0;
}

static int race_main(void *argument)
{
	struct wait_queue queue;
	struct trace trace = { .length = 0 };
	struct waiter early = { &queue, &trace, 'e', 10, 1 }, late = { &queue, &trace, 'l', 11, 1 };
	struct scope scope;

	(void)argument;
	wait_queue_init(&queue);
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "waker", waker, &queue), 0);
	start(&scope, &early);
	start(&scope, &late);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(early.result, -ETIMEDOUT); /* its timer expired before the waker ran */
	assert_int_equal(late.result, 0);
	return scope_close(&scope);
}

static void wake_up_and_deadline_exclude_each_other(void **state)
{
	(void)state;
	on_virtual(race_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiters_wake_in_order_of_arrival),
		cmocka_unit_test(a_deadline_ends_the_wait),
		cmocka_unit_test(a_wake_up_is_not_lost_to_cancellation),
		cmocka_unit_test(wake_up_and_deadline_exclude_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
