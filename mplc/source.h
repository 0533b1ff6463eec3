/* SPDX-License-Identifier: ISC */
/*
 * Source text, places in it, and what is said about them:
 *
 *     ipv4.mpl:7:22: error: const(70) does not fit in bit[4], whose largest value is 15
 *          7 |   version: bit[4] const(70);
 *            |                         ^~
 *     hint: ...
 */
#ifndef MPLC_SOURCE_H
#define MPLC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <mirage/attributes.h>

struct source {
	const char *path; /* as given */
	const char *text; /* NUL-terminated, without other NULs */
	size_t length;
	const size_t *lines; /* where each line begins */
	size_t line_count;
};

/* Some characters of a source. `source` NULL: nowhere in particular. */
struct place {
	const struct source *source;
	size_t offset;
	size_t length;
};

struct report {
	FILE *out;
	bool colour;
	size_t error_count;
	size_t error_max; /* no more are printed; 0: all */
	size_t warning_count;
	/* Said before: copies of a statement in several arms would repeat it. */
	struct report_said {
		const char *format;
		struct place place;
	} said[64];
	size_t said_count;
	bool quiet; /* the last one was: so are its hints and notes */
};

size_t place_line(struct place place);
size_t place_column(struct place place);

/* From the beginning of one place to the end of another in the same source. */
struct place place_join(struct place first, struct place last);

void report_error(struct report *report, struct place place, const char *format, ...)
	printf_like(3, 4);
void report_warning(struct report *report, struct place place, const char *format, ...)
	printf_like(3, 4);

/* Advice that belongs to the last error or warning; printed below it. */
void report_hint(struct report *report, const char *format, ...) printf_like(2, 3);

/* Another place that belongs to the last error. */
void report_note(struct report *report, struct place place, const char *format, ...)
	printf_like(3, 4);

#endif
