/* SPDX-License-Identifier: ISC */
/*
 * mirage image check.
 */
#ifndef CLI_IMAGE_CHECK_H
#define CLI_IMAGE_CHECK_H

#include "cli/image_store.h"

/*
 * Look at all of an image whose file is open and whose format is known, and print what is wrong with
 * it, as text or as JSON. Returns 0 for a sound one, else -EINVAL.
 */
must_check int image_check(struct image_store *store, const char *path, bool json);

#endif
