/* SPDX-License-Identifier: ISC */
/*
 * The targets, and which of them this build of the tool supports.
 */
#ifndef CLI_TARGETS_H
#define CLI_TARGETS_H

#include <stdbool.h>

#include <mirage/attributes.h>

#include "engine/compile.h"

struct target_description {
	const char *name;
	const char *what;
	bool supported;
};

/* All targets, in the order in which people should see them; ends with a NULL name. */
extern const struct target_description target_descriptions[];

/* True if the target's libraries are there. */
bool target_installed(const struct installation *installation, const char *name);

/* 0, or -EINVAL (reported, with the nearest name): there is no such target. */
must_check int target_check_name(const char *name);

/* 0, or -EINVAL (reported): not supported by this build, or without its libraries. */
must_check int target_check(const struct installation *installation, const char *name);

#endif
