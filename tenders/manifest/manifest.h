/* SPDX-License-Identifier: ISC */
/*
 * The manifest of an image, as a tender works with it: read from the note, filled in while devices
 * are attached, then copied into the image's memory.
 *
 * See also.   abi/solo5_manifest.h for the format.
 */
#ifndef TENDERS_MANIFEST_MANIFEST_H
#define TENDERS_MANIFEST_MANIFEST_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "abi/solo5_manifest.h"
#include "tenders/elf/executable.h"
#include "tenders/report/reason.h"

/* struct solo5_manifest with room for all entries. Handles are indices into `entries`, from 1. */
struct manifest {
	uint32_t version;
	uint32_t entry_count;
	struct solo5_manifest_entry entries[SOLO5_MANIFEST_ENTRIES_MAX];
};

static_assert(offsetof(struct manifest, entries) == sizeof(struct solo5_manifest), "entries");

/* Read and check the manifest of an open executable. -ENOEXEC if there is none or it is not valid. */
must_check int manifest_read(struct manifest *manifest, const struct executable *executable,
                             struct reason *reason);

/*
 * Check and copy `size` bytes as they are in a note, after its padding. -EINVAL if they are not a
 * manifest of version 1 in which nothing is attached.
 */
must_check int manifest_parse(struct manifest *manifest, const void *bytes, size_t size);

/* How many bytes of `manifest` are used: what goes into the image's memory. */
size_t manifest_size(const struct manifest *manifest);

/* The first entry of this name and type, or NULL. `name` has `length` bytes. */
struct solo5_manifest_entry *manifest_find(struct manifest *manifest, const char *name,
                                           size_t length, uint32_t type);

/* "BLOCK_BASIC" or "NET_BASIC"; NULL if unknown. */
const char *manifest_device_type(uint32_t type);

/* -ENODEV unless every device has been attached; the reason lists those that are not. */
must_check int manifest_check_attached(const struct manifest *manifest, struct reason *reason);

#endif
