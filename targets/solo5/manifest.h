/* SPDX-License-Identifier: ISC */
/*
 * Finding one's device among those that the tender attached.
 */
#ifndef TARGETS_SOLO5_MANIFEST_H
#define TARGETS_SOLO5_MANIFEST_H

#include <mirage/attributes.h>

#include "abi/solo5_manifest.h"

/*
 * Find the device called `name` of `type` and give its handle and its entry, valid for ever.
 *
 * -ENODEV     the image's manifest has no such device
 */
must_check int solo5_manifest_find(const char *name, enum solo5_device_type type,
                                   unsigned int *handle, const struct solo5_manifest_entry **entry);

#endif
