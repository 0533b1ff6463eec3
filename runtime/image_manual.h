/* SPDX-License-Identifier: ISC */
/*
 * The page that an image prints for --help. Private to the runtime.
 */
#ifndef RUNTIME_IMAGE_MANUAL_H
#define RUNTIME_IMAGE_MANUAL_H

#include <mirage/image.h>
#include <mirage/target.h>

/* Write the page to the target's console, 80 columns wide. */
void image_manual_write(const struct image *self, const struct target *target);

#endif
