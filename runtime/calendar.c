/* SPDX-License-Identifier: ISC */
/*
 * The civil calendar.
 *
 * Years are counted from 1 March, so that the leap day is a year's last day and the lengths of
 * the months before it follow one formula: months of 31,30,31,30,31 days come in groups of 153.
 * The Gregorian calendar repeats every 400 years, an "era" of 146097 days.
 */
#include "runtime/calendar.h"

enum {
	SECONDS_PER_DAY = 86400,
	DAYS_PER_YEAR = 365,
	DAYS_PER_4_YEARS = 1461,
	DAYS_PER_100_YEARS = 36524,
	DAYS_PER_ERA = 146097,
	YEARS_PER_ERA = 400,
	DAYS_PER_5_MONTHS = 153,
	DAYS_0000_03_01_TO_1970 = 719468,
};

/* Divide rounding down, also below zero; *remainder is 0..divisor-1. */
static int64_t divide_down(int64_t dividend, int64_t divisor, int64_t *remainder)
{
	int64_t quotient = dividend / divisor;

	*remainder = dividend % divisor;
	if (*remainder < 0) {
		*remainder += divisor;
		quotient--;
	}
	return quotient;
}

static void date_of_days(int64_t days_since_1970, struct calendar_time *time)
{
	int64_t day_of_era;
	int64_t era =
		divide_down(days_since_1970 + DAYS_0000_03_01_TO_1970, DAYS_PER_ERA, &day_of_era);

	/* Take out the leap days that lie before; what is left has years of 365 days. */
	int64_t leap_days = day_of_era / (DAYS_PER_4_YEARS - 1) - day_of_era / DAYS_PER_100_YEARS +
	                    day_of_era / (DAYS_PER_ERA - 1);
	int64_t year_of_era = (day_of_era - leap_days) / DAYS_PER_YEAR;
	int64_t day_of_year =
		day_of_era - (year_of_era * DAYS_PER_YEAR + year_of_era / 4 - year_of_era / 100);
	int64_t months_since_march = (5 * day_of_year + 2) / DAYS_PER_5_MONTHS;

	time->day = (int)(day_of_year - (DAYS_PER_5_MONTHS * months_since_march + 2) / 5) + 1;
	time->month =
		(int)(months_since_march < 10 ? months_since_march + 3 : months_since_march - 9);
	time->year = era * YEARS_PER_ERA + year_of_era + (time->month <= 2 ? 1 : 0);
}

struct calendar_time calendar_of_seconds(int64_t seconds)
{
	struct calendar_time time;
	int64_t second_of_day;
	int64_t days = divide_down(seconds, SECONDS_PER_DAY, &second_of_day);

	date_of_days(days, &time);
	time.hour = (int)(second_of_day / 3600);
	time.minute = (int)(second_of_day / 60 % 60);
	time.second = (int)(second_of_day % 60);
	return time;
}

/* Write `number` in `digits` decimal digits and then `separator`; returns what follows. */
static char *put_number(char *text, int64_t number, int digits, char separator)
{
	for (int i = digits - 1; i >= 0; i--) {
		text[i] = (char)('0' + number % 10);
		number /= 10;
	}
	text[digits] = separator;
	return text + digits + 1;
}

void calendar_format(char text[CALENDAR_TEXT_LENGTH], int64_t seconds,
                     struct calendar_offset offset)
{
	int64_t offset_minutes = offset.known ? offset.seconds / 60 : 0;
	struct calendar_time time = calendar_of_seconds(seconds + offset_minutes * 60);
	char *end = text;

	end = put_number(end, time.year, 4, '-');
	end = put_number(end, time.month, 2, '-');
	end = put_number(end, time.day, 2, ' ');
	end = put_number(end, time.hour, 2, ':');
	end = put_number(end, time.minute, 2, ':');
	end = put_number(end, time.second, 2, ' ');
	*end++ = offset_minutes < 0 || !offset.known ? '-' : '+';
	if (offset_minutes < 0)
		offset_minutes = -offset_minutes;
	end = put_number(end, offset_minutes / 60, 2, ':');
	*end++ = (char)('0' + offset_minutes % 60 / 10);
	*end = (char)('0' + offset_minutes % 10);
}
