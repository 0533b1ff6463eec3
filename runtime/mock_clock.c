/* SPDX-License-Identifier: ISC */
/*
 * Mock clocks. Sleepers stand in a list by deadline, each with a wait queue of its own; moving the
 * clock takes those out whose deadline has come. A sleeper taken out has slept enough, even if the
 * clock is set back before it runs.
 */
#include <mirage/mock_clock.h>

#include <errno.h>

#include <mirage/wait_queue.h>

struct sleeper {
	struct list link; /* empty once the sleeper is taken out */
	nanoseconds deadline;
	struct wait_queue queue;
};

int mock_clock_connect(const struct mock_clock *mock)
{
	mock->state->now = 0;
	mock->state->utc_offset_s = 0;
	mock->state->utc_offset_known = false;
	list_init(&mock->state->sleepers);
	return 0;
}

void mock_clock_set(const struct mock_clock *mock, nanoseconds now)
{
	struct list *sleepers = &mock->state->sleepers;

	mock->state->now = now;
	while (!list_empty(sleepers)) {
		struct sleeper *first = list_entry(sleepers->next, struct sleeper, link);

		if (first->deadline > now)
			return;
		list_remove(&first->link);
		wait_queue_wake_all(&first->queue);
	}
}

void mock_clock_advance(const struct mock_clock *mock, nanoseconds duration)
{
	mock_clock_set(mock, deadline_after(mock->state->now, duration));
}

static nanoseconds mock_clock_now(const void *self)
{
	const struct mock_clock *mock = self;

	return mock->state->now;
}

/* Insert behind the sleepers with the same deadline. */
static void sleeper_insert(struct list *sleepers, struct sleeper *sleeper)
{
	list_for_each(link, sleepers) {
		if (list_entry(link, struct sleeper, link)->deadline > sleeper->deadline) {
			list_insert_before(link, &sleeper->link);
			return;
		}
	}
	list_append(sleepers, &sleeper->link);
}

static int mock_time_sleep_until(const void *self, nanoseconds deadline)
{
	const struct mock_clock *mock = self;
	struct sleeper sleeper = { .deadline = deadline };

	if (deadline <= mock->state->now)
		return 0;
	wait_queue_init(&sleeper.queue);
	sleeper_insert(&mock->state->sleepers, &sleeper);
	while (!list_empty(&sleeper.link)) {
		int result = wait_queue_wait(&sleeper.queue, NEVER);

		if (result != 0) {
			list_remove(&sleeper.link);
			return result;
		}
	}
	return 0;
}

static int mock_wall_clock_utc_offset(const void *self, nanoseconds when, int32_t *offset_s)
{
	const struct mock_clock *mock = self;

	(void)when;
	if (!mock->state->utc_offset_known)
		return -ENOTSUP;
	*offset_s = mock->state->utc_offset_s;
	return 0;
}

const struct time_ops mock_time_ops = {
	.sleep_until = mock_time_sleep_until,
	.now = mock_clock_now,
};

const struct wall_clock_ops mock_wall_clock_ops = {
	.now = mock_clock_now,
	.utc_offset = mock_wall_clock_utc_offset,
};

const struct monotonic_clock_ops mock_monotonic_clock_ops = {
	.now = mock_clock_now,
};
