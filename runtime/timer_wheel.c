// SPDX-License-Identifier: ISC
/* The timing wheel. */
#include "runtime/timer_wheel.h"

#include <limits.h>
#include <string.h>

/* Slots with at most so many timers are searched for the exact earliest deadline. */
#define EXACT_SEARCH_MAX 16

/* Below this level a slot lasts less than 17 ms and is not worth cascading ahead. */
#define PREPARE_LEVEL_MIN 3

void timer_wheel_init(struct timer_wheel *wheel, nanoseconds now)
{
	struct list *slot = &wheel->slots[0][0][0];

	wheel->now = now;
	wheel->open = 0;
	list_init(&wheel->due);
	memset(wheel->occupied, 0, sizeof(wheel->occupied));
	for (size_t i = 0; i < sizeof(wheel->slots) / sizeof(*slot); i++)
		list_init(&slot[i]);
}

/* The number of the slot on `level` that `time` lies in; its low digit is the place in a round. */
static uint64_t slot_number(nanoseconds time, unsigned level)
{
	return time >> (level * WHEEL_DIGIT_BITS);
}

static uint64_t round_number(nanoseconds time, unsigned level)
{
	return level + 1 < WHEEL_LEVELS ? slot_number(time, level + 1) : 0;
}

static struct list *slot_at(struct timer_wheel *wheel, unsigned level, uint64_t number)
{
	unsigned round = (unsigned)(number >> WHEEL_DIGIT_BITS) % WHEEL_ROUNDS;

	return &wheel->slots[level][round][number % WHEEL_SLOTS];
}

/* The lowest level that may hold the timer now. */
static unsigned level_of(const struct timer_wheel *wheel, nanoseconds deadline)
{
	uint64_t difference = deadline ^ wheel->now;
	unsigned level = (63 - (unsigned)__builtin_clzll(difference)) / WHEEL_DIGIT_BITS;

	while (level > 0 && (wheel->open >> (level - 1) & 1) != 0 &&
	       round_number(deadline, level - 1) == round_number(wheel->now, level - 1) + 1)
		level--;
	return level;
}

static void place(struct timer_wheel *wheel, struct timer *timer, unsigned level)
{
	uint64_t number = slot_number(timer->deadline, level);
	unsigned round = (unsigned)(number >> WHEEL_DIGIT_BITS) % WHEEL_ROUNDS;

	list_append(slot_at(wheel, level, number), &timer->link);
	wheel->occupied[level][round] |= UINT64_C(1) << number % WHEEL_SLOTS;
}

void timer_wheel_insert(struct timer_wheel *wheel, struct timer *timer)
{
	if (timer->deadline <= wheel->now)
		list_append(&wheel->due, &timer->link);
	else
		place(wheel, timer, level_of(wheel, timer->deadline));
}

/* Time passes: what was the next round of a level may be the present one, and the next not open. */
static void set_now(struct timer_wheel *wheel, nanoseconds now)
{
	uint64_t difference = now ^ wheel->now;

	wheel->now = now;
	if (difference >> WHEEL_DIGIT_BITS == 0)
		return;
	unsigned highest = (63 - (unsigned)__builtin_clzll(difference)) / WHEEL_DIGIT_BITS;
	wheel->open &= ~0U << highest;
}

/* The first slot of a round that holds a timer; clears the bits of empty ones on the way. */
static struct list *first_of_round(struct timer_wheel *wheel, unsigned level, uint64_t round,
                                   uint64_t *number)
{
	uint64_t *occupied = &wheel->occupied[level][round % WHEEL_ROUNDS];

	while (*occupied != 0) {
		*number = round << WHEEL_DIGIT_BITS | (unsigned)__builtin_ctzll(*occupied);
		struct list *slot = slot_at(wheel, level, *number);

		if (!list_empty(slot))
			return slot;
		*occupied &= *occupied - 1;
	}
	return NULL;
}

/* Where the next round of a level comes from: the slot above that is cascaded when it begins. */
static uint64_t slot_above(const struct timer_wheel *wheel, unsigned level)
{
	return round_number(wheel->now, level) + 1;
}

struct earliest {
	struct list *slot; /* NULL: there is no timer */
	unsigned level;
	nanoseconds begin;
	bool half_prepared; /* others that may be due before are on the level below */
};

/* The earliest slot of a level. */
static struct earliest earliest_on(struct timer_wheel *wheel, unsigned level)
{
	uint64_t number, round = round_number(wheel->now, level);
	struct earliest found = { .level = level };

