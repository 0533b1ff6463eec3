/* SPDX-License-Identifier: ISC */
/*
 * The civil calendar, against libc's and against itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "runtime/calendar.h"

static const struct calendar_offset unknown = { .known = false };

static struct calendar_offset east(int32_t seconds)
{
	return (struct calendar_offset){ .known = true, .seconds = seconds };
}

static void assert_text(int64_t seconds, struct calendar_offset offset, const char *expected)
{
	char text[CALENDAR_TEXT_LENGTH + 1];

	text[CALENDAR_TEXT_LENGTH] = '\0';
	calendar_format(text, seconds, offset);
	assert_string_equal(text, expected);
}

static void the_epoch_is_1970(void **state)
{
	(void)state;
	assert_text(0, east(0), "1970-01-01 00:00:00 +00:00");
	assert_text(86399, east(0), "1970-01-01 23:59:59 +00:00");
	assert_text(86400, east(0), "1970-01-02 00:00:00 +00:00");
	assert_text(-1, east(0), "1969-12-31 23:59:59 +00:00");
}

static void offsets_move_the_time_and_are_shown(void **state)
{
	(void)state;
	assert_text(1486551284, east(-3600), "2017-02-08 09:54:44 -01:00");
	assert_text(1486551284, east(0), "2017-02-08 10:54:44 +00:00");
	assert_text(1486551284, east(5 * 3600 + 45 * 60), "2017-02-08 16:39:44 +05:45");
	assert_text(1486551284, east(-(3 * 3600 + 30 * 60)), "2017-02-08 07:24:44 -03:30");
	assert_text(0, east(-60), "1969-12-31 23:59:00 -00:01");
	assert_text(1483228799, east(3600), "2017-01-01 00:59:59 +01:00");
}

static void an_unknown_zone_is_utc_and_says_so(void **state)
{
	struct calendar_offset junk = { .known = false, .seconds = 7200 };

	(void)state;
	assert_text(1486551284, unknown, "2017-02-08 10:54:44 -00:00");
	assert_text(1486551284, junk, "2017-02-08 10:54:44 -00:00");
}

static void offsets_count_in_whole_minutes(void **state)
{
	(void)state;
	assert_text(0, east(1172), "1970-01-01 00:19:00 +00:19"); /* Amsterdam before 1937 */
	assert_text(0, east(-1521), "1969-12-31 23:35:00 -00:25");
	assert_text(0, east(-30), "1970-01-01 00:00:00 +00:00");
}

static void leap_days_come_every_4_years_but_not_100_but_400(void **state)
{
	(void)state;
	assert_text(951782400, east(0), "2000-02-29 00:00:00 +00:00");
	assert_text(951868800, east(0), "2000-03-01 00:00:00 +00:00");
	assert_text(1709251199, east(0), "2024-02-29 23:59:59 +00:00");
	assert_text(4107542399, east(0), "2100-02-28 23:59:59 +00:00");
	assert_text(4107542400, east(0), "2100-03-01 00:00:00 +00:00");
	assert_text(253402300799, east(0), "9999-12-31 23:59:59 +00:00");
}

/* Noon and the seconds around midnight of every day to the end of 9999, by counting days. */
static void every_day_to_9999_follows_the_day_before(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t days = 0;

	(void)state;
	for (int year = 1970; year <= 9999; year++) {
		int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		for (int month = 1; month <= 12; month++) {
			int length = lengths[month - 1] + (month == 2 ? leap : 0);

			for (int day = 1; day <= length; day++, days++) {
				struct calendar_time noon =
					calendar_of_seconds(days * 86400 + 43200);
				struct calendar_time last =
					calendar_of_seconds(days * 86400 + 86399);

				assert_true(noon.year == year && noon.month == month &&
				            noon.day == day && noon.hour == 12 &&
				            noon.minute == 0 && noon.second == 0);
				assert_true(last.year == year && last.month == month &&
				            last.day == day && last.hour == 23 &&
				            last.minute == 59 && last.second == 59);
			}
		}
	}
}

static void it_agrees_with_libc_before_1970_too(void **state)
{
	(void)state;
	for (int64_t seconds = -62000000000; seconds < 253402300800; seconds += 86399 * 97 + 1) {
		time_t time = (time_t)seconds;
		struct tm expected;
		struct calendar_time actual = calendar_of_seconds(seconds);

		assert_non_null(gmtime_r(&time, &expected));
		assert_int_equal(actual.year, expected.tm_year + 1900);
		assert_int_equal(actual.month, expected.tm_mon + 1);
		assert_int_equal(actual.day, expected.tm_mday);
		assert_int_equal(actual.hour, expected.tm_hour);
		assert_int_equal(actual.minute, expected.tm_min);
		assert_int_equal(actual.second, expected.tm_sec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_epoch_is_1970),
		cmocka_unit_test(offsets_move_the_time_and_are_shown),
		cmocka_unit_test(an_unknown_zone_is_utc_and_says_so),
		cmocka_unit_test(offsets_count_in_whole_minutes),
		cmocka_unit_test(leap_days_come_every_4_years_but_not_100_but_400),
		cmocka_unit_test(every_day_to_9999_follows_the_day_before),
		cmocka_unit_test(it_agrees_with_libc_before_1970_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
