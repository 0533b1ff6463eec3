/* SPDX-License-Identifier: ISC */
/*
 * For tests of checkers: what they find, as text.
 */
#ifndef TEST_UNIT_FINDINGS_H
#define TEST_UNIT_FINDINGS_H

#include <stdio.h>
#include <string.h>

#include "storage/kv/finding.h"

/* "kind path, kind path", each once in the order in which they come. */
struct findings {
	char text[4096];
	unsigned count;
	unsigned damages; /* those that are not harmless */
};

static inline void findings_add(void *context, const struct finding *finding)
{
	struct findings *findings = context;
	size_t used = strlen(findings->text);

	findings->count++;
	findings->damages += !finding->harmless;
	snprintf(findings->text + used, sizeof(findings->text) - used, "%s%s %s",
	         used > 0 ? ", " : "", finding->kind, finding->path);
}

#endif