	found.slot = first_of_round(wheel, level, round, &number);
	if (found.slot == NULL && level >= PREPARE_LEVEL_MIN && level + 1 < WHEEL_LEVELS) {
		found.slot = first_of_round(wheel, level, round + 1, &number);
		struct list *above = slot_at(wheel, level + 1, slot_above(wheel, level));

		if (found.slot != NULL && !list_empty(above)) {
			found = (struct earliest){ .slot = above, .level = level + 1 };
			found.half_prepared = true;
			number = slot_above(wheel, level);
		}
	}
	if (found.slot != NULL)
		found.begin = number << (found.level * WHEEL_DIGIT_BITS);
	return found;
}

/* The earliest slot that holds a timer: what lower levels hold is due before the rest. */
static struct earliest earliest(struct timer_wheel *wheel)
{
	struct earliest found = { .slot = NULL };

	for (unsigned level = 0; level < WHEEL_LEVELS && found.slot == NULL; level++)
		found = earliest_on(wheel, level);
	return found;
}

/* Open the next round of `level`, moving at most `most` timers; returns how many were moved. */
static unsigned prepare_level(struct timer_wheel *wheel, unsigned level, unsigned most)
{
	struct list *above = slot_at(wheel, level + 1, slot_above(wheel, level));
	unsigned moved = 0;

	for (; moved < most && !list_empty(above); moved++) {
		struct list *link = above->next;

		list_remove(link);
		place(wheel, list_entry(link, struct timer, link), level);
	}
	if (list_empty(above))
		wheel->open |= 1U << level;
	return moved;
}

/* Downwards: all levels above are open when it is a level's turn, so the slot above is complete. */
bool timer_wheel_prepare(struct timer_wheel *wheel, unsigned most)
{
	for (unsigned level = WHEEL_LEVELS - 2; level >= PREPARE_LEVEL_MIN && most > 0; level--)
		if ((wheel->open >> level & 1) == 0)
			most -= prepare_level(wheel, level, most);
	return most == 0;
}

/* The earliest deadline in a slot, or the slot's beginning if it holds too many to search. */
static nanoseconds search(const struct list *slot, nanoseconds begin)
{
	nanoseconds deadline = NEVER;
	unsigned seen = 0;

	list_for_each(link, slot) {
		const struct timer *timer = list_entry(link, struct timer, link);

		if (++seen > EXACT_SEARCH_MAX)
			return begin;
		if (timer->deadline < deadline)
			deadline = timer->deadline;
	}
	return deadline;
}

nanoseconds timer_wheel_next(struct timer_wheel *wheel)
{
	if (!list_empty(&wheel->due))
		return wheel->now;
	struct earliest found = earliest(wheel);
	if (found.slot == NULL)
		return NEVER;
	return found.half_prepared ? found.begin : search(found.slot, found.begin);
}

static void call(struct list *link)
{
	struct timer *timer = list_entry(link, struct timer, link);

	list_remove(link);
	timer->expired(timer);
}

/* Only what is due at the beginning: a timer that restarts itself in the past waits a turn. */
static void call_due(struct timer_wheel *wheel)
{
	struct list due;

	if (list_empty(&wheel->due))
		return;
	list_init(&due);
	list_for_each_safe(link, &wheel->due) {
		list_remove(link);
		list_append(&due, link);
	}
	while (!list_empty(&due))
		call(due.next);
}

static void cascade(struct timer_wheel *wheel, struct list *slot)
{
	list_for_each_safe(link, slot) {
		list_remove(link);
		timer_wheel_insert(wheel, list_entry(link, struct timer, link));
	}
}

void timer_wheel_advance(struct timer_wheel *wheel, nanoseconds now)
{
	call_due(wheel);
	for (;;) {
		struct earliest found = earliest(wheel);

		if (found.slot == NULL || found.begin > now)
			break;
		if (found.half_prepared) {
			/* The rest joins those below, in the order of starting, before time moves:
			   some of them are in the slot that then begins. */
			prepare_level(wheel, found.level - 1, UINT_MAX);
			continue;
		}
		set_now(wheel, found.begin);
		if (found.level > 0) {
			cascade(wheel, found.slot);
			call_due(wheel); /* those of the slot's first instant */
			continue;
		}
		while (!list_empty(found.slot))
			call(found.slot->next);
	}
	if (now > wheel->now)
		set_now(wheel, now);
}
