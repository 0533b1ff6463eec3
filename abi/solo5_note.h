/* SPDX-License-Identifier: ISC */
/*
 * The ELF notes of a Solo5 image.
 *
 * Each note is alone in a PT_NOTE segment of its own: a tender reads the first note of each segment
 * and no further. The note for OpenBSD comes first, so that an OpenBSD host does not take the image
 * for a program of its own.
 */
#ifndef ABI_SOLO5_NOTE_H
#define ABI_SOLO5_NOTE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/solo5_manifest.h"

#define SOLO5_NOTE_NAME "Solo5" /* 6 bytes with its NUL, padded to 8 */

enum {
	SOLO5_NOTE_NAME_SIZE = 6,
	SOLO5_NOTE_NAME_PADDED = 8,
	SOLO5_NOTE_ABI = 0x31494241,      /* "ABI1" */
	SOLO5_NOTE_MANIFEST = 0x3154464d, /* "MFT1" */
};

/* Section names, for linker scripts and for elftool. */
#define SOLO5_SECTION_ABI         ".note.solo5.abi"
#define SOLO5_SECTION_MANIFEST    ".note.solo5.manifest"
#define SOLO5_SECTION_NOT_OPENBSD ".note.solo5.not_openbsd"

enum solo5_abi_target {
	SOLO5_TARGET_HVT = 1,
	SOLO5_TARGET_SPT = 2,
	SOLO5_TARGET_VIRTIO = 3,
	SOLO5_TARGET_MUEN = 4,
	SOLO5_TARGET_GENODE = 5, /* retired */
	SOLO5_TARGET_XEN = 6,
};

/* What every note starts with: Elf64_Nhdr and the padded name. */
struct solo5_note_header {
	uint32_t name_size;
	uint32_t description_size;
	uint32_t type;
	char name[SOLO5_NOTE_NAME_PADDED];
};

struct solo5_abi_note {
	struct solo5_note_header header; /* description_size 16 */
	uint32_t target;                 /* enum solo5_abi_target */
	uint32_t version;
	uint32_t reserved[2];
};

/*
 * The manifest starts on a multiple of 8: the four bytes before it belong to the description and
 * are counted in its size, which is 4 + 8 + 104 for each entry.
 */
struct solo5_manifest_note {
	struct solo5_note_header header;
	uint32_t padding;
	struct solo5_manifest manifest;
};

enum {
	SOLO5_MANIFEST_DESCRIPTION_MAX =
		4 + sizeof(struct solo5_manifest) +
		SOLO5_MANIFEST_ENTRIES_MAX * sizeof(struct solo5_manifest_entry),
};

static_assert(sizeof(struct solo5_note_header) == 20, "note header");
static_assert(offsetof(struct solo5_abi_note, target) == 20, "target");
static_assert(sizeof(struct solo5_abi_note) == 36, "ABI note");
static_assert(offsetof(struct solo5_manifest_note, manifest) == 24, "manifest");
static_assert(SOLO5_MANIFEST_DESCRIPTION_MAX == 6668, "largest manifest");

#endif
