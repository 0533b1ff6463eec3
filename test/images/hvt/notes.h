/* SPDX-License-Identifier: ISC */
/*
 * What every test image has: the notes. In one file of it:
 *
 *     IMAGE(SOLO5_TARGET_HVT, HVT_ABI_VERSION, 2, BLOCK("storage"), NET("service"))
 *
 * or IMAGE_WITHOUT_DEVICES(target, version).
 */
#ifndef TEST_IMAGES_HVT_NOTES_H
#define TEST_IMAGES_HVT_NOTES_H

#include <stddef.h>
#include <stdint.h>

#include "abi/solo5_manifest.h"
#include "abi/solo5_note.h"

#define BLOCK(text)                                               \
	{                                                         \
		.name = (text), .type = SOLO5_DEVICE_BLOCK_BASIC, \
	}
#define NET(text)                                               \
	{                                                       \
		.name = (text), .type = SOLO5_DEVICE_NET_BASIC, \
	}

#define IMAGE_NOTE(section_name) __attribute__((section(section_name), used, aligned(8)))

#define IMAGE_NOTES(target_number, abi_version, count, ...)                                    \
	IMAGE_NOTE(".interp") static const char image_interpreter[24] = "/nonexistent/solo5/"; \
	IMAGE_NOTE(SOLO5_SECTION_NOT_OPENBSD)                                                  \
	static const struct {                                                                  \
		uint32_t name_size, description_size, type;                                    \
		char name[8];                                                                  \
		uint32_t zero;                                                                 \
	} image_not_openbsd = { 8, 4, 1, "OpenBSD", 0 };                                       \
	IMAGE_NOTE(SOLO5_SECTION_ABI)                                                          \
	static const struct solo5_abi_note image_abi = {                                       \
		.header = { SOLO5_NOTE_NAME_SIZE, 16, SOLO5_NOTE_ABI, SOLO5_NOTE_NAME },       \
		.target = (target_number),                                                     \
		.version = (abi_version),                                                      \
	};                                                                                     \
	IMAGE_NOTE(SOLO5_SECTION_MANIFEST)                                                     \
	static const struct {                                                                  \
		struct solo5_note_header header;                                               \
		uint32_t padding, version, entry_count;                                        \
		struct solo5_manifest_entry entries[count];                                    \
	} image_manifest = {                                                                   \
		.header = { SOLO5_NOTE_NAME_SIZE, 12 + sizeof(image_manifest.entries),         \
		            SOLO5_NOTE_MANIFEST, SOLO5_NOTE_NAME },                            \
		.version = SOLO5_MANIFEST_VERSION,                                             \
		.entry_count = (count),                                                        \
		.entries = { { .type = SOLO5_DEVICE_RESERVED_FIRST }, ##__VA_ARGS__ },         \
	};

#define IMAGE_WITHOUT_DEVICES(target, version) IMAGE_NOTES(target, version, 1)
#define IMAGE(target, version, devices, ...) \
	IMAGE_NOTES(target, version, (devices) + 1, __VA_ARGS__)

#endif
