/* SPDX-License-Identifier: ISC */
/*
 * random_below(): every number equally likely, on a device that says what it will draw.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/random.h>

struct script {
	const uint32_t *draws;
	size_t count;
	size_t next;
};

struct scripted {
	struct script *script;
};

static int scripted_fill(const void *self, void *bytes, size_t length)
{
	struct script *script = ((const struct scripted *)self)->script;

	assert_int_equal(length, sizeof(uint32_t));
	if (script->next == script->count)
		return -EIO;
	memcpy(bytes, &script->draws[script->next++], sizeof(uint32_t));
	return 0;
}

static const struct random_ops scripted_ops = { .fill = scripted_fill };

static void draws_that_would_favour_a_number_are_drawn_again(void **state)
{
	/* 2^32 mod 3 is 1: exactly the draw 0 is too many. */
	static const uint32_t draws[] = { 0, 0, 1, 2, 3, UINT32_MAX };
	static const uint32_t expected[] = { 1, 2, 0, 0 };
	struct script script = { .draws = draws, .count = 6 };
	const struct scripted scripted = { .script = &script };
	const struct random random = { .ops = &scripted_ops, .self = &scripted };
	uint32_t number;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(random_below(&random, 3, &number), 0);
		assert_int_equal(number, expected[i]);
	}
	assert_int_equal(script.next, 6);
}

static void powers_of_two_need_one_draw(void **state)
{
	static const uint32_t draws[] = { 0, 0x80000001, UINT32_MAX };
	static const uint32_t expected[] = { 0, 1, 0x7fffffff };
	struct script script = { .draws = draws, .count = 3 };
	const struct scripted scripted = { .script = &script };
	const struct random random = { .ops = &scripted_ops, .self = &scripted };
	uint32_t number;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(random_below(&random, UINT32_C(1) << 31, &number), 0);
		assert_int_equal(number, expected[i]);
	}
}

static void below_one_there_is_only_zero(void **state)
{
	static const uint32_t draws[] = { UINT32_MAX };
	struct script script = { .draws = draws, .count = 1 };
	const struct scripted scripted = { .script = &script };
	const struct random random = { .ops = &scripted_ops, .self = &scripted };
	uint32_t number = 7;

	(void)state;
	assert_int_equal(random_below(&random, 1, &number), 0);
	assert_int_equal(number, 0);
}

static void errors_are_passed_on_and_nothing_is_below_zero(void **state)
{
	struct script script = { .count = 0 };
	const struct scripted scripted = { .script = &script };
	const struct random random = { .ops = &scripted_ops, .self = &scripted };
	uint32_t number = 7;

	(void)state;
	assert_int_equal(random_below(&random, 10, &number), -EIO);
	assert_int_equal(random_below(&random, 0, &number), -EINVAL);
	assert_int_equal(number, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_that_would_favour_a_number_are_drawn_again),
		cmocka_unit_test(powers_of_two_need_one_draw),
		cmocka_unit_test(below_one_there_is_only_zero),
		cmocka_unit_test(errors_are_passed_on_and_nothing_is_below_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
