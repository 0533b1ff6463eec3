/* SPDX-License-Identifier: ISC */
/*
 * A folder as sources, for whoever builds without config.c.
 */
#ifndef CLI_CRUNCH_H
#define CLI_CRUNCH_H

#include <stdbool.h>

#include "cli/folder.h"

/* Write the index to `output`, which must end in .c, and the bytes to the same with .S. -EINVAL,
   reported. */
must_check int crunch_sources(const struct folder *folder, const char *output, bool times);

#endif
