/* SPDX-License-Identifier: ISC */
/*
 * Condition variables: the mutex is held after each wait, however it ended.
 */
#include <mirage/condition.h>

#include "test/unit/on_virtual.h"

struct shared {
	struct mutex mutex;
	struct condition changed;
	int value;
	struct trace trace;
};

struct consumer {
	struct shared *shared;
	char name;
	nanoseconds deadline;
	int result;
};

static void shared_init(struct shared *shared)
{
	*shared = (struct shared){ .value = 0 };
	mutex_init(&shared->mutex);
	condition_init(&shared->changed);
}

static int consumer_main(void *argument)
{
	struct consumer *self = argument;
	struct shared *shared = self->shared;

	self->result = mutex_lock(&shared->mutex, NEVER);
	while (self->result == 0 && shared->value == 0)
		self->result = condition_wait(&shared->changed, &shared->mutex, self->deadline);
	assert_int_equal(mutex_lock(&shared->mutex, NEVER), -EDEADLK); /* held */
	if (self->result == 0)
		shared->value--;
	trace_add(&shared->trace, self->name);
	mutex_unlock(&shared->mutex);
	return 0;
}

static void start(struct scope *scope, struct consumer *consumer)
{
	consumer->result = 1;
	assert_int_equal(fiber_start(scope, "consumer", consumer_main, consumer), 0);
}

static int signal_main(void *argument)
{
	struct shared shared;
	struct consumer consumers[] = { { &shared, 'a', NEVER, 1 },
		                        { &shared, 'b', NEVER, 1 },
		                        { &shared, 'c', NEVER, 1 } };
	struct scope scope;

	(void)argument;
	shared_init(&shared);
	scope_open(&scope);
	for (size_t i = 0; i < 3; i++)
		start(&scope, &consumers[i]);
	assert_int_equal(fiber_yield(), 0);
	assert_int_equal(mutex_lock(&shared.mutex, NEVER), 0);
	shared.value = 1;
	condition_signal(&shared.changed);
	mutex_unlock(&shared.mutex);
	assert_int_equal(fiber_sleep(1), 0);
	assert_string_equal(shared.trace.text, "a");
	assert_int_equal(mutex_lock(&shared.mutex, NEVER), 0);
	shared.value = 2;
	condition_broadcast(&shared.changed);
	mutex_unlock(&shared.mutex);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_string_equal(shared.trace.text, "abc");
	assert_int_equal(shared.value, 0);
	return scope_close(&scope);
}

static void signal_wakes_one_and_broadcast_all(void **state)
{
	(void)state;
	on_virtual(signal_main, NULL);
}

static int give_up_main(void *argument)
{
	struct shared shared;
	struct consumer hasty = { &shared, 'h', 10, 1 }, at_once = { &shared, 'o', 0, 1 },
			cancelled = { &shared, 'c', NEVER, 1 };
	struct scope scope;

	(void)argument;
	shared_init(&shared);
	scope_open(&scope);
	start(&scope, &hasty);
	start(&scope, &at_once);
	start(&scope, &cancelled);
	assert_int_equal(fiber_yield(), 0);
	/* Hold it past the deadline and the cancellation: they take the mutex when it is free. */
	assert_int_equal(mutex_lock(&shared.mutex, NEVER), 0);
	assert_int_equal(fiber_sleep_until(20), 0);
	scope_cancel(&scope);
	assert_int_equal(fiber_sleep_until(30), 0);
	assert_string_equal(shared.trace.text, "o");
	mutex_unlock(&shared.mutex);
	assert_int_equal(scope_close(&scope), 0);
	assert_string_equal(shared.trace.text, "ohc");
	assert_int_equal(hasty.result, -ETIMEDOUT);
	assert_int_equal(at_once.result, -ETIMEDOUT);
	assert_int_equal(cancelled.result, -ECANCELED);
	return 0;
}

static void the_mutex_is_held_after_a_failed_wait(void **state)
{
	(void)state;
	on_virtual(give_up_main, NULL);
}

static int lost_main(void *argument)
{
	struct shared shared;
	struct consumer consumer = { &shared, 'c', NEVER, 1 };
	struct scope scope;

	(void)argument;
	shared_init(&shared);
	scope_open(&scope);
	start(&scope, &consumer);
	assert_int_equal(fiber_yield(), 0);
	shared.value = 1;
	condition_signal(&shared.changed);
	assert_int_equal(scope_close(&scope), 0); /* cancels it before it runs */
	assert_int_equal(consumer.result, 0);
	assert_int_equal(shared.value, 0);
	return 0;
}

static void a_signal_is_not_lost_to_cancellation(void **state)
{
	(void)state;
	on_virtual(lost_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signal_wakes_one_and_broadcast_all),
		cmocka_unit_test(the_mutex_is_held_after_a_failed_wait),
		cmocka_unit_test(a_signal_is_not_lost_to_cancellation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
