/* SPDX-License-Identifier: ISC */
/*
 * The civil calendar: seconds since 1970 to a date and a time of day, and their text.
 *
 * Private to the runtime. Proleptic Gregorian, leap seconds not counted; no locale, no tables of
 * time zones, no libc state.
 */
#ifndef RUNTIME_CALENDAR_H
#define RUNTIME_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct calendar_time {
	int64_t year;
	int month;  /* 1..12 */
	int day;    /* 1..31 */
	int hour;   /* 0..23 */
	int minute; /* 0..59 */
	int second; /* 0..59 */
};

/* The date and time `seconds` after (or before) 1970-01-01 00:00:00. */
struct calendar_time calendar_of_seconds(int64_t seconds);

/* A time zone's distance from UTC, or that it is not known. */
struct calendar_offset {
	bool known;
	int32_t seconds; /* east positive */
};

enum {
	CALENDAR_TEXT_LENGTH = 26, /* 2017-02-08 09:54:44 -01:00 */
};

/*
 * Write the local time at `seconds` UTC as "YYYY-MM-DD HH:MM:SS +HH:MM", CALENDAR_TEXT_LENGTH
 * bytes without a NUL. Without a known offset it is UTC with "-00:00" (RFC 3339 section 4.3).
 * The offset is shown and applied in whole minutes, so that the two always agree. Defined for
 * local years 0 to 9999.
 */
void calendar_format(char text[CALENDAR_TEXT_LENGTH], int64_t seconds,
                     struct calendar_offset offset);

#endif
