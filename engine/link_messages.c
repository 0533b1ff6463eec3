// SPDX-License-Identifier: ISC
/* Reading what GNU ld prints in the C locale. */
#include "engine/link_messages.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	const struct texts *sources;
	char function[128]; /* that the following messages are about; "" if not known */
	size_t errors;
};

/* Skip "/usr/bin/ld: ", which some lines begin with. */
static char *without_program(char *line)
{
	char *end = strstr(line, "ld: ");

	return end != NULL && strcspn(line, ": ") == (size_t)(end - line) + 2 ? end + 4 : line;
}

/* "…: in function `hello_start.isra.0':" */
static bool read_function(struct reader *reader, const char *line)
{
	const char *start = strstr(line, ": in function `");
	size_t length = start != NULL ? strcspn(start + 15, "'.") : 0;

	if (start == NULL)
		return false;
	snprintf(reader->function, sizeof(reader->function), "%.*s", (int)length, start + 15);
	return true;
}

/* The number in "FILE:12: …" or "FILE:12:(.text+0x5): …" before `message`; FILE is cut off there.
   0 if there is none. */
static int cut_line_number(char *line, const char *message)
{
	for (char *colon = strchr(line, ':'); colon != NULL && colon < message;
	     colon = strchr(colon + 1, ':')) {
		char *end;
		long number = strtol(colon + 1, &end, 10);

		if (!isdigit((unsigned char)colon[1]) || *end != ':' || number > 1 << 24)
			continue;
		*colon = '\0';
		return (int)number;
	}
	return 0;
}

/* The place of `name` at line `number` of a source, else wherever a source has it. */
static struct place find_place(const struct reader *reader, const char *file, int number,
                               const char *name)
{
	struct place first = { .file = NULL };

	for (size_t i = 0; i < reader->sources->count; i++) {
		const char *source = reader->sources->items[i];
		struct place at = place_of_name(
			(struct place){ .file = source, .line = number > 0 ? number : 1 }, name);

		if (at.column == 0)
			continue;
		size_t tail = strlen(file) >= strlen(source) ? strlen(file) - strlen(source) : 0;
		if (at.line == number || strcmp(file + tail, source) == 0)
			return at;
		if (first.file == NULL)
			first = at;
	}
	return first;
}

/* Where a call is of which only the line and the calling function are known. */
static struct place find_caller(const struct reader *reader, const char *file, int number)
{
	for (size_t i = 0; i < reader->sources->count && number > 0; i++) {
		const char *source = reader->sources->items[i];
		struct place start =
			place_of_name((struct place){ .file = source }, reader->function);

		if (strstr(file, source) != NULL || (start.column != 0 && start.line <= number))
			return (struct place){ .file = source, .line = number };
	}
	return (struct place){ .file = NULL };
}

static void report_undefined(struct reader *reader, char *line, char *message)
{
	int number = cut_line_number(line, message);
	char *name = strchr(message, '`') + 1;

	name[strcspn(name, "'")] = '\0';
	(void)diagnostic_error(
		find_place(reader, line, number, name),
		"define it, or list the source that does in .sources. Of the C library an image "
		"has "
		"what needs no kernel: no files, sockets, processes, signals or threads",
		"there is no '%s' in the sources or the libraries of the image", name);
	reader->errors++;
}

static void report_warning(struct reader *reader, char *line, const char *message)
{
	struct place place = find_caller(reader, line, cut_line_number(line, message));

	if (place.file != NULL)
		diagnostic_warning(place, "%s", message + 11);
	else
		diagnostic_warning(place, "%s(): %s", reader->function, message + 11);
}

static void report_line(struct reader *reader, char *line)
{
	char *undefined = strstr(line, ": undefined reference to `");
	char *warning = strstr(line, ": warning: ");

	if (read_function(reader, line) || strncmp(line, "collect2: ", 10) == 0 ||
	    strstr(line, ": more undefined references to `") != NULL)
		return;
	if (undefined != NULL)
		report_undefined(reader, line, undefined);
	else if (warning != NULL && reader->function[0] != '\0')
		report_warning(reader, line, warning);
	else if (line[0] != '\0')
		fprintf(stderr, "%s\n", line);
}

/* True if the message at the end of `line` (its name or its text) was seen before. */
static bool seen(const struct texts *lines, const char *line)
{
	const char *name = strstr(line, "undefined reference to `");

	for (size_t i = 0; i < lines->count; i++)
		if (name != NULL ? strstr(lines->items[i], name) != NULL
		                 : strcmp(lines->items[i], line) == 0)
			return true;
	return false;
}

size_t link_messages_report(char *text, const struct texts *sources)
{
	enum {
		LINES_MAX = 256
	};
	struct reader reader = { .sources = sources };
	const char *known[LINES_MAX];
	struct texts lines = { .items = known };
	char *copies = strdup(text);
	char *end_line = NULL, *end_copy = NULL;
	char *line = strtok_r(text, "\n", &end_line);
	char *copy = copies != NULL ? strtok_r(copies, "\n", &end_copy) : NULL;

	while (line != NULL && copy != NULL) {
		if (!seen(&lines, copy)) {
			if (lines.count < LINES_MAX)
				known[lines.count++] = copy;
			report_line(&reader, without_program(line));
		}
		line = strtok_r(NULL, "\n", &end_line);
		copy = strtok_r(NULL, "\n", &end_copy);
	}
	free(copies);
	return reader.errors;
}
