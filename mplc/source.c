// SPDX-License-Identifier: ISC
/* Places in source text, and errors with the line they are about. */
#include "mplc/source.h"

#include <stdarg.h>
#include <string.h>

size_t place_line(struct place place)
{
	size_t low = 0, high = place.source->line_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (place.source->lines[middle] <= place.offset)
			low = middle;
		else
			high = middle;
	}
	return low + 1;
}

static size_t line_start(struct place place)
{
	return place.source->lines[place_line(place) - 1];
}

size_t place_column(struct place place)
{
	return place.offset - line_start(place) + 1;
}

struct place place_join(struct place first, struct place last)
{
	if (first.source != last.source || last.offset + last.length < first.offset)
		return first;
	first.length = last.offset + last.length - first.offset;
	return first;
}

static const char *colour(const struct report *report, const char *code)
{
	return report->colour ? code : "";
}

/* A character of the source for a terminal: control characters would play tricks with it. */
static void print_character(FILE *out, char c)
{
	fputc((unsigned char)c < ' ' && c != '\t' ? '?' : c, out);
}

#define EXCERPT_MAX 160 /* bytes of a line that are shown */

static void print_excerpt(const struct report *report, struct place place)
{
	const char *text = place.source->text;
	size_t start = line_start(place), end = start;

	while (end < place.source->length && text[end] != '\n')
		end++;
	if (end > place.offset && text[end - 1] == '\r')
		end--;
	bool inner = place.offset - start > EXCERPT_MAX;
	if (inner)
		start = place.offset - EXCERPT_MAX / 2;
	size_t shown = end - start > EXCERPT_MAX ? start + EXCERPT_MAX : end;
	fprintf(report->out, "%6zu | %s", place_line(place), inner ? "..." : "");
	for (size_t i = start; i < shown; i++)
		print_character(report->out, text[i]);
	fprintf(report->out, "%s\n       | %s", shown < end ? "..." : "", inner ? "   " : "");
	for (size_t i = start; i < place.offset; i++)
		/* A byte within a UTF-8 character takes no column. */
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			fputc(text[i] == '\t' ? '\t' : ' ', report->out);
	fprintf(report->out, "%s^", colour(report, "\033[32m"));
	for (size_t i = place.offset + 1; i < place.offset + place.length && i < shown; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			fputc('~', report->out);
	fprintf(report->out, "%s\n", colour(report, "\033[0m"));
}

static void print(const struct report *report, const char *kind, const char *code,
                  struct place place, const char *format, va_list arguments) printf_like(5, 0);

static void print(const struct report *report, const char *kind, const char *code,
                  struct place place, const char *format, va_list arguments)
{
	if (report->out == NULL)
		return;
	fputs(colour(report, "\033[1m"), report->out);
	if (place.source != NULL)
		fprintf(report->out, "%s:%zu:%zu:", place.source->path, place_line(place),
		        place_column(place));
	else
		fputs("mplc:", report->out);
	fprintf(report->out, "%s %s%s:%s ", colour(report, "\033[0m"), colour(report, code), kind,
	        colour(report, "\033[0m"));
	vfprintf(report->out, format, arguments);
	fputc('\n', report->out);
	if (place.source != NULL)
		print_excerpt(report, place);
}

static bool too_many(const struct report *report)
{
	return report->quiet || (report->error_max != 0 && report->error_count > report->error_max);
}

static bool said_before(struct report *report, struct place place, const char *format)
{
	size_t room = sizeof(report->said) / sizeof(report->said[0]);

	for (size_t i = 0; i < report->said_count && i < room; i++)
		if (report->said[i].format == format &&
		    report->said[i].place.source == place.source &&
		    report->said[i].place.offset == place.offset)
			return true;
	report->said[report->said_count++ % room] = (struct report_said){ format, place };
	return false;
}

void report_error(struct report *report, struct place place, const char *format, ...)
{
	va_list arguments;

	report->quiet = said_before(report, place, format);
	if (report->quiet)
		return;
	report->error_count++;
	if (too_many(report))
		return;
	va_start(arguments, format);
	print(report, "error", "\033[31m", place, format, arguments);
	va_end(arguments);
}

void report_warning(struct report *report, struct place place, const char *format, ...)
{
	va_list arguments;

	report->quiet = said_before(report, place, format);
	if (report->quiet)
		return;
	report->warning_count++;
	va_start(arguments, format);
	print(report, "warning", "\033[35m", place, format, arguments);
	va_end(arguments);
}

void report_hint(struct report *report, const char *format, ...)
{
	va_list arguments;

	if (report->out == NULL || too_many(report))
		return;
	fprintf(report->out, "%shint:%s ", colour(report, "\033[36m"), colour(report, "\033[0m"));
	va_start(arguments, format);
	vfprintf(report->out, format, arguments);
	va_end(arguments);
	fputc('\n', report->out);
}

void report_note(struct report *report, struct place place, const char *format, ...)
{
	va_list arguments;

	if (too_many(report))
		return;
	va_start(arguments, format);
	print(report, "note", "\033[36m", place, format, arguments);
	va_end(arguments);
}
