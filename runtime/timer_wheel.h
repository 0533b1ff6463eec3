/* SPDX-License-Identifier: ISC */
/*
 * A hierarchical timing wheel: pure, time is an argument. Private to runtime/.
 *
 * Theory of operation. Time is a 64-bit number of nanoseconds, read as eleven digits of six bits.
 * A timer lies on the level of the highest digit in which its deadline differs from the wheel's
 * present, in the slot of that digit: what is due within 64 ns on level 0 (where a slot is one
 * instant), within 4 µs on level 1, and so on. When the present reaches a slot's beginning, its
 * timers move to lower levels ("cascade"). A timer moves at most ten times, so starting, stopping
 * and expiring are constant time. One bit per slot tells which may be occupied.
 *
 * Order. Timers expire in order of deadline, and those of one deadline in the order in which they
 * were started: a timer joins a lower slot only once all earlier ones for it have cascaded.
 */
#ifndef RUNTIME_TIMER_WHEEL_H
#define RUNTIME_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/duration.h>
#include <mirage/list.h>
#include <mirage/timer.h>

#define WHEEL_DIGIT_BITS 6
#define WHEEL_SLOTS      (1 << WHEEL_DIGIT_BITS)
#define WHEEL_LEVELS     11 /* 11 digits of 6 bits hold 64 bits */

struct timer_wheel {
	nanoseconds now;
	uint64_t occupied[WHEEL_LEVELS]; /* a set bit may be stale: the slot's list decides */
	struct list slots[WHEEL_LEVELS][WHEEL_SLOTS];
	struct list due; /* started with a deadline that had passed */
};

void timer_wheel_init(struct timer_wheel *wheel, nanoseconds now);

/* Put a timer that is not pending into the wheel. */
void timer_wheel_insert(struct timer_wheel *wheel, struct timer *timer);

/*
 * Until when nothing expires: exact while few timers share the earliest slot, else that slot's
 * beginning (waking there costs one cascade). NEVER if no timer is pending.
 */
nanoseconds timer_wheel_next(struct timer_wheel *wheel);

/* Move the present to `now` (not back) and call every timer that is due. */
void timer_wheel_advance(struct timer_wheel *wheel, nanoseconds now);

#endif
