// SPDX-License-Identifier: ISC
/* Integers, sizes and durations. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arguments/quantity.h"

struct quantity {
	const char *text;
	int result;
	uint64_t value;
};

static void sizes_are_powers_of_1024_and_exact(void **state)
{
	static const struct quantity table[] = {
		{ "0", 0, 0 },
		{ "4096", 0, 4096 },
		{ "64k", 0, 65536 },
		{ "64KiB", 0, 65536 },
		{ "1.5M", 0, 1572864 },
		{ "0.5KiB", 0, 512 },
		{ "1.000k", 0, 1024 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "16777216T", -ERANGE, 0 },
		{ "16777215.9999999T", -EINVAL, 0 },
		{ "16777215.5T", 0, UINT64_C(18446743523953737728) },
		{ "18014398509481983.5k", 0, UINT64_C(18446744073709551104) },
		{ "18446744073709551615.0", 0, UINT64_MAX },
		{ "1.75G", 0, UINT64_C(1879048192) },
		{ "0.0009765625T", 0, 1 << 30 },
		{ "0.0000000001T", -EINVAL, 0 },
		{ "3B", 0, 3 },
		{ "2K", 0, 2048 },
		{ "1TiB", 0, UINT64_C(1) << 40 },
		{ "007", 0, 7 },
		{ "1.5B", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ ".5k", -EINVAL, 0 },
		{ "1.2.3k", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "99999999999999999999999999999999k", -ERANGE, 0 },
		{ "1.5", -EINVAL, 0 }, /* one and a half bytes */
		{ "0.3k", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "k", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "1.k", -EINVAL, 0 },
		{ "1 k", -EINVAL, 0 },
		{ "1KB", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint64_t value = 0;

		assert_int_equal(size_parse(table[i].text, &value), table[i].result);
		assert_int_equal(value, table[i].value);
	}
}

static void durations_have_units_down_to_a_nanosecond(void **state)
{
	static const struct quantity table[] = {
		{ "0", 0, 0 },
		{ "1", 0, 1000000000 },
		{ "1.5s", 0, 1500000000 },
		{ "250ms", 0, 250000000 },
		{ "0.25ms", 0, 250000 },
		{ "10us", 0, 10000 },
		{ "7ns", 0, 7 },
		{ "2min", 0, UINT64_C(120000000000) },
		{ "1h", 0, UINT64_C(3600000000000) },
		{ "0.000000001s", 0, 1 },
		{ "0.0000000001s", -EINVAL, 0 },
		{ "0.123456789s", 0, 123456789 },
		{ "0.1234567h", 0, UINT64_C(444444120000) },
		{ "0.000001d", 0, 86400000 },
		{ "0.00000000001d", 0, 864 },
		{ "0.000000000000000000000000000001d", -EINVAL, 0 },
		{ "1d", 0, UINT64_C(86400000000000) },
		{ "0.1min", 0, UINT64_C(6000000000) },
		{ "18446744073.709551615", 0, UINT64_MAX },
		{ "18446744073.709551616", -ERANGE, 0 },
		{ "18446744073709551615ns", 0, UINT64_MAX },
		{ "18446744073709551616ns", -ERANGE, 0 },
		{ "1 s", -EINVAL, 0 },
		{ "1.s", -EINVAL, 0 },
		{ ".5s", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "1S", -EINVAL, 0 },
		{ "1ss", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "0.5ns", -EINVAL, 0 },
		{ "1y", -EINVAL, 0 },
		{ "soon", -EINVAL, 0 },
		{ "99999999999h", -ERANGE, 0 },
		{ "1.00000000000000000000000000000000s", 0, 1000000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		nanoseconds value = 0;

		assert_int_equal(duration_parse(table[i].text, &value), table[i].result);
		assert_int_equal(value, table[i].value);
	}
}

static void integers_reach_both_ends_and_no_further(void **state)
{
	int64_t value;

	(void)state;
	assert_int_equal(integer_parse("-9223372036854775808", &value), 0);
	assert_true(value == INT64_MIN);
	assert_int_equal(integer_parse("9223372036854775807", &value), 0);
	assert_true(value == INT64_MAX);
	assert_int_equal(integer_parse("9223372036854775808", &value), -ERANGE);
	assert_int_equal(integer_parse("-9223372036854775809", &value), -ERANGE);
	assert_int_equal(integer_parse("0x7fffFFFF", &value), 0);
	assert_int_equal(value, 0x7fffffff);
	assert_int_equal(integer_parse("-0x10", &value), 0);
	assert_int_equal(value, -16);
	assert_int_equal(integer_parse("+7", &value), 0);
	assert_int_equal(value, 7);
	assert_int_equal(integer_parse("-0", &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(integer_parse("010", &value), 0);
	assert_int_equal(value, 10);
	assert_int_equal(integer_parse("0x8000000000000000", &value), -ERANGE);
	assert_int_equal(integer_parse("-0x8000000000000000", &value), 0);
	assert_true(value == INT64_MIN);
	value = 5;
	assert_int_equal(integer_parse("--1", &value), -EINVAL);
	assert_int_equal(integer_parse("+-1", &value), -EINVAL);
	assert_int_equal(integer_parse("x10", &value), -EINVAL);
	assert_int_equal(integer_parse("0xg", &value), -EINVAL);
	assert_int_equal(integer_parse("1 ", &value), -EINVAL);
	assert_int_equal(integer_parse("1.0", &value), -EINVAL);
	assert_int_equal(value, 5);
	assert_int_equal(integer_parse("0x", &value), -EINVAL);
	assert_int_equal(integer_parse("", &value), -EINVAL);
	assert_int_equal(integer_parse("-", &value), -EINVAL);
	assert_int_equal(integer_parse("1a", &value), -EINVAL);
	assert_int_equal(integer_parse(" 1", &value), -EINVAL);
	assert_int_equal(integer_parse("99999999999999999999999999", &value), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_powers_of_1024_and_exact),
		cmocka_unit_test(durations_have_units_down_to_a_nanosecond),
		cmocka_unit_test(integers_reach_both_ends_and_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
