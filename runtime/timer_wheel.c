// SPDX-License-Identifier: ISC
/* The timing wheel. */
#include "runtime/timer_wheel.h"

/* Slots with at most so many timers are searched for the exact earliest deadline. */
#define EXACT_SEARCH_MAX 16

void timer_wheel_init(struct timer_wheel *wheel, nanoseconds now)
{
	wheel->now = now;
	list_init(&wheel->due);
	for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
		wheel->occupied[level] = 0;
		for (unsigned slot = 0; slot < WHEEL_SLOTS; slot++)
			list_init(&wheel->slots[level][slot]);
	}
}

static unsigned digit(nanoseconds time, unsigned level)
{
	return (unsigned)(time >> (level * WHEEL_DIGIT_BITS)) & (WHEEL_SLOTS - 1);
}

void timer_wheel_insert(struct timer_wheel *wheel, struct timer *timer)
{
	if (timer->deadline <= wheel->now) {
		list_append(&wheel->due, &timer->link);
		return;
	}

	uint64_t difference = timer->deadline ^ wheel->now;
	unsigned level = (63 - (unsigned)__builtin_clzll(difference)) / WHEEL_DIGIT_BITS;
	unsigned slot = digit(timer->deadline, level);

	list_append(&wheel->slots[level][slot], &timer->link);
	wheel->occupied[level] |= UINT64_C(1) << slot;
}

/* The earliest slot that holds a timer; clears the bits of empty ones on the way. */
static struct list *earliest_slot(struct timer_wheel *wheel, unsigned *level, nanoseconds *begin)
{
	for (*level = 0; *level < WHEEL_LEVELS; ++*level) {
		uint64_t *occupied = &wheel->occupied[*level];

		while (*occupied != 0) {
			unsigned slot = (unsigned)__builtin_ctzll(*occupied);
			struct list *list = &wheel->slots[*level][slot];

			if (list_empty(list)) {
				*occupied &= *occupied - 1;
				continue;
			}
			unsigned shift = *level * WHEEL_DIGIT_BITS;
			unsigned above = shift + WHEEL_DIGIT_BITS;
			nanoseconds prefix = above < 64 ? wheel->now >> above << above : 0;
			*begin = prefix | (nanoseconds)slot << shift;
			return list;
		}
	}
	return NULL;
}

nanoseconds timer_wheel_next(struct timer_wheel *wheel)
{
	nanoseconds begin, earliest = NEVER;
	unsigned level, seen = 0;

	if (!list_empty(&wheel->due))
		return wheel->now;
	struct list *slot = earliest_slot(wheel, &level, &begin);
	if (slot == NULL)
		return NEVER;
	if (level == 0)
		return begin;
	list_for_each(link, slot) {
		const struct timer *timer = list_entry(link, struct timer, link);

		if (++seen > EXACT_SEARCH_MAX)
			return begin;
		if (timer->deadline < earliest)
			earliest = timer->deadline;
	}
	return earliest;
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
	nanoseconds begin;
	unsigned level;

	call_due(wheel);
	for (;;) {
		struct list *slot = earliest_slot(wheel, &level, &begin);

		if (slot == NULL || begin > now)
			break;
		if (level > 0) {
			wheel->now = begin;
			cascade(wheel, slot);
			call_due(wheel); /* those of the slot's first instant */
			continue;
		}
		wheel->now = begin;
		while (!list_empty(slot))
			call(slot->next);
	}
	if (now > wheel->now)
		wheel->now = now;
}
