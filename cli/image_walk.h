/* SPDX-License-Identifier: ISC */
/*
 * All values of an image, one after the other.
 */
#ifndef CLI_IMAGE_WALK_H
#define CLI_IMAGE_WALK_H

#include <mirage/attributes.h>
#include <mirage/kv_ro.h>

/*
 * Called with the key of each value and `error` 0, and with that of what cannot be listed and why it
 * cannot. What it returns, if not 0, ends the walk.
 */
typedef int image_visit(void *context, const char *key, int error);

/* Visit all values below a dictionary, or the value itself. Returns 0 or what `visit` returned. */
must_check int image_walk(const struct kv_ro *reader, const char *key, image_visit *visit,
                          void *context);

#endif
