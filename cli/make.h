/* SPDX-License-Identifier: ISC */
/*
 * Running make on mirage/build.mk, with progress.
 */
#ifndef CLI_MAKE_H
#define CLI_MAKE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Build in the current folder. `jobs` is a number as text, or NULL for one per processor. On a
 * terminal a bar shows how far it is, elsewhere one line per step on `steps`; what fails is shown in
 * full.
 * Returns EXIT_OK or EXIT_ERROR.
 */
int make_build(const char *jobs, bool dry_run, FILE *steps);

#endif
