/* SPDX-License-Identifier: ISC */
/*
 * Durations and deadlines: units, and saturation at NEVER.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <mirage/duration.h>

static void units_are_nanoseconds(void **state)
{
	(void)state;
	assert_int_equal(duration_of_us(3), 3000);
	assert_int_equal(duration_of_ms(3), 3000000);
	assert_int_equal(duration_of_sec(3), 3000000000);
	assert_int_equal(duration_of_min(3), 180000000000);
	assert_int_equal(duration_of_hour(3), 10800000000000);
}

static void zero_is_zero_in_every_unit(void **state)
{
	(void)state;
	assert_int_equal(duration_of_us(0) + duration_of_ms(0) + duration_of_sec(0) +
	                         duration_of_min(0) + duration_of_hour(0),
	                 0);
}

static void too_long_a_duration_is_never(void **state)
{
	(void)state;
	assert_true(duration_of_sec(UINT64_MAX) == NEVER);
	assert_true(duration_of_hour(UINT64_C(5124096)) == NEVER);
	assert_true(duration_of_hour(UINT64_C(5124095)) != NEVER);
	assert_true(duration_of_us(UINT64_MAX / 1000 + 1) == NEVER);
	assert_true(duration_of_us(UINT64_MAX / 1000) == UINT64_MAX / 1000 * 1000);
}

static void a_deadline_past_the_end_of_the_clock_is_never(void **state)
{
	(void)state;
	assert_true(deadline_after(5, 7) == 12);
	assert_true(deadline_after(NEVER, 1) == NEVER);
	assert_true(deadline_after(1, NEVER) == NEVER);
	assert_true(deadline_after(NEVER - 1, 1) == NEVER);
	assert_true(deadline_after(NEVER - 2, 1) == NEVER - 1);
	assert_true(deadline_after(NEVER, NEVER) == NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_nanoseconds),
		cmocka_unit_test(zero_is_zero_in_every_unit),
		cmocka_unit_test(too_long_a_duration_is_never),
		cmocka_unit_test(a_deadline_past_the_end_of_the_clock_is_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
