/* SPDX-License-Identifier: ISC */
/*
 * What the engine must know of a target: how images for it are made and started.
 */
#ifndef ENGINE_TARGET_H
#define ENGINE_TARGET_H

enum target_kind {
	TARGET_HOSTED, /* a program of the host, linked with its C library */
	TARGET_SOLO5,  /* a bare image with a manifest, started by a tender */
};

/* The kind of the target of this name; TARGET_HOSTED for one that is not known. */
enum target_kind target_kind(const char *name);

#endif
