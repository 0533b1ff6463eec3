/* SPDX-License-Identifier: ISC */
/*
 * Why something failed, in words for a person: a bounded text that whoever found out fills in and
 * the program prints before it ends.
 *
 * Model.       One or more lines. Functions that take a `struct reason *` return a negative errno
 *              value and set the reason whenever they fail, and leave it alone otherwise.
 * Hostile text. Bytes from images end up in reasons; control characters are replaced by '?', so
 *              that no image can write to the terminal, nor begin a line of its own.
 */
#ifndef TENDERS_REPORT_REASON_H
#define TENDERS_REPORT_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/attributes.h>

enum {
	REASON_SIZE = 8192, /* a line for each of 63 devices with the longest names */
};

struct reason {
	char text[REASON_SIZE]; /* lines, each with '\n' between them; cut at the end if too long */
	bool usage;             /* the command line was at fault: show the usage too */
};

/* No reason: for lines to be added. */
static inline void reason_clear(struct reason *reason)
{
	reason->text[0] = '\0';
	reason->usage = false;
}

/* Make the formatted line the whole reason. Returns `error`, for `return reason_set(…)`. */
int reason_set(struct reason *reason, int error, const char *format, ...) printf_like(3, 4);

/* Add the formatted line to what is there. Returns `error`. */
int reason_add(struct reason *reason, int error, const char *format, ...) printf_like(3, 4);

/* Print each line to standard error with `program` and ": " before it, in one write. */
void reason_print(const struct reason *reason, const char *program);

/* Print one formatted line to standard error, with `program` and ": " before it. */
void report_line(const char *program, const char *format, ...) printf_like(2, 3);

/* Print what `--version` prints: two lines on standard error. */
void report_version(const char *program, unsigned abi_version);

#endif
