// SPDX-License-Identifier: ISC
/*
 * Entries that exclude each other: an archive that was appended to may have a file where it later has a
 * folder, or the other way round. As of several with one name, the last counts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/tar/archive.h"

static struct kv_key key_of(const struct tar_entry *entry)
{
	return (struct kv_key){ .text = entry->path, .length = strlen(entry->path) };
}

/* Of each value on the way to entry `i` and the entry itself, the older one is lost. */
static bool find_lost(const struct tar_archive *archive, size_t i, bool *lost)
{
	struct sorted_paths paths = tar_archive_paths(archive);
	struct kv_key up = kv_key_parent(key_of(&archive->entries[i]));
	bool found = false;
	size_t other;

	for (; !kv_key_is_root(up); up = kv_key_parent(up)) {
		if (sorted_paths_find(&paths, up, &other) != KV_VALUE)
			continue;
		found = true;
		lost[archive->entries[i].order < archive->entries[other].order ? i : other] = true;
	}
	return found;
}

int tar_archive_settle(struct tar_archive *archive)
{
	struct kv_key clear = { .text = "" }; /* no value is on the way into this dictionary */
	bool *lost = calloc(archive->count + 1, sizeof(*lost));
	size_t kept = 0;

	if (lost == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < archive->count; i++) {
		struct kv_key parent = kv_key_parent(key_of(&archive->entries[i]));

		if (!kv_key_equal(parent, clear) && !find_lost(archive, i, lost))
			clear = parent;
	}
	for (size_t i = 0; i < archive->count; i++) {
		if (!lost[i]) {
			archive->entries[kept++] = archive->entries[i];
			continue;
		}
		tar_archive_leave_out(archive, archive->entries[i].path,
		                      "a file and a folder have its name: the later one counts",
		                      false);
		free(archive->entries[i].path);
	}
	archive->count = kept;
	free(lost);
	return 0;
}
