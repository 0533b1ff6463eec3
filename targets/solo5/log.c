// SPDX-License-Identifier: ISC
/* The target's own log. */
#include "targets/solo5/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "targets/bare/report.h"
#include "targets/solo5/host.h"

enum {
	LINE_MAX = 319, /* bytes, as Solo5 has it */
};

static const char LINE_PREFIX[] = "Solo5: ";
static const char LINE_CUT[] = "(truncated)\n";

static enum solo5_log_level shown = SOLO5_LOG_INFO;

static void write_line(const char *format, va_list arguments)
{
	char line[LINE_MAX + sizeof(LINE_CUT)];
	size_t prefix = sizeof(LINE_PREFIX) - 1;

	memcpy(line, LINE_PREFIX, prefix);
	int length = vsnprintf(line + prefix, LINE_MAX - prefix, format, arguments);

	if (length < 0)
		return;
	size_t end = prefix + (size_t)length;

	if (end < LINE_MAX) {
		line[end++] = '\n';
	} else {
		memcpy(line + LINE_MAX - 1, LINE_CUT, sizeof(LINE_CUT) - 1);
		end = LINE_MAX - 1 + sizeof(LINE_CUT) - 1;
	}
	host_console_write(line, end);
}

void solo5_log(enum solo5_log_level level, const char *format, ...)
{
	va_list arguments;

	if (!solo5_log_shows(level))
		return;
	va_start(arguments, format);
	write_line(format, arguments);
	va_end(arguments);
}

void report(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(format, arguments);
	va_end(arguments);
}

int solo5_log_shows(enum solo5_log_level level)
{
	return level <= shown;
}

char *solo5_log_configure(char *command_line)
{
	static const struct {
		char word[15];
		uint8_t level;
	} options[] = {
		{ "--solo5:quiet", SOLO5_LOG_ERROR }, { "--solo5:error", SOLO5_LOG_ERROR },
		{ "--solo5:warn", SOLO5_LOG_WARN },   { "--solo5:info", SOLO5_LOG_INFO },
		{ "--solo5:debug", SOLO5_LOG_DEBUG },
	};
	size_t i = 0;

	while (i < sizeof(options) / sizeof(options[0])) {
		size_t length = strlen(options[i].word);

		if (strncmp(command_line, options[i].word, length) == 0 &&
		    (command_line[length] == '\0' || command_line[length] == ' ')) {
			shown = options[i].level;
			command_line += length;
			command_line += strspn(command_line, " ");
			i = 0;
		} else {
			i++;
		}
	}
	return command_line;
}
