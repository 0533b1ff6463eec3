/* SPDX-License-Identifier: ISC */
/*
 * The parts of mirage/build.mk that differ between programs of the host and bare images: flags, and
 * how the image is linked and checked. Private to generate_build.c.
 */
#ifndef ENGINE_BUILD_FLAGS_H
#define ENGINE_BUILD_FLAGS_H

#include <stdio.h>

#include "engine/generate.h"

/* CFLAGS, LDFLAGS and LIBS, after the variables that every build.mk has. */
void print_flags(const struct project *project, FILE *file);

/* The rule of $(B)/image.debug, and of what it needs besides $(OBJECTS). */
void print_link(const struct project *project, FILE *file);

#endif
