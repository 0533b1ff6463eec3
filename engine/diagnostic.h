/* SPDX-License-Identifier: ISC */
/*
 * Diagnostics: what went wrong, where, and what to do, once per failure.
 *
 *     config.c:8:37: error: hello_main: argument 1 must be a time device, not a console
 *         8 |     register_unikernel("hello", hello_main(default_console()));
 *           |                                            ^
 *     hint: the signature is declared by MAIN() at config.c:4
 */
#ifndef ENGINE_DIAGNOSTIC_H
#define ENGINE_DIAGNOSTIC_H

#include <stdbool.h>

#include <mirage/attributes.h>

/* A place in a file. `file` NULL or empty: nowhere in particular; line or column 0: not known. */
struct place {
	const char *file;
	int line;
	int column;
};

/* Statuses that the command ends with; documented in every manual page. */
enum {
	EXIT_OK = 0,
	EXIT_ERROR = 1,   /* the configuration, the build or the run failed; one diagnostic */
	EXIT_USAGE = 124, /* the command line is wrong */
	EXIT_BUG = 125,   /* the tool is wrong */
};

enum verbosity {
	VERBOSITY_QUIET,
	VERBOSITY_ERROR,
	VERBOSITY_WARNING,
	VERBOSITY_INFO,
	VERBOSITY_DEBUG
};

/* How messages look from now on. Without colour until set. */
void diagnostic_setup(enum verbosity verbosity, bool colour);
enum verbosity diagnostic_verbosity(void);
bool diagnostic_colour(void);

/* Report an error at a place, with an optional hint. Always -EINVAL, to be returned. */
int diagnostic_error(struct place place, const char *hint, const char *format, ...)
	printf_like(3, 4);

/* Report an error that has no place. Always -EINVAL. */
int diagnostic_failure(const char *hint, const char *format, ...) printf_like(2, 3);

void diagnostic_warning(struct place place, const char *format, ...) printf_like(2, 3);

/* Progress and explanations, on standard error, by verbosity. */
void diagnostic_info(const char *format, ...) printf_like(1, 2);
void diagnostic_debug(const char *format, ...) printf_like(1, 2);

/*
 * The place of the identifier `name` in `file`, at or after `from.line`: gives a message that knows
 * only a line its column, and one that knows only a name its line. `from` itself if not found.
 */
struct place place_of_name(struct place from, const char *name);

#endif
