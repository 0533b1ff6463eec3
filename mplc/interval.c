// SPDX-License-Identifier: ISC
/* Bounds of arithmetic. */
#include "mplc/interval.h"

static wide least(const wide values[4])
{
	wide result = values[0];

	for (int i = 1; i < 4; i++)
		result = values[i] < result ? values[i] : result;
	return result;
}

static wide greatest(const wide values[4])
{
	wide result = values[0];

	for (int i = 1; i < 4; i++)
		result = values[i] > result ? values[i] : result;
	return result;
}

static bool multiply(struct interval a, struct interval b, struct interval *result)
{
	wide corners[4];

	if (__builtin_mul_overflow(a.low, b.low, &corners[0]) ||
	    __builtin_mul_overflow(a.low, b.high, &corners[1]) ||
	    __builtin_mul_overflow(a.high, b.low, &corners[2]) ||
	    __builtin_mul_overflow(a.high, b.high, &corners[3]))
		return false;
	*result = (struct interval){ least(corners), greatest(corners) };
	return true;
}

/* The divisor does not include 0, and is a single value or positive. */
static bool divide(struct interval a, struct interval b, struct interval *result)
{
	if (a.low == WIDE_MIN)
		return false;
	wide corners[4] = { a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high };

	*result = (struct interval){ least(corners), greatest(corners) };
	return true;
}

static bool remainder_of(struct interval a, struct interval b, struct interval *result)
{
	if (b.low == WIDE_MIN)
		return false;
	wide largest = (b.high > -b.low ? b.high : -b.low) - 1;

	if (a.low == a.high && b.low == b.high)
		*result = (struct interval){ a.low % b.low, a.low % b.low };
	else
		*result = (struct interval){ a.low < 0 ? -largest : 0, a.high > 0 ? largest : 0 };
	return true;
}

static bool shift(struct interval a, struct interval b, bool left, struct interval *result)
{
	struct interval power = { (wide)1 << b.low, (wide)1 << b.high };

	/* Right shift of what is not negative is a division. */
	if (left)
		return multiply(a, power, result);
	return a.low >= 0 && divide(a, power, result);
}

bool interval_binary(int symbol, struct interval a, struct interval b, struct interval *result)
{
	switch (symbol) {
	case '+':
		return !__builtin_add_overflow(a.low, b.low, &result->low) &&
		       !__builtin_add_overflow(a.high, b.high, &result->high);
	case '-':
		return !__builtin_sub_overflow(a.low, b.high, &result->low) &&
		       !__builtin_sub_overflow(a.high, b.low, &result->high);
	case '*':
		return multiply(a, b, result);
	case '/':
		return divide(a, b, result);
	case '%':
		return remainder_of(a, b, result);
	case SYMBOL_SHIFT_LEFT:
	case SYMBOL_SHIFT_RIGHT:
		return shift(a, b, symbol == SYMBOL_SHIFT_LEFT, result);
	default: /* & of what is not negative */
		result->low = a.low == a.high && b.low == b.high ? (a.low & b.low) : 0;
		result->high = a.low == a.high && b.low == b.high
		                       ? result->low
		                       : (a.high < b.high ? a.high : b.high);
		return true;
	}
}

struct interval interval_compare(int symbol, struct interval a, struct interval b)
{
	bool always = false, never = false;

	switch (symbol) {
	case '<':
		always = a.high < b.low;
		never = a.low >= b.high;
		break;
	case '>':
		always = a.low > b.high;
		never = a.high <= b.low;
		break;
	case SYMBOL_LESS_EQUAL:
		always = a.high <= b.low;
		never = a.low > b.high;
		break;
	case SYMBOL_GREATER_EQUAL:
		always = a.low >= b.high;
		never = a.high < b.low;
		break;
	case SYMBOL_EQUAL:
		always = a.low == a.high && b.low == b.high && a.low == b.low;
		never = a.high < b.low || b.high < a.low;
		break;
	default: /* != */
		never = a.low == a.high && b.low == b.high && a.low == b.low;
		always = a.high < b.low || b.high < a.low;
		break;
	}
	return (struct interval){ always ? 1 : 0, never ? 0 : 1 };
}
