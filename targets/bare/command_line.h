/* SPDX-License-Identifier: ISC */
/*
 * The words of a command line, for targets that get it as one string.
 */
#ifndef TARGETS_BARE_COMMAND_LINE_H
#define TARGETS_BARE_COMMAND_LINE_H

#include <stddef.h>

#include <mirage/attributes.h>

/*
 * Split `line` in place at blanks. Between "double" and 'single' quotes blanks belong to the word;
 * a backslash takes the character after it as it is, but not between single quotes. An unclosed
 * quote ends with the line.
 *
 * The words, pointing into `line`, go to words[0 … count_max - 1], with a NULL behind the last one.
 * Returns how many there are, or -E2BIG if they and the NULL do not fit.
 */
must_check int command_line_split(char *line, const char *words[], size_t count_max);

/* So many words, and the NULL, fit whatever a line of `length` bytes says. */
size_t command_line_words_max(size_t length);

#endif
