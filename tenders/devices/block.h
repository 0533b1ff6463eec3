/* SPDX-License-Identifier: ISC */
/*
 * Block devices: --block:NAME=PATH and --block-sector-size:NAME=N.
 *
 * Options only note what is wanted, in any order; block_attach() then opens the files and fills in
 * the manifest: capacity, block size, descriptor, attached.
 */
#ifndef TENDERS_DEVICES_BLOCK_H
#define TENDERS_DEVICES_BLOCK_H

#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/manifest/manifest.h"
#include "tenders/options/options.h"
#include "tenders/report/reason.h"

enum {
	BLOCK_SIZE_MIN = 512,
	BLOCK_SIZE_MAX = 32768, /* the largest power of two that the manifest can hold */
};

/* By index of the manifest's entry. */
struct block_options {
	struct manifest *manifest;
	const char *paths[SOLO5_MANIFEST_ENTRIES_MAX];    /* NULL: not given */
	uint16_t block_sizes[SOLO5_MANIFEST_ENTRIES_MAX]; /* 0: not given */
};

/* `state->manifest` must be set, the rest zero. */
struct option_module block_options_module(struct block_options *state);

/* Open what the options named. The descriptors are close-on-exec and the process's from now on. */
must_check int block_attach(const struct block_options *options, struct reason *reason);

#endif
