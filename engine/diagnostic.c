// SPDX-License-Identifier: ISC
/* Diagnostics with the offending source line. */
#include "engine/diagnostic.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum verbosity current_verbosity = VERBOSITY_WARNING;
static bool in_colour;

void diagnostic_setup(enum verbosity verbosity, bool colour)
{
	current_verbosity = verbosity;
	in_colour = colour;
}

enum verbosity diagnostic_verbosity(void)
{
	return current_verbosity;
}

bool diagnostic_colour(void)
{
	return in_colour;
}

static const char *colour(const char *code)
{
	return in_colour ? code : "";
}

static void print_place(struct place place)
{
	if (place.file == NULL || place.file[0] == '\0') {
		fprintf(stderr, "%smirage%s: ", colour("\033[1m"), colour("\033[0m"));
		return;
	}
	fputs(colour("\033[1m"), stderr);
	fputs(place.file, stderr);
	if (place.line > 0)
		fprintf(stderr, ":%d", place.line);
	if (place.line > 0 && place.column > 0)
		fprintf(stderr, ":%d", place.column);
	fprintf(stderr, ":%s ", colour("\033[0m"));
}

/* The line itself with a mark under the column; tabs are kept so that the mark stays below. */
static void print_excerpt(struct place place)
{
	FILE *file = place.line > 0 && place.file != NULL ? fopen(place.file, "r") : NULL;
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		return;
	for (int number = 1; getline(&line, &size, file) >= 0; number++) {
		if (number != place.line)
			continue;
		line[strcspn(line, "\r\n")] = '\0';
		fprintf(stderr, "%6d | %s\n", number, line);
		if (place.column <= 0 || (size_t)place.column > strlen(line) + 1)
			break;
		fputs("       | ", stderr);
		for (int i = 0; i < place.column - 1; i++)
			fputc(line[i] == '\t' ? '\t' : ' ', stderr);
		fprintf(stderr, "%s^%s\n", colour("\033[32m"), colour("\033[0m"));
		break;
	}
	free(line);
	fclose(file);
}

static void report(const char *kind, const char *kind_colour, struct place place, const char *hint,
                   const char *format, va_list arguments) printf_like(5, 0);

static void report(const char *kind, const char *kind_colour, struct place place, const char *hint,
                   const char *format, va_list arguments)
{
	fflush(stdout);
	print_place(place);
	fprintf(stderr, "%s%s:%s ", colour(kind_colour), kind, colour("\033[0m"));
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	print_excerpt(place);
	if (hint != NULL && hint[0] != '\0')
		fprintf(stderr, "%shint:%s %s\n", colour("\033[36m"), colour("\033[0m"), hint);
}

int diagnostic_error(struct place place, const char *hint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report("error", "\033[31m", place, hint, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

int diagnostic_failure(const char *hint, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	report("error", "\033[31m", (struct place){ .file = NULL }, hint, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

void diagnostic_warning(struct place place, const char *format, ...)
{
	va_list arguments;

	if (current_verbosity < VERBOSITY_WARNING)
		return;
	va_start(arguments, format);
	report("warning", "\033[35m", place, NULL, format, arguments);
	va_end(arguments);
}

static void say(enum verbosity verbosity, const char *format, va_list arguments) printf_like(2, 0);

static void say(enum verbosity verbosity, const char *format, va_list arguments)
{
	if (current_verbosity < verbosity)
		return;
	fprintf(stderr, "%smirage:%s ", colour("\033[2m"), colour("\033[0m"));
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void diagnostic_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(VERBOSITY_INFO, format, arguments);
	va_end(arguments);
}

void diagnostic_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(VERBOSITY_DEBUG, format, arguments);
	va_end(arguments);
}

static bool is_identifier_character(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The column of `name` as a whole word in `line`, or 0. */
static int column_of_word(const char *line, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = strstr(line, name); at != NULL; at = strstr(at + 1, name)) {
		bool starts = at == line || !is_identifier_character(at[-1]);

		if (starts && !is_identifier_character(at[length]))
			return (int)(at - line) + 1;
	}
	return 0;
}

struct place place_of_name(struct place from, const char *name)
{
	FILE *file = from.file != NULL && name[0] != '\0' ? fopen(from.file, "r") : NULL;
	struct place found = from;
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		return from;
	for (int number = 1; getline(&line, &size, file) >= 0; number++) {
		int column = number >= from.line ? column_of_word(line, name) : 0;

		if (column == 0)
			continue;
		found.line = number;
		found.column = column;
		break;
	}
	free(line);
	fclose(file);
	return found;
}
