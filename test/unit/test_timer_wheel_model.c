/* SPDX-License-Identifier: ISC */
/*
 * The timing wheel against a model that is a sorted array, and timers of a runtime.
 */
#include <stdlib.h>

#include "runtime/timer_wheel.h"
#include "test/unit/on_virtual.h"

enum {
	TIMERS = 300,
	STEPS = 3000,
	RUNS = 300,
};

struct tracked {
	struct timer timer;
	struct model *model;
	uint64_t started; /* the order of starting; 0 while not pending */
};

struct model {
	struct timer_wheel wheel;
	struct tracked timers[TIMERS];
	uint64_t starts;
	uint64_t random;
	nanoseconds now;           /* what timer_wheel_advance() was last given */
	nanoseconds last_deadline; /* of what expired last in this call */
	uint64_t last_started;
	size_t expired;
};

static uint64_t draw(struct model *model)
{
	model->random ^= model->random << 13;
	model->random ^= model->random >> 7;
	model->random ^= model->random << 17;
	return model->random;
}

/* Of every magnitude, and often the same. */
static nanoseconds draw_distance(struct model *model)
{
	uint64_t magnitude = draw(model) % 46;

	return draw(model) % 4 == 0 ? draw(model) % 8
	                            : draw(model) & ((UINT64_C(1) << magnitude) - 1);
}

static void expired(struct timer *timer)
{
	struct tracked *tracked = list_entry(timer, struct tracked, timer);
	struct model *model = tracked->model;

	assert_true(tracked->started != 0);
	assert_false(timer_pending(timer));
	assert_true(timer->deadline <= model->now);
	assert_true(timer->deadline > model->last_deadline ||
	            (timer->deadline == model->last_deadline &&
	             tracked->started > model->last_started));
	model->last_deadline = timer->deadline;
	model->last_started = tracked->started;
	tracked->started = 0;
	model->expired++;
}

static void model_init(struct model *model, uint64_t seed, nanoseconds now)
{
	*model = (struct model){ .random = seed * UINT64_C(0x9e3779b97f4a7c15), .now = now };
	timer_wheel_init(&model->wheel, now);
	for (size_t i = 0; i < TIMERS; i++) {
		timer_init(&model->timers[i].timer, expired);
		model->timers[i].model = model;
	}
}

static void model_start(struct model *model, struct tracked *tracked, nanoseconds deadline)
{
	tracked->timer.deadline = deadline;
	tracked->started = ++model->starts;
	timer_wheel_insert(&model->wheel, &tracked->timer);
}

static nanoseconds model_earliest(const struct model *model)
{
	nanoseconds earliest = NEVER;

	for (size_t i = 0; i < TIMERS; i++)
		if (model->timers[i].started != 0 && model->timers[i].timer.deadline < earliest)
			earliest = model->timers[i].timer.deadline;
	return earliest;
}

static void model_advance(struct model *model, nanoseconds now)
{
	model->now = now;
	model->last_deadline = 0;
	model->last_started = 0;
	timer_wheel_advance(&model->wheel, now);
	assert_true(model_earliest(model) > now); /* nothing is late */
}

static void model_step(struct model *model)
{
	struct tracked *tracked = &model->timers[draw(model) % TIMERS];

	switch (draw(model) % 8) {
	case 0:
		model_advance(model, model->now + draw_distance(model));
		break;
	case 1: /* as the run loop: sleep until the next may be due */
		if (model_earliest(model) == NEVER) {
			assert_true(timer_wheel_next(&model->wheel) == NEVER);
			break;
		}
		assert_true(timer_wheel_next(&model->wheel) <= model_earliest(model));
		assert_true(timer_wheel_next(&model->wheel) > model->now);
		model_advance(model, timer_wheel_next(&model->wheel));
		break;
	case 2:
		list_remove(&tracked->timer.link);
		tracked->started = 0;
		break;
	case 3: /* ahead of time, often not all of it */
		timer_wheel_prepare(&model->wheel, (unsigned)(draw(model) % 4));
		break;
	case 4: { /* joins another, wherever that may be by now */
		const struct tracked *other = &model->timers[draw(model) % TIMERS];

		if (tracked->started == 0 && other->started != 0)
			model_start(model, tracked, other->timer.deadline);
		break;
	}
	default:
		if (tracked->started == 0)
			model_start(model, tracked, model->now + 1 + draw_distance(model));
		break;
	}
}

static void the_wheel_agrees_with_the_model(void **state)
{
	struct model *model = malloc(sizeof(*model));
	size_t count = 0;

	(void)state;
	assert_non_null(model);
	for (uint64_t run = 1; run <= RUNS; run++) {
		nanoseconds start = run % 3 == 0   ? 0
		                    : run % 3 == 1 ? UINT64_C(1700000000123456789)
		                                   : (UINT64_C(1) << 42) - 100;

		model_init(model, run, start);
		for (int step = 0; step < STEPS; step++)
			model_step(model);
		model_advance(model, model->now + (UINT64_C(1) << 46));
		assert_true(model_earliest(model) == NEVER);
		count += model->expired;
	}
	assert_true(count > RUNS * TIMERS);
	free(model);
}

