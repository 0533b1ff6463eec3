/* SPDX-License-Identifier: ISC */
/*
 * Mock clocks: `time`, `wall_clock` and `monotonic_clock` devices that read one clock which a test
 * sets. Sleeping on mock_time blocks until somebody moves the clock past the deadline.
 *
 *     static struct mock_clock_state state;
 *     static const struct mock_clock mock = { .state = &state };
 *     static const struct time time = { .ops = &mock_time_ops, .self = &mock };
 */
#ifndef MIRAGE_MOCK_CLOCK_H
#define MIRAGE_MOCK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/duration.h>
#include <mirage/list.h>
#include <mirage/monotonic_clock.h>
#include <mirage/time.h>
#include <mirage/wall_clock.h>

struct mock_clock_state {
	nanoseconds now;
	int32_t utc_offset_s;
	bool utc_offset_known;
	struct list sleepers; /* private */
};

struct mock_clock {
	struct mock_clock_state *state;
};

extern const struct time_ops mock_time_ops;
extern const struct wall_clock_ops mock_wall_clock_ops;
extern const struct monotonic_clock_ops mock_monotonic_clock_ops;

/* Set the clock to 0 with no time zone. Called for generated instances before the jobs start. */
int mock_clock_connect(const struct mock_clock *mock);

/* Move the clock to `now` (backwards too) and wake the sleepers whose deadline has come,
   earliest deadline first. */
void mock_clock_set(const struct mock_clock *mock, nanoseconds now);

/* Move the clock forward by `duration`. */
void mock_clock_advance(const struct mock_clock *mock, nanoseconds duration);

#endif
