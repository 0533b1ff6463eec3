/* SPDX-License-Identifier: ISC */
/*
 * Fibers: order, sleeping, cancellation, shields.
 */
#include "test/unit/on_virtual.h"

struct worker {
	struct trace *trace;
	char name;
	int rounds;
	nanoseconds sleep;
};

static int yielder(void *argument)
{
	const struct worker *self = argument;

	for (int i = 0; i < self->rounds; i++) {
		trace_add(self->trace, self->name);
		if (fiber_yield() != 0)
			return -ECANCELED;
	}
	return 0;
}

static int order_main(void *argument)
{
	struct trace trace = { .length = 0 };
	struct worker workers[] = { { &trace, 'a', 3, 0 },
		                    { &trace, 'b', 1, 0 },
		                    { &trace, 'c', 2, 0 } };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fiber_start(&scope, "yielder", yielder, &workers[i]), 0);
	trace_add(&trace, '.'); /* starting does not switch */
	assert_int_equal(fiber_yield(), 0);
	trace_add(&trace, '.');
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(scope_close(&scope), 0);
	assert_string_equal(trace.text, ".abc.aca");
	return 0;
}

static void fibers_take_turns(void **state)
{
	(void)state;
	on_virtual(order_main, NULL);
}

static int alone_main(void *argument)
{
	(void)argument;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(fiber_yield(), 0);
	return 0;
}

static void a_fiber_alone_yields_to_itself(void **state)
{
	(void)state;
	on_virtual(alone_main, NULL);
}

static int sleeper(void *argument)
{
	const struct worker *self = argument;
	nanoseconds start = runtime_now();

	assert_int_equal(fiber_sleep(self->sleep), 0);
	assert_true(runtime_now() == start + self->sleep);
	trace_add(self->trace, self->name);
	return 0;
}

static int sleep_main(void *argument)
{
	struct trace trace = { .length = 0 };
	struct worker workers[] = { { &trace, 'd', 0, duration_of_hour(24) },
		                    { &trace, 'b', 0, duration_of_ms(3) },
		                    { &trace, 'c', 0, duration_of_ms(3) },
		                    { &trace, 'a', 0, 1 } };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(fiber_start(&scope, "sleeper", sleeper, &workers[i]), 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_string_equal(trace.text, "abcd");
	assert_true(runtime_now() == duration_of_hour(24));
	return scope_close(&scope);
}

static void sleepers_wake_in_order_at_their_time(void **state)
{
	(void)state;
	on_virtual(sleep_main, NULL);
}

static int past_main(void *argument)
{
	(void)argument;
	assert_int_equal(fiber_sleep(5), 0);
	assert_int_equal(fiber_sleep_until(0), 0);
	assert_int_equal(fiber_sleep_until(4), 0);
	assert_int_equal(fiber_sleep_until(5), 0);
	assert_int_equal(fiber_sleep(0), 0);
	assert_true(runtime_now() == 5);
	return 0;
}

static void sleeping_until_the_past_does_not_wait(void **state)
{
	(void)state;
	on_virtual(past_main, NULL);
}

/* A yielding crowd may not keep a timer from expiring. */
static int busy(void *argument)
{
	const bool *stop = argument;

	while (!*stop) {
		struct virtual_target *target = runtime_target(runtime_current())->state;

		target->monotonic += 10; /* time passes while it computes */
		if (fiber_yield() != 0)
			return -ECANCELED;
	}
	return 0;
}

static int starve_main(void *argument)
{
	bool stop = false;
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "busy", busy, &stop), 0);
	assert_int_equal(fiber_start(&scope, "busy", busy, &stop), 0);
	assert_int_equal(fiber_sleep(100), 0);
	assert_in_range(runtime_now(), 100, 100 + 10 * 1000);
	stop = true;
	return scope_close(&scope);
}

static void yielding_fibers_do_not_starve_sleepers(void **state)
{
	(void)state;
	on_virtual(starve_main, NULL);
}

static int cancelled_body(void *argument)
{
	int *step = argument;

	assert_int_equal(fiber_sleep_until(NEVER), -ECANCELED);
	*step = 1;
	assert_true(fiber_cancelled());
	assert_int_equal(fiber_sleep(1), -ECANCELED); /* sticky */
	assert_int_equal(fiber_sleep_until(0), -ECANCELED);
	assert_int_equal(fiber_yield(), -ECANCELED);
	fiber_shield();
	assert_false(fiber_cancelled());
	assert_int_equal(fiber_sleep(1), 0);
	*step = 2;
	fiber_shield();
	assert_int_equal(fiber_yield(), 0);
	fiber_unshield();
	assert_int_equal(fiber_sleep(1), 0); /* still shielded once */
	fiber_unshield();
	assert_int_equal(fiber_sleep(1), -ECANCELED);
	*step = 3;
	return -ECANCELED;
}

static int cancel_main(void *argument)
{
	int step = 0;
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "victim", cancelled_body, &step), 0);
	assert_int_equal(fiber_yield(), 0);
	scope_cancel(&scope);
	assert_int_equal(step, 0); /* cancelling does not switch */
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(step, 3);
	assert_false(fiber_cancelled());
	return 0;
}

static void cancellation_is_sticky_and_shields_nest(void **state)
{
	(void)state;
	on_virtual(cancel_main, NULL);
}

static int shielded_sleeper(void *argument)
{
	nanoseconds start = runtime_now();

	(void)argument;
	fiber_shield();
	assert_int_equal(fiber_sleep(1000), 0);
	assert_true(runtime_now() == start + 1000);
	fiber_unshield();
	return fiber_yield();
}

static int shield_main(void *argument)
{
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "shielded", shielded_sleeper, NULL), 0);
	assert_int_equal(fiber_yield(), 0);
	scope_cancel(&scope);
	assert_int_equal(scope_close(&scope), 0);
	return 0;
}

static void cancelling_does_not_end_a_shielded_wait(void **state)
{
	(void)state;
	on_virtual(shield_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fibers_take_turns),
		cmocka_unit_test(a_fiber_alone_yields_to_itself),
		cmocka_unit_test(sleepers_wake_in_order_at_their_time),
		cmocka_unit_test(sleeping_until_the_past_does_not_wait),
		cmocka_unit_test(yielding_fibers_do_not_starve_sleepers),
		cmocka_unit_test(cancellation_is_sticky_and_shields_nest),
		cmocka_unit_test(cancelling_does_not_end_a_shielded_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
