/* SPDX-License-Identifier: ISC */
/*
 * Logs: writing lines and holding thresholds. Reading `--logs` is log_thresholds.c.
 */
#include <mirage/log.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/runtime.h>

#include "runtime/calendar.h"
#include "runtime/console_line.h"
#include "runtime/log_internal.h"

/* What log_write() puts before a message: "DATE TIME OFFSET: LEVEL [SOURCE] ". */
_Static_assert(CALENDAR_TEXT_LENGTH + sizeof(": ERR [] ") + LOG_SOURCE_NAME_MAX <=
                       CONSOLE_LINE_PREFIX_MAX,
               "a prefix fits");

LOG_SOURCE(log_application, "application");

/* The thresholds are the runtime's first member: log_enabled() in log.h relies on it too. */
static struct log_thresholds *thresholds_of(struct runtime *runtime)
{
	return (struct log_thresholds *)runtime;
}

int log_open(struct runtime *runtime)
{
	struct log_thresholds *thresholds = thresholds_of(runtime);

	thresholds->levels = malloc(log_source_count());
	if (thresholds->levels == NULL)
		return -ENOMEM;
	log_set_all(runtime, LOG_INFO);
	return 0;
}

void log_close(struct runtime *runtime)
{
	struct log_thresholds *thresholds = thresholds_of(runtime);

	free(thresholds->levels);
	thresholds->levels = NULL;
}

void log_set_all(struct runtime *runtime, enum log_level level)
{
	memset(thresholds_of(runtime)->levels, (int)level, log_source_count());
}

static const char *level_tag(enum log_level level)
{
	static const char *const tags[] = {
		[LOG_QUIET] = "   ", [LOG_ERROR] = "ERR", [LOG_WARNING] = "WRN",
		[LOG_INFO] = "INF",  [LOG_DEBUG] = "DBG",
	};

	return tags[level];
}

/* Now, in the target's local time. */
static void time_format(char text[CALENDAR_TEXT_LENGTH], const struct target *target)
{
	nanoseconds wall = target->ops->clock_wall(target->state);
	struct calendar_offset offset = { .known = false };

	if (target->ops->utc_offset != NULL)
		offset.known = target->ops->utc_offset(target->state, wall, &offset.seconds) == 0;
	calendar_format(text, (int64_t)(wall / 1000000000), offset);
}

static char *append(char *end, const char *text, size_t length)
{
	memcpy(end, text, length);
	return end + length;
}

static size_t prefix_format(char prefix[CONSOLE_LINE_PREFIX_MAX], const struct target *target,
                            const struct log_source *source, enum log_level level)
{
	char *end = prefix + CALENDAR_TEXT_LENGTH;

	time_format(prefix, target);
	end = append(end, ": ", 2);
	end = append(end, level_tag(level), 3);
	end = append(end, " [", 2);
	end = append(end, source->name, strnlen(source->name, LOG_SOURCE_NAME_MAX));
	end = append(end, "] ", 2);
	return (size_t)(end - prefix);
}

void log_write_arguments(const struct log_source *source, enum log_level level, const char *format,
                         va_list arguments)
{
	char prefix[CONSOLE_LINE_PREFIX_MAX];
	struct runtime *runtime = runtime_current();
	int saved_errno = errno;

	if (runtime == NULL)
		return;
	const struct target *target = runtime_target(runtime);
	size_t prefix_length = prefix_format(prefix, target, source, level);

	errno = saved_errno; /* for %m, and so that a log line between a call and its check is safe */
	console_line_arguments(target, prefix, prefix_length, format, arguments);
	errno = saved_errno;
}

void log_write(const struct log_source *source, enum log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_write_arguments(source, level, format, arguments);
	va_end(arguments);
}
