// SPDX-License-Identifier: ISC
/* Integers, sizes and durations: exact, with every overflow caught. */
#include "arguments/quantity.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static int digit_value(char c, unsigned base)
{
	int value = c >= '0' && c <= '9'   ? c - '0'
	            : c >= 'a' && c <= 'f' ? c - 'a' + 10
	            : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                                   : -1;

	return value >= 0 && (unsigned)value < base ? value : -1;
}

int integer_parse(const char *text, int64_t *integer)
{
	int negative = *text == '-';
	unsigned base = 10;
	uint64_t value = 0;

	text += *text == '-' || *text == '+';
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		int digit = digit_value(*text, base);

		if (digit < 0)
			return -EINVAL;
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return -ERANGE;
	}
	if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0))
		return -ERANGE;
	*integer = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
	for (; units->name != NULL; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
}

/*
 * DIGITS[.DIGITS]UNIT, times the unit. A fraction finer than one is refused rather than rounded:
 * the value would not be what was written.
 */
static int quantity_parse(const char *text, const struct unit *units, uint64_t *result)
{
	uint64_t whole = 0, value;
	const char *start = text;

	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(whole, UINT64_C(10), &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*text - '0'), &whole))
			return -ERANGE;
	if (text == start)
		return -EINVAL;
	const char *fraction = *text == '.' ? text + 1 : NULL;
	if (fraction != NULL)
		text = fraction + strspn(fraction, "0123456789");
	if (fraction == text)
		return -EINVAL;
	const struct unit *unit = find_unit(units, text);
	if (unit == NULL)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, unit->factor, &value))
		return -ERANGE;
	/*
	 * Each digit is worth a tenth of the one before. What the unit cannot give of that tenth, the
	 * divisor takes: the value of the fraction is remainder / divisor.
	 */
	uint64_t worth = unit->factor, divisor = 1, remainder = 0;
	for (; fraction != NULL && fraction < text; fraction++) {
		uint64_t scale = 10;

		if (*fraction == '0' && strspn(fraction, "0") >= (size_t)(text - fraction))
			break;
		for (uint64_t prime = 2; prime <= 5; prime += 3) {
			if (worth % prime == 0) {
				worth /= prime;
				scale /= prime;
			}
		}
		if (divisor > UINT64_MAX / scale / unit->factor)
			return -EINVAL;
		divisor *= scale;
		remainder = remainder * scale + worth * (uint64_t)(*fraction - '0');
	}
	if (remainder % divisor != 0)
		return -EINVAL;
	if (__builtin_add_overflow(value, remainder / divisor, &value))
		return -ERANGE;
	*result = value;
	return 0;
}

int size_parse(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "k", UINT64_C(1) << 10 },
		{ "K", UINT64_C(1) << 10 },
		{ "M", UINT64_C(1) << 20 },
		{ "G", UINT64_C(1) << 30 },
		{ "T", UINT64_C(1) << 40 },
		{ "KiB", UINT64_C(1) << 10 },
		{ "MiB", UINT64_C(1) << 20 },
		{ "GiB", UINT64_C(1) << 30 },
		{ "TiB", UINT64_C(1) << 40 },
		{ NULL, 0 },
	};

	return quantity_parse(text, units, bytes);
}

int duration_parse(const char *text, nanoseconds *duration)
{
	static const struct unit units[] = {
		{ "", UINT64_C(1000000000) },
		{ "ns", 1 },
		{ "us", 1000 },
		{ "ms", 1000000 },
		{ "s", UINT64_C(1000000000) },
		{ "min", 60 * UINT64_C(1000000000) },
		{ "h", 3600 * UINT64_C(1000000000) },
		{ "d", 86400 * UINT64_C(1000000000) },
		{ NULL, 0 },
	};

	return quantity_parse(text, units, duration);
}
