/* SPDX-License-Identifier: ISC */
/*
 * Formatted lines on a target's console.
 */
#include "runtime/console_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Large enough for nearly every line, small enough for a fiber of 4 KiB. */
	BUFFER_SIZE = 512,
};

static const char ELLIPSIS[] = "…";

_Static_assert(CONSOLE_LINE_PREFIX_MAX + sizeof(ELLIPSIS) < BUFFER_SIZE, "a cut line has text");

/* Write a line whose text is in `line`, which has room for the newline. */
static void line_write(const struct target *target, char *line, size_t length)
{
	line[length] = '\n';
	target->ops->console_write(target->state, line, length + 1);
}

/* Replace the end of a full buffer by an ellipsis, without cutting a UTF-8 sequence in two. */
static size_t line_cut(char line[BUFFER_SIZE], size_t prefix_length)
{
	size_t end = BUFFER_SIZE - sizeof(ELLIPSIS);

	while (end > prefix_length && ((unsigned char)line[end] & 0xc0) == 0x80)
		end--;
	memcpy(line + end, ELLIPSIS, sizeof(ELLIPSIS) - 1);
	return end + sizeof(ELLIPSIS) - 1;
}

static void line_write_long(const struct target *target, char buffer[BUFFER_SIZE],
                            size_t prefix_length, size_t length, const char *format,
                            va_list arguments) printf_like(5, 0);

static void line_write_long(const struct target *target, char buffer[BUFFER_SIZE],
                            size_t prefix_length, size_t length, const char *format,
                            va_list arguments)
{
	char *line = malloc(prefix_length + length + 1);

	if (line == NULL) {
		line_write(target, buffer, line_cut(buffer, prefix_length));
		return;
	}
	memcpy(line, buffer, prefix_length);
	error_ignore(vsnprintf(line + prefix_length, length + 1, format, arguments) < 0,
	             "the same conversion has just succeeded");
	line_write(target, line, prefix_length + length);
	free(line);
}

void console_line_arguments(const struct target *target, const char *prefix, size_t prefix_length,
                            const char *format, va_list arguments)
{
	char line[BUFFER_SIZE];
	size_t room = sizeof(line) - prefix_length;
	va_list again;

	if (prefix_length > 0)
		memcpy(line, prefix, prefix_length);
	va_copy(again, arguments);
	int length = vsnprintf(line + prefix_length, room, format, arguments);
	if (length < 0) /* the format asks for the impossible; show at least that it was asked */
		length = snprintf(line + prefix_length, room, "%.*s", BUFFER_SIZE / 2, format);
	if ((size_t)length < room)
		line_write(target, line, prefix_length + (size_t)length);
	else
		line_write_long(target, line, prefix_length, (size_t)length, format, again);
	va_end(again);
}

void console_line(const struct target *target, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	console_line_arguments(target, NULL, 0, format, arguments);
	va_end(arguments);
}
