/* SPDX-License-Identifier: ISC */
/*
 * What --block:, --net: and their kin share: the device they name must be in the manifest.
 */
#ifndef TENDERS_DEVICES_DECLARED_H
#define TENDERS_DEVICES_DECLARED_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/manifest/manifest.h"
#include "tenders/options/options.h"
#include "tenders/report/reason.h"

/* The index of the entry that the option names. -ENOENT if the manifest has none of that type. */
must_check int declared_index(struct manifest *manifest, const struct option_argument *argument,
                              uint32_t type, size_t *index, struct reason *reason);

/* -EEXIST: the option was given for this device before. */
int declared_twice(const struct option_argument *argument, struct reason *reason);

#endif
