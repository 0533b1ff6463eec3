// SPDX-License-Identifier: ISC
/*
 * The ELF notes of an image, except the manifest, which is generated with main.c. They are made once
 * for each target: SOLO5_NOTE_TARGET and SOLO5_NOTE_VERSION come from the Makefile.
 */
#include "abi/solo5_note.h"

#define NOTE(section_name) __attribute__((used, retain, aligned(4), section(section_name)))

extern const struct solo5_abi_note solo5_abi_note; /* the linker script asks for it */
NOTE(SOLO5_SECTION_ABI)
const struct solo5_abi_note solo5_abi_note = {
	.header = {
		.name_size = SOLO5_NOTE_NAME_SIZE,
		.description_size = sizeof(struct solo5_abi_note) - sizeof(struct solo5_note_header),
		.type = SOLO5_NOTE_ABI,
		.name = SOLO5_NOTE_NAME,
	},
	.target = SOLO5_NOTE_TARGET,
	.version = SOLO5_NOTE_VERSION,
};

/* An OpenBSD kernel takes a program with this note for one of its own, and one without for Linux's. */
NOTE(SOLO5_SECTION_NOT_OPENBSD)
static const struct {
	struct solo5_note_header header;
	uint32_t description;
} openbsd_note = {
	.header = {
		.name_size = sizeof("OpenBSD"),
		.description_size = sizeof(uint32_t),
		.type = 1,
		.name = "OpenBSD",
	},
};

/* What Linux would have to start the image with, and does not find. */
NOTE(".interp")
static const char interpreter[24] = "/nonexistent/solo5/";
