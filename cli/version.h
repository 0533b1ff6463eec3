/* SPDX-License-Identifier: ISC */
/*
 * Versions of the tool, and the constraint that a configuration may begin with.
 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include <mirage/attributes.h>

/*
 * Check the constraint in the first comment of `file`, if it has one:
 *
 *     // mirage >= 0.1.0 & < 1.0.0      or the same between slash-star and star-slash
 *
 * 0, or -EINVAL (reported): the tool's version does not satisfy it, or it cannot be read.
 */
must_check int version_check(const char *file);

/* -1, 0 or 1, comparing dotted numbers. */
int version_compare(const char *a, const char *b);

#endif
