/* SPDX-License-Identifier: ISC */
/*
 * Mock clocks: three devices on one clock that the test moves.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mirage/fiber.h>
#include <mirage/mock_clock.h>
#include <mirage/runtime.h>
#include <mirage/virtual_target.h>

static struct mock_clock_state mock_state;
static const struct mock_clock mock = { .state = &mock_state };
static const struct time mock_time = { .ops = &mock_time_ops, .self = &mock };
static const struct wall_clock mock_wall = { .ops = &mock_wall_clock_ops, .self = &mock };
static const struct monotonic_clock mock_monotonic = { .ops = &mock_monotonic_clock_ops,
	                                               .self = &mock };

static char order[16]; /* letters of sleepers, as they woke */
static size_t woken;

static int body_main(void *argument)
{
	void (*body)(void) = *(void (**)(void))argument;

	assert_int_equal(mock_clock_connect(&mock), 0);
	woken = 0;
	body();
	return 0;
}

static void run(void (*body)(void))
{
	struct virtual_target virtual;
	struct runtime *runtime;

	virtual_target_init(&virtual);
	assert_int_equal(runtime_new(&runtime, &virtual.target, NULL), 0);
	assert_int_equal(runtime_run(runtime, body_main, &body), 0);
	runtime_free(runtime);
	virtual_target_fini(&virtual);
}

struct sleeper {
	char letter;
	nanoseconds deadline;
};

static int sleep_main(void *argument)
{
	const struct sleeper *sleeper = argument;
	int result = time_sleep_until(&mock_time, sleeper->deadline);

	if (result == 0)
		order[woken++] = sleeper->letter;
	return result;
}

static void yield(void)
{
	assert_int_equal(fiber_yield(), 0);
	assert_int_equal(fiber_yield(), 0);
}

static void reading_body(void)
{
	assert_int_equal(time_now(&mock_time), 0);
	mock_clock_set(&mock, 5000);
	mock_clock_advance(&mock, 6);
	assert_int_equal(time_now(&mock_time), 5006);
	assert_int_equal(wall_clock_now(&mock_wall), 5006);
	assert_int_equal(monotonic_clock_now(&mock_monotonic), 5006);
	mock_clock_set(&mock, 7);
	assert_int_equal(wall_clock_now(&mock_wall), 7);
	mock_clock_advance(&mock, NEVER);
	assert_true(time_now(&mock_time) == NEVER);
}

static void all_devices_read_the_clock_that_was_set(void **state)
{
	(void)state;
	run(reading_body);
}

static void zone_body(void)
{
	int32_t offset_s = 99;

	assert_int_equal(wall_clock_utc_offset(&mock_wall, 0, &offset_s), -ENOTSUP);
	assert_int_equal(offset_s, 99);
	mock_state.utc_offset_known = true;
	mock_state.utc_offset_s = -3600;
	assert_int_equal(wall_clock_utc_offset(&mock_wall, 0, &offset_s), 0);
	assert_int_equal(offset_s, -3600);
	assert_int_equal(mock_clock_connect(&mock), 0);
	assert_int_equal(wall_clock_utc_offset(&mock_wall, 0, &offset_s), -ENOTSUP);
}

static void the_zone_is_unknown_until_set(void **state)
{
	(void)state;
	run(zone_body);
}

static void sleepers_body(void)
{
	struct sleeper sleepers[] = { { 'c', 30 }, { 'a', 10 }, { 'd', 30 }, { 'b', 20 } };
	struct scope scope;

	scope_open(&scope);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(fiber_start(&scope, "sleeper", sleep_main, &sleepers[i]), 0);
	yield();
	mock_clock_set(&mock, 9);
	yield();
	assert_int_equal(woken, 0);
	mock_clock_set(&mock, 10);
	yield();
	assert_int_equal(woken, 1);
	mock_clock_advance(&mock, 20);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(woken, 4);
	assert_memory_equal(order, "abcd", 4);
}

static void sleepers_wake_at_their_deadlines_in_order(void **state)
{
	(void)state;
	run(sleepers_body);
}

static void back_body(void)
{
	struct sleeper sleeper = { 'a', 10 };
	struct scope scope;

	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "sleeper", sleep_main, &sleeper), 0);
	yield();
	mock_clock_set(&mock, 10);
	mock_clock_set(&mock, 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(woken, 1);
}

static void a_deadline_that_came_has_come_even_if_the_clock_goes_back(void **state)
{
	(void)state;
	run(back_body);
}

static void passed_body(void)
{
	mock_clock_set(&mock, 10);
	assert_int_equal(time_sleep_until(&mock_time, 10), 0);
	assert_int_equal(time_sleep_until(&mock_time, 0), 0);
	assert_int_equal(time_sleep_ns(&mock_time, 0), 0);
}

static void a_passed_deadline_does_not_block(void **state)
{
	(void)state;
	run(passed_body);
}

static void cancel_body(void)
{
	struct sleeper sleepers[] = { { 'a', 10 }, { 'b', NEVER } };
	struct scope scope;

	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "sleeper", sleep_main, &sleepers[0]), 0);
	assert_int_equal(fiber_start(&scope, "sleeper", sleep_main, &sleepers[1]), 0);
	yield();
	scope_cancel(&scope);
	scope_close(&scope);
	assert_int_equal(woken, 0);
	mock_clock_set(&mock, NEVER); /* nobody is left to be woken */
	yield();
	assert_int_equal(woken, 0);
}

static void cancelled_sleepers_leave(void **state)
{
	(void)state;
	run(cancel_body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_devices_read_the_clock_that_was_set),
		cmocka_unit_test(the_zone_is_unknown_until_set),
		cmocka_unit_test(sleepers_wake_at_their_deadlines_in_order),
		cmocka_unit_test(a_deadline_that_came_has_come_even_if_the_clock_goes_back),
		cmocka_unit_test(a_passed_deadline_does_not_block),
		cmocka_unit_test(cancelled_sleepers_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
