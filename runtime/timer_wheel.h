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
 * Cascading ahead. A slot of a second may hold a hundred thousand timers, whose move takes tens of
 * milliseconds if each lies on a page of its own. So a level has room for two of its rounds, the
 * present one and the next, and timer_wheel_prepare() moves some timers at a time from the slot above
 * that comes next into the next round. When that slot is empty, the round is "open": from then on
 * timers for it are put there at once. Until then they queue in the slot above, behind those that
 * were started before. What is not done when the slot begins is done then, all at once.
 *
 * Order. Timers expire in order of deadline, and those of one deadline in the order in which they
 * were started: a timer joins a lower slot only once all earlier ones for it have cascaded.
 *
 * Invariants. 1. A timer on level L is due in L's present round, or in the next one. 2. A round that
 * is open has nothing in the slot above. 3. If a level is open, so are all above it. 4. Present and
 * past slots are empty between calls.
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
#define WHEEL_ROUNDS     2

struct timer_wheel {
	nanoseconds now;
	unsigned open; /* a bit per level: its next round is open */
	/* A set bit may be stale: the slot's list decides. Even and odd rounds alternate. */
	uint64_t occupied[WHEEL_LEVELS][WHEEL_ROUNDS];
	struct list slots[WHEEL_LEVELS][WHEEL_ROUNDS][WHEEL_SLOTS];
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

/*
 * Cascade ahead, at most `most` timers. Returns whether there may be more to do. Never needed, but for
 * even latency: call it often.
 */
bool timer_wheel_prepare(struct timer_wheel *wheel, unsigned most);

/* Move the present to `now` (not back) and call every timer that is due. */
void timer_wheel_advance(struct timer_wheel *wheel, nanoseconds now);

#endif
