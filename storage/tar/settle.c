// SPDX-License-Identifier: ISC
/*
 * Entries that exclude each other: an archive that was appended to may have a file where it later has a
 * folder, or the other way round. As of several with one name, the last counts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/tar/archive.h"

/*
 * The entries whose paths begin that of the one looked at, the longest last. In sorted order each is the
 * next one's beginning, or is not needed any more.
 */
struct beginnings {
	struct {
		size_t entry;
		size_t length;
	} of[KV_KEY_LENGTH_MAX + 1];
	size_t count;
};

/* Of entry `i` and each value on the way to it, the older one is lost. */
static void look_at(const struct tar_archive *archive, struct beginnings *beginnings, size_t i,
                    bool *lost)
{
	const struct tar_entry *entries = archive->entries;
	const char *path = entries[i].path;

	while (beginnings->count > 0) {
		size_t last = beginnings->count - 1;

		if (strncmp(path, entries[beginnings->of[last].entry].path,
		            beginnings->of[last].length) == 0)
			break;
		beginnings->count--;
	}
	for (size_t k = 0; k < beginnings->count; k++) {
		size_t other = beginnings->of[k].entry;

		if (path[beginnings->of[k].length] == '/')
			lost[entries[i].order < entries[other].order ? i : other] = true;
	}
	beginnings->of[beginnings->count].entry = i;
	beginnings->of[beginnings->count++].length = strlen(path);
}

int tar_archive_settle(struct tar_archive *archive)
{
	struct beginnings *beginnings = malloc(sizeof(*beginnings));
	bool *lost = calloc(archive->count + 1, sizeof(*lost));
	size_t kept = 0;

	if (beginnings == NULL || lost == NULL) {
		free(beginnings);
		free(lost);
		return -ENOMEM;
	}
	beginnings->count = 0;
	for (size_t i = 0; i < archive->count; i++)
		look_at(archive, beginnings, i, lost);
	free(beginnings);
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
