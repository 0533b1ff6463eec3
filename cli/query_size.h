/* SPDX-License-Identifier: ISC */
/*
 * `mirage query size`.
 */
#ifndef CLI_QUERY_SIZE_H
#define CLI_QUERY_SIZE_H

#include <jansson.h>

#include "cli/project.h"

/* What takes the bytes of the image that was built, as JSON; NULL: reported. */
json_t *ask_size(const struct workspace *workspace);

/* The same as a table. */
void print_size(const json_t *answer);

#endif
