/* SPDX-License-Identifier: ISC */
/*
 * Spans of time and points in time, in nanoseconds.
 *
 * A duration is a span. A deadline is a point on the monotonic clock, as runtime_now() reads it;
 * NEVER is the deadline that does not come. All arithmetic here saturates at NEVER.
 */
#ifndef MIRAGE_DURATION_H
#define MIRAGE_DURATION_H

#include <stdint.h>

typedef uint64_t nanoseconds;

#define NEVER UINT64_MAX

static inline nanoseconds duration_multiply(uint64_t count, nanoseconds unit)
{
	nanoseconds product;

	return __builtin_mul_overflow(count, unit, &product) ? NEVER : product;
}

static inline nanoseconds duration_of_us(uint64_t microseconds)
{
	return duration_multiply(microseconds, 1000);
}

static inline nanoseconds duration_of_ms(uint64_t milliseconds)
{
	return duration_multiply(milliseconds, 1000000);
}

static inline nanoseconds duration_of_sec(uint64_t seconds)
{
	return duration_multiply(seconds, 1000000000);
}

static inline nanoseconds duration_of_min(uint64_t minutes)
{
	return duration_multiply(minutes, 60 * UINT64_C(1000000000));
}

static inline nanoseconds duration_of_hour(uint64_t hours)
{
	return duration_multiply(hours, 3600 * UINT64_C(1000000000));
}

/* The point `duration` after `start`; NEVER if that is past the end of the clock. */
static inline nanoseconds deadline_after(nanoseconds start, nanoseconds duration)
{
	nanoseconds sum;

	return __builtin_add_overflow(start, duration, &sum) ? NEVER : sum;
}

#endif
