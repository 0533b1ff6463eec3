// SPDX-License-Identifier: ISC
/* Splitting a command line into words. */
#include "targets/bare/command_line.h"

#include <errno.h>
#include <stdbool.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Unquote the word at *next to where it begins, which it never outgrows. Returns its NUL's place. */
static char *take_word(char **next)
{
	char *in = *next, *out = *next;
	char quote = '\0';

	for (; *in != '\0' && (quote != '\0' || !is_blank(*in)); in++) {
		if (*in == quote) {
			quote = '\0';
		} else if (quote == '\0' && (*in == '"' || *in == '\'')) {
			quote = *in;
		} else {
			if (*in == '\\' && quote != '\'' && in[1] != '\0')
				in++;
			*out++ = *in;
		}
	}
	*next = *in == '\0' ? in : in + 1;
	return out;
}

int command_line_split(char *line, const char *words[], size_t count_max)
{
	size_t count = 0;

	for (;;) {
		while (is_blank(*line))
			line++;
		if (count == count_max)
			return -E2BIG;
		if (*line == '\0')
			break;
		words[count++] = line;
		*take_word(&line) = '\0';
	}
	words[count] = NULL;
	return (int)count;
}

size_t command_line_words_max(size_t length)
{
	return length / 2 + 2;
}
