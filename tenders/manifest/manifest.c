/* SPDX-License-Identifier: ISC */
#include "tenders/manifest/manifest.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "abi/solo5_note.h"
#include "tenders/elf/note.h"

/* Before the manifest, inside the note's description. */
enum {
	PADDING = 4,
};

int manifest_read(struct manifest *manifest, const struct executable *executable,
                  struct reason *reason)
{
	_Alignas(8) uint8_t description[SOLO5_MANIFEST_DESCRIPTION_MAX];
	size_t length = 0;

	int error = note_find(executable, SOLO5_NOTE_MANIFEST, description, sizeof(description),
	                      &length, reason);
	if (error == -ENOENT)
		return reason_set(reason, -ENOEXEC, "%s: No Solo5 manifest found in executable",
		                  executable->path);
	if (error != 0)
		return error;
	if (length < PADDING ||
	    manifest_parse(manifest, description + PADDING, length - PADDING) != 0)
		return reason_set(reason, -ENOEXEC, "%s: Solo5 manifest is invalid",
		                  executable->path);
	return 0;
}

/* Whether entry 0 is the reserved one, which has neither a name nor anything else. */
static bool is_reserved(const struct solo5_manifest_entry *entry)
{
	return entry->type == SOLO5_DEVICE_RESERVED_FIRST && entry->name[0] == '\0' &&
	       entry->attached == 0;
}

static bool is_device(const struct solo5_manifest_entry *entry)
{
	return manifest_device_type(entry->type) != NULL && entry->name[0] != '\0' &&
	       memchr(entry->name, '\0', sizeof(entry->name)) != NULL && entry->attached == 0;
}

int manifest_parse(struct manifest *manifest, const void *bytes, size_t size)
{
	if (size < sizeof(struct solo5_manifest) || size > sizeof(*manifest))
		return -EINVAL;
	memset(manifest, 0, sizeof(*manifest));
	memcpy(manifest, bytes, size);

	if (manifest->version != SOLO5_MANIFEST_VERSION || manifest->entry_count == 0 ||
	    manifest->entry_count > SOLO5_MANIFEST_ENTRIES_MAX || size != manifest_size(manifest))
		return -EINVAL;
	if (!is_reserved(&manifest->entries[0]))
		return -EINVAL;
	for (size_t i = 1; i < manifest->entry_count; i++) {
		if (!is_device(&manifest->entries[i]))
			return -EINVAL;
	}
	return 0;
}

size_t manifest_size(const struct manifest *manifest)
{
	return sizeof(struct solo5_manifest) +
	       manifest->entry_count * sizeof(struct solo5_manifest_entry);
}

struct solo5_manifest_entry *manifest_find(struct manifest *manifest, const char *name,
                                           size_t length, uint32_t type)
{
	for (size_t i = 1; i < manifest->entry_count; i++) {
		struct solo5_manifest_entry *entry = &manifest->entries[i];

		if (entry->type == type && strlen(entry->name) == length &&
		    memcmp(entry->name, name, length) == 0)
			return entry;
	}
	return NULL;
}

const char *manifest_device_type(uint32_t type)
{
	switch (type) {
	case SOLO5_DEVICE_BLOCK_BASIC:
		return "BLOCK_BASIC";
	case SOLO5_DEVICE_NET_BASIC:
		return "NET_BASIC";
	default:
		return NULL;
	}
}

int manifest_check_attached(const struct manifest *manifest, struct reason *reason)
{
	int error = 0;

	for (size_t i = 1; i < manifest->entry_count; i++) {
		const struct solo5_manifest_entry *entry = &manifest->entries[i];

		if (entry->attached != 0)
			continue;
		if (error == 0)
			reason_clear(reason);
		error = reason_add(reason, -ENODEV,
		                   "Device '%s' of type %s declared but not attached.", entry->name,
		                   manifest_device_type(entry->type));
	}
	if (error != 0)
		reason_add(reason, error,
		           "All declared devices must be attached. See --help for syntax.");
	return error;
}
