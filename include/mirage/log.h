/* SPDX-License-Identifier: ISC */
/*
 * Logs: lines on the console, by source and level.
 *
 *     2017-02-08 09:54:44 -01:00: INF [application] hello
 *
 * Model.      A line has a level and comes from a source. Each instance holds one threshold per
 *             source (`--logs`); a line above it costs one comparison: its arguments are not
 *             evaluated and nothing is formatted. Time is the target's wall clock in local time
 *             with its distance from UTC, `-00:00` where no time zone is known. A message of
 *             several lines continues without a prefix.
 * Sources.    LOG_SOURCE() at file scope. The linker collects all sources of an image in one
 *             constant table (section `mirage_log_sources`), so no source needs registering and
 *             none that is not linked exists.
 * Context.    Anywhere on an instance; nothing blocks except the console itself. Outside
 *             runtime_run() lines go nowhere. A line is written in one piece. It takes some 3 KiB
 *             of the fiber's stack, and 5 KiB when it formats floating-point numbers.
 */
#ifndef MIRAGE_LOG_H
#define MIRAGE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/target.h>

enum log_level {
	LOG_QUIET, /* a threshold only: nothing is shown */
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

struct log_source {
	const char *name;
};

enum {
	LOG_SOURCE_NAME_MAX = 63, /* bytes */
};

/*
 * Define a source: `LOG_SOURCE(block, "block");` makes `log_info_from(&block, "…")` possible.
 *
 * The name is a literal of at most LOG_SOURCE_NAME_MAX bytes. The sources must lie side by side:
 * both gcc and clang leave variables in a named section without AddressSanitizer's red zones, and
 * `used` keeps them through link-time optimisation and --gc-sections.
 */
#define LOG_SOURCE(identifier, text)                                                  \
	__attribute__((section("mirage_log_sources"), used, aligned(sizeof(void *)))) \
	const struct log_source identifier = { .name = (text) };                      \
	_Static_assert(sizeof("" text) <= LOG_SOURCE_NAME_MAX + 1,                    \
	               "the name of a log source is too long")

/* The source of the macros without `_from`, named "application". */
extern const struct log_source log_application;

/* The table, as the linker bounds it. Hidden: every source is in the same program. */
extern const struct log_source __start_mirage_log_sources[] __attribute__((visibility("hidden")));
extern const struct log_source __stop_mirage_log_sources[] __attribute__((visibility("hidden")));

static inline size_t log_source_count(void)
{
	/* cppcheck-suppress comparePointers ; the linker makes one array of them */
	return (size_t)(__stop_mirage_log_sources - __start_mirage_log_sources);
}

/* An instance's thresholds, one per source of the table: the first member of struct runtime. */
struct log_thresholds {
	uint8_t *levels;
};

static inline bool log_enabled(const struct log_source *source, enum log_level level)
{
	const struct log_thresholds *thresholds = (const void *)target_current_runtime;

	return thresholds != NULL &&
	       level <= thresholds->levels[source - __start_mirage_log_sources];
}

/* Write one message whatever the thresholds. Use the macros below. */
void log_write(const struct log_source *source, enum log_level level, const char *format, ...)
	printf_like(3, 4);
void log_write_arguments(const struct log_source *source, enum log_level level, const char *format,
                         va_list arguments) printf_like(3, 0);

#define log_from(source, level, ...)                           \
	do {                                                   \
		if (log_enabled(source, level))                \
			log_write(source, level, __VA_ARGS__); \
	} while (0)

#define log_error_from(source, ...)   log_from(source, LOG_ERROR, __VA_ARGS__)
#define log_warning_from(source, ...) log_from(source, LOG_WARNING, __VA_ARGS__)
#define log_info_from(source, ...)    log_from(source, LOG_INFO, __VA_ARGS__)
#define log_debug_from(source, ...)   log_from(source, LOG_DEBUG, __VA_ARGS__)

#define log_error(...)   log_error_from(&log_application, __VA_ARGS__)
#define log_warning(...) log_warning_from(&log_application, __VA_ARGS__)
#define log_info(...)    log_info_from(&log_application, __VA_ARGS__)
#define log_debug(...)   log_debug_from(&log_application, __VA_ARGS__)

/*
 * Parse one threshold list, the value of `--logs`: `LEVEL`, `*:LEVEL` or `SOURCE:LEVEL`, separated
 * by commas; LEVEL is quiet, error, warning, info or debug. Later entries win. With a runtime the
 * thresholds are set there, and a source that the image does not have is reported on the console
 * (`WARNING: foo is not a valid log source.`) and skipped; with NULL the text is only checked.
 *
 * -EINVAL  the text does not parse; nothing was set and `*bad` points at the offending entry
 */
must_check int log_configure(struct runtime *runtime, const char *text, const char **bad);

/* Set every source to `level`. */
void log_set_all(struct runtime *runtime, enum log_level level);

#endif
