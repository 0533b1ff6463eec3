/* SPDX-License-Identifier: ISC */
/*
 * What the engine must know of a target: how images for it are made and started.
 */
#ifndef ENGINE_TARGET_H
#define ENGINE_TARGET_H

#include <stddef.h>

#include "engine/compile.h"

enum target_kind {
	TARGET_HOSTED, /* a program of the host, linked with its C library */
	TARGET_SOLO5,  /* a bare image with a manifest, started by a tender */
};

/* The kind of the target of this name; TARGET_HOSTED for one that is not known. */
enum target_kind target_kind(const char *name);

/* Where the headers and libraries of bare images for this machine's kind of processor are. */
void bare_folder(const struct installation *installation, char folder[], size_t size);

#endif
