/* SPDX-License-Identifier: ISC */
/*
 * The targets, and which of them this build of the tool supports.
 */
#ifndef CLI_TARGETS_H
#define CLI_TARGETS_H

#include <stdbool.h>

#include <mirage/attributes.h>

struct target_description {
	const char *name;
	const char *what;
	bool supported;
};

/* All targets, in the order in which people should see them; ends with a NULL name. */
extern const struct target_description target_descriptions[];

/* 0, or -EINVAL (reported): unknown, with the nearest name, or not supported by this build. */
must_check int target_check(const char *name);

#endif
