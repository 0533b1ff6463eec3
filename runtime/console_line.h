/* SPDX-License-Identifier: ISC */
/*
 * Formatted lines on a target's console. Private to the runtime.
 *
 * Each call is one console_write(), so that lines of several writers do not mix. A line that does
 * not fit the buffer on the stack is formatted on the heap; without heap it is cut and ends in an
 * ellipsis.
 */
#ifndef RUNTIME_CONSOLE_LINE_H
#define RUNTIME_CONSOLE_LINE_H

#include <stdarg.h>
#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/target.h>

enum {
	CONSOLE_LINE_PREFIX_MAX = 128,
};

/* Write a formatted line; the newline is added. */
void console_line(const struct target *target, const char *format, ...) printf_like(2, 3);

/* The same with `prefix_length` (at most CONSOLE_LINE_PREFIX_MAX) bytes before it. */
void console_line_arguments(const struct target *target, const char *prefix, size_t prefix_length,
                            const char *format, va_list arguments) printf_like(4, 0);

#endif
