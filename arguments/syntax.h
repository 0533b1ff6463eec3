/* SPDX-License-Identifier: ISC */
/*
 * What parsing all options and looking for one must agree on, private to arguments/.
 */
#ifndef ARGUMENTS_SYNTAX_H
#define ARGUMENTS_SYNTAX_H

#include <stdbool.h>

/* May the argument be the separate value of an option? Not what looks like an option itself. */
static inline bool can_be_value(const char *argument)
{
	return argument[0] != '-' || argument[1] == '\0' ||
	       (argument[1] >= '0' && argument[1] <= '9');
}

#endif
