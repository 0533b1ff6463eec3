// SPDX-License-Identifier: ISC
/* Dates of the Gregorian calendar, from 1980 to 2107: a leap year is one that 4 divides, but 2100. */
#include "storage/fat/time.h"

#include <stdbool.h>

#include "storage/kv/little_endian.h"

enum {
	SECONDS_PER_DAY = 86400,
	DAYS_TO_1980 = 3652, /* from 1970 */
	YEARS = 128,
};

static bool is_leap(uint32_t year)
{
	return year % 4 == 0 && year != 120; /* from 1980 */
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month] + (month == 1 && is_leap(year) ? 1u : 0u);
}

nanoseconds fat_time_read(const uint8_t bytes[4])
{
	uint32_t time = get_le16(bytes), date = get_le16(bytes + 2);
	uint32_t year = date >> 9, month = (date >> 5 & 15) - 1, day = (date & 31) - 1;
	uint64_t days = DAYS_TO_1980;

	if (month > 11 || day > 30)
		return 0;
	for (uint32_t y = 0; y < year; y++)
		days += is_leap(y) ? 366 : 365;
	for (uint32_t m = 0; m < month; m++)
		days += days_of_month(year, m);
	days += day;
	uint64_t seconds = days * SECONDS_PER_DAY + (uint64_t)(time >> 11) * 3600 +
	                   (uint64_t)(time >> 5 & 63) * 60 + (uint64_t)(time & 31) * 2;

	return duration_of_sec(seconds);
}

void fat_time_write(uint8_t bytes[4], nanoseconds time)
{
	uint64_t seconds = time / duration_of_sec(1), days = seconds / SECONDS_PER_DAY;
	uint32_t year = 0, month = 0, rest = (uint32_t)(seconds % SECONDS_PER_DAY);

	if (days < DAYS_TO_1980) {
		days = DAYS_TO_1980;
		rest = 0;
	}
	days -= DAYS_TO_1980;
	while (year < YEARS && days >= (is_leap(year) ? 366u : 365u))
		days -= is_leap(year++) ? 366 : 365;
	if (year == YEARS) {
		year = YEARS - 1;
		days = 364;
		rest = SECONDS_PER_DAY - 1;
	}
	while (days >= days_of_month(year, month))
		days -= days_of_month(year, month++);
	put_le16(bytes, rest / 3600 << 11 | rest / 60 % 60 << 5 | rest % 60 / 2);
	put_le16(bytes + 2, year << 9 | (month + 1) << 5 | ((uint32_t)days + 1));
}
