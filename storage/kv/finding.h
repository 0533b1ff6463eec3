/* SPDX-License-Identifier: ISC */
/*
 * What is found wrong with a store by looking at all of it, one at a time.
 */
#ifndef STORAGE_KV_FINDING_H
#define STORAGE_KV_FINDING_H

#include <stdbool.h>

/* Borrowed for the call. The texts may hold any bytes that names on the medium do. */
struct finding {
	const char *kind; /* a word for programs, the same in all releases */
	const char *path; /* what it is about; "" for the store itself */
	const char *text; /* what it is and what it means, in one line */
	bool harmless;    /* a cut power may leave it, and nothing is lost by it */
};

typedef void finding_report(void *context, const struct finding *finding);

#endif
