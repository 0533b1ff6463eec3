/* SPDX-License-Identifier: ISC */
/*
 * The target's own log, in Solo5's words: lines that begin with "Solo5: ".
 */
#ifndef TARGETS_SOLO5_LOG_H
#define TARGETS_SOLO5_LOG_H

#include <mirage/attributes.h>

enum solo5_log_level {
	SOLO5_LOG_ERROR,
	SOLO5_LOG_WARN,
	SOLO5_LOG_INFO,
	SOLO5_LOG_DEBUG,
};

/* Write one line, in one call of the tender, if `level` is shown. Longer lines are cut at 319 bytes. */
void solo5_log(enum solo5_log_level level, const char *format, ...) printf_like(2, 3);

/* True if lines of `level` are shown. */
must_check int solo5_log_shows(enum solo5_log_level level);

/*
 * Take the leading words `--solo5:quiet`, `error`, `warn`, `info` and `debug` off the command line
 * and set the level. Returns what remains; a word that is none of them ends it and stays.
 */
char *solo5_log_configure(char *command_line);

#endif
