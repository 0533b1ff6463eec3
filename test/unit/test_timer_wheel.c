// SPDX-License-Identifier: ISC
/* The timing wheel against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/timer_wheel.h"

#define TIMERS 400

/* A timer that remembers when, and in which turn, it went off. */
struct probe {
	struct timer timer;
	nanoseconds deadline; /* 0: not pending */
	unsigned long started;
};

static struct timer_wheel wheel;
static struct probe *fired[100000];
static size_t fired_count;
static nanoseconds present;

static void note(struct timer *timer)
{
	struct probe *probe = list_entry(timer, struct probe, timer);

	assert_true(timer->deadline <= present);
	fired[fired_count++] = probe;
}

static void start(struct probe *probe, nanoseconds deadline)
{
	static unsigned long count;

	list_remove(&probe->timer.link);
	probe->timer.deadline = probe->deadline = deadline;
	probe->started = ++count;
	timer_wheel_insert(&wheel, &probe->timer);
}

static void prepare(struct probe *probes, size_t count, nanoseconds now)
{
	memset(probes, 0, count * sizeof(*probes));
	for (size_t i = 0; i < count; i++) {
		list_init(&probes[i].timer.link);
		probes[i].timer.expired = note;
	}
	timer_wheel_init(&wheel, now);
	fired_count = 0;
	present = now;
}

static void advance(nanoseconds now)
{
	present = now;
	fired_count = 0;
	timer_wheel_advance(&wheel, now);
}

static void a_timer_goes_off_at_its_deadline_and_not_before(void **state)
{
	static const nanoseconds spans[] = { 1,
		                             63,
		                             64,
		                             65,
		                             4095,
		                             4096,
		                             1000000,
		                             3600000000000,
		                             UINT64_C(1) << 40,
		                             UINT64_C(1) << 62 };
	struct probe probe;

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		prepare(&probe, 1, 12345);
		start(&probe, 12345 + spans[i]);
		assert_int_equal(timer_wheel_next(&wheel), 12345 + spans[i]);
		advance(12345 + spans[i] - 1);
		assert_int_equal(fired_count, 0);
		advance(12345 + spans[i]);
		assert_int_equal(fired_count, 1);
		assert_int_equal(timer_wheel_next(&wheel), NEVER);
	}
}

static void timers_of_one_deadline_go_off_in_order_of_start(void **state)
{
	struct probe probes[30];

	(void)state;
	prepare(probes, 30, 0);
	for (size_t i = 0; i < 10; i++)
		start(&probes[i], 1000000);
	advance(999000);
	for (size_t i = 10; i < 20; i++)
		start(&probes[i], 1000000);
	advance(999990);
	for (size_t i = 20; i < 30; i++)
		start(&probes[i], 1000000);
	advance(2000000);
	assert_int_equal(fired_count, 30);
	for (size_t i = 0; i < 30; i++)
		assert_ptr_equal(fired[i], &probes[i]);
}

static void a_deadline_that_has_passed_goes_off_at_the_next_look(void **state)
{
	struct probe probe;

	(void)state;
	prepare(&probe, 1, 1000);
	start(&probe, 10);
	assert_int_equal(timer_wheel_next(&wheel), 1000);
	advance(1000);
	assert_int_equal(fired_count, 1);
}

static void again(struct timer *timer)
{
	note(timer);
	timer->deadline = 1;
	timer_wheel_insert(&wheel, timer);
}

static void a_timer_that_restarts_itself_in_the_past_does_not_hold_the_wheel(void **state)
{
	struct probe probe;

	(void)state;
	prepare(&probe, 1, 0);
	probe.timer.expired = again;
	start(&probe, 50);
	advance(100);
	assert_int_equal(fired_count, 1);
	advance(100);
	assert_int_equal(fired_count, 1);
}

static struct probe *victim;

static void stop_victim(struct timer *timer)
{
	note(timer);
	list_remove(&victim->timer.link);
}

static void a_timer_may_stop_another_of_the_same_instant(void **state)
{
	struct probe probes[3];

	(void)state;
	prepare(probes, 3, 0);
	probes[0].timer.expired = stop_victim;
	victim = &probes[1];
	for (size_t i = 0; i < 3; i++)
		start(&probes[i], 500);
	advance(500);
	assert_int_equal(fired_count, 2);
	assert_ptr_equal(fired[1], &probes[2]);
}

static void with_many_timers_the_next_look_is_never_late(void **state)
{
	struct probe probes[200];

	(void)state;
	prepare(probes, 200, 0);
	for (size_t i = 0; i < 200; i++)
		start(&probes[i], 1000000 + i);
	nanoseconds next = timer_wheel_next(&wheel);
	assert_true(next > 0 && next <= 1000000);
}

static uint64_t random_state;

static uint64_t random_number(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static nanoseconds random_span(void)
{
	return random_number() >> (random_number() % 56 + 6);
}

/* The probe that must go off next by `now`: least deadline, then first started. */
static struct probe *expected_next(struct probe *probes, nanoseconds now)
{
	struct probe *best = NULL;

	for (size_t i = 0; i < TIMERS; i++) {
		struct probe *p = &probes[i];

		if (p->deadline == 0 || p->deadline > now)
			continue;
		if (best == NULL || p->deadline < best->deadline ||
		    (p->deadline == best->deadline && p->started < best->started))
			best = p;
	}
	return best;
}

static void check_fired(struct probe *probes, nanoseconds now)
{
	for (size_t i = 0; i < fired_count; i++) {
		assert_ptr_equal(fired[i], expected_next(probes, now));
		fired[i]->deadline = 0;
	}
	assert_null(expected_next(probes, now));
}

static void random_operations_agree_with_a_list(void **state)
{
	static struct probe probes[TIMERS];

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
		prepare(probes, TIMERS, random_span());
		for (int step = 0; step < 3000; step++) {
			struct probe *probe = &probes[random_number() % TIMERS];

			switch (random_number() % 4) {
			case 0:
			case 1:
				/* Deadlines repeat, so that order of start matters. */
				start(probe, present + 1 + (random_span() | 7));
				break;
			case 2:
				list_remove(&probe->timer.link);
				probe->deadline = 0;
				break;
			default:
				assert_true(timer_wheel_next(&wheel) > present);
				advance(random_number() % 8 == 0 &&
				                        timer_wheel_next(&wheel) != NEVER
				                ? timer_wheel_next(&wheel)
				                : present + random_span());
				check_fired(probes, present);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_goes_off_at_its_deadline_and_not_before),
		cmocka_unit_test(timers_of_one_deadline_go_off_in_order_of_start),
		cmocka_unit_test(a_deadline_that_has_passed_goes_off_at_the_next_look),
		cmocka_unit_test(a_timer_that_restarts_itself_in_the_past_does_not_hold_the_wheel),
		cmocka_unit_test(a_timer_may_stop_another_of_the_same_instant),
		cmocka_unit_test(with_many_timers_the_next_look_is_never_late),
		cmocka_unit_test(random_operations_agree_with_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
