/* SPDX-License-Identifier: ISC */
#include "tenders/report/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mirage/attributes.h>

/* Format into the rest of `text` from `used` on. */
static void append(char text[static REASON_SIZE], size_t used, const char *format, va_list values)
{
	if (vsnprintf(text + used, REASON_SIZE - used, format, values) < 0)
		text[used] = '\0';
	for (char *at = text + used; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	}
}

int reason_set(struct reason *reason, int error, const char *format, ...)
{
	va_list values;

	reason->usage = false;
	va_start(values, format);
	append(reason->text, 0, format, values);
	va_end(values);
	return error;
}

int reason_add(struct reason *reason, int error, const char *format, ...)
{
	size_t used = strlen(reason->text);
	va_list values;

	if (used > 0 && used < REASON_SIZE - 1) {
		reason->text[used++] = '\n';
		reason->text[used] = '\0';
	}
	va_start(values, format);
	append(reason->text, used, format, values);
	va_end(values);
	return error;
}

void reason_print(const struct reason *reason, const char *program)
{
	char output[2 * REASON_SIZE];
	size_t used = 0;

	for (const char *line = reason->text; *line != '\0' && used < sizeof(output);) {
		int length = (int)strcspn(line, "\n");
		int written = snprintf(output + used, sizeof(output) - used, "%s: %.*s\n", program,
		                       length, line);
		if (written < 0)
			break;
		used += (size_t)written;
		line += length;
		line += *line == '\n';
	}
	if (used > sizeof(output) - 1)
		used = sizeof(output) - 1;
	error_ignore(write(STDERR_FILENO, output, used) < 0, "there is nowhere else to say it");
}

void report_line(const char *program, const char *format, ...)
{
	struct reason reason = { .usage = false };
	va_list values;

	va_start(values, format);
	append(reason.text, 0, format, values);
	va_end(values);
	reason_print(&reason, program);
}

void report_version(const char *program, unsigned abi_version)
{
	char text[128];

	int length = snprintf(text, sizeof(text),
	                      "%s tender, version mirage-" MIRAGE_VERSION "\nABI version %u\n",
	                      program, abi_version);
	error_ignore(write(STDERR_FILENO, text, (size_t)length) < 0,
	             "there is nowhere else to say it");
}