static void few_timers_give_the_exact_deadline(void **state)
{
	struct model *model = malloc(sizeof(*model));
	nanoseconds far = UINT64_C(987654321012345678);

	(void)state;
	assert_non_null(model);
	model_init(model, 1, 5);
	for (size_t i = 0; i < 16; i++)
		model_start(model, &model->timers[i], far + i);
	assert_true(timer_wheel_next(&model->wheel) == far);
	model_start(model, &model->timers[16], far);
	assert_true(timer_wheel_next(&model->wheel) < far); /* many: the slot's beginning */
	while (model->expired == 0)
		model_advance(model, timer_wheel_next(&model->wheel));
	assert_true(model->now == far);
	assert_int_equal(model->expired, 2);
	free(model);
}

/* A slot of thousands is moved some at a time, and the order of starting stays. */
static void what_is_cascaded_ahead_keeps_its_order(void **state)
{
	enum {
		PART = 7
	};
	struct model *model = malloc(sizeof(*model));
	nanoseconds second = UINT64_C(1) << 30, deadline = 5 * second + 12345;
	unsigned parts = 0;

	(void)state;
	assert_non_null(model);
	model_init(model, 1, 3 * second);
	for (size_t i = 0; i < 200; i++)
		model_start(model, &model->timers[i], deadline + i % 3);
	assert_false(timer_wheel_prepare(&model->wheel, PART)); /* not in the next slot yet */
	model_advance(model, 4 * second);
	while (timer_wheel_prepare(&model->wheel, PART)) {
		assert_true(timer_wheel_next(&model->wheel) <= deadline);
		if (++parts == 3) /* these join the ones that are still above, or below */
			for (size_t i = 200; i < 250; i++)
				model_start(model, &model->timers[i], deadline + i % 3);
	}
	assert_in_range(parts, 250 / PART, 250 / PART + 1);
	for (size_t i = 250; i < TIMERS; i++)
		model_start(model, &model->timers[i], deadline + i % 3);
	assert_int_equal(model->expired, 0);
	model_advance(model, deadline + 2); /* checks the order */
	assert_int_equal(model->expired, TIMERS);
	free(model);
}

static void the_end_of_time_is_a_deadline_too(void **state)
{
	struct model *model = malloc(sizeof(*model));

	(void)state;
	assert_non_null(model);
	model_init(model, 1, 0);
	model_start(model, &model->timers[0], NEVER - 1);
	assert_true(timer_wheel_next(&model->wheel) == NEVER - 1);
	model_advance(model, NEVER - 2);
	assert_int_equal(model->expired, 0);
	model_advance(model, NEVER - 1);
	assert_int_equal(model->expired, 1);
	free(model);
}

/* Timers of a runtime. */
struct ticker {
	struct timer timer;
	struct timer *victim;
	nanoseconds period;
	int left;
};

static void tick(struct timer *timer)
{
	struct ticker *ticker = list_entry(timer, struct ticker, timer);

	if (ticker->victim != NULL)
		timer_stop(ticker->victim);
	if (--ticker->left > 0)
		timer_start(timer, deadline_after(runtime_now(), ticker->period));
}

static int timers_main(void *argument)
{
	struct ticker ticker = { .period = 10, .left = 5 }, stopped = { .left = 1 },
		      past = { .left = 3, .period = 0 };

	(void)argument;
	timer_init(&ticker.timer, tick);
	timer_init(&stopped.timer, tick);
	timer_init(&past.timer, tick);
	timer_start(&ticker.timer, 100);
	timer_start(&ticker.timer, 10); /* moves */
	timer_start(&stopped.timer, 50);
	timer_start(&past.timer, 0); /* restarts itself in the past */
	ticker.victim = &stopped.timer;
	assert_int_equal(fiber_sleep(9), 0);
	assert_int_equal(ticker.left, 5);
	assert_int_equal(past.left, 0);
	assert_true(timer_pending(&ticker.timer));
	assert_int_equal(fiber_sleep(1000), 0);
	assert_int_equal(ticker.left, 0);
	assert_int_equal(stopped.left, 1);
	timer_start(&ticker.timer, 2000);
	timer_start(&ticker.timer, NEVER);
	assert_false(timer_pending(&ticker.timer));
	return 0;
}

static void timers_restart_move_and_stop_each_other(void **state)
{
	(void)state;
	on_virtual(timers_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wheel_agrees_with_the_model),
		cmocka_unit_test(few_timers_give_the_exact_deadline),
		cmocka_unit_test(what_is_cascaded_ahead_keeps_its_order),
		cmocka_unit_test(the_end_of_time_is_a_deadline_too),
		cmocka_unit_test(timers_restart_move_and_stop_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
