/* SPDX-License-Identifier: ISC */
/*
 * The log's part of a runtime object. Private to the runtime.
 */
#ifndef RUNTIME_LOG_INTERNAL_H
#define RUNTIME_LOG_INTERNAL_H

#include <mirage/attributes.h>

struct runtime;

/* Allocate the thresholds of a new runtime and set them all to LOG_INFO. 0 or -ENOMEM. */
must_check int log_open(struct runtime *runtime);

/* Release them. Harmless when log_open() failed or the runtime was only zeroed. */
void log_close(struct runtime *runtime);

#endif
