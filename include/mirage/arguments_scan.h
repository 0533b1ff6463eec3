/* SPDX-License-Identifier: ISC */
/*
 * Looking for one option among arguments whose table is not known yet.
 *
 * config.c declares options, but which config.c to evaluate, and for which target, is itself given
 * by options. This finds those few without judging the rest; arguments_parse() judges all of them
 * once the table is complete.
 */
#ifndef MIRAGE_ARGUMENTS_SCAN_H
#define MIRAGE_ARGUMENTS_SCAN_H

#include <stdbool.h>

/*
 * The text given for the option with these comma-separated `names`, the last time it occurs in
 * argv[0..argc-1] before `--`: `--name=TEXT`, `--name TEXT`, `-nTEXT`, `-n TEXT`. A flag that is
 * there gives "true". NULL if it is not. Points into argv.
 */
const char *arguments_scan(int argc, const char *const argv[], const char *names, bool is_flag);

#endif
