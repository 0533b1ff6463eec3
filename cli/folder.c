// SPDX-License-Identifier: ISC
/* Walking a folder. */
#include "cli/folder.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <mirage/kv_key.h>

static int add_file(struct folder *folder, const FTSENT *entry)
{
	if (folder->count == folder->room) {
		size_t room = folder->room > 0 ? folder->room * 2 : 64;
		void *files = reallocarray(folder->files, room, sizeof(*folder->files));

		if (files == NULL)
			return diagnostic_failure(NULL, "out of memory");
		folder->files = files;
		folder->room = room;
	}
	char *name = strdup(entry->fts_path);

	if (name == NULL)
		return diagnostic_failure(NULL, "out of memory");
	const char *path = name + strlen(folder->path);

	path += strspn(path, "/");
	folder->files[folder->count++] = (struct folder_file){
		.name = name,
		.path = path,
		.length = (uint64_t)entry->fts_statp->st_size,
		.modified = (uint64_t)entry->fts_statp->st_mtim.tv_sec * 1000000000u +
		            (uint64_t)entry->fts_statp->st_mtim.tv_nsec,
	};
	struct kv_key key;

	if (kv_key_check(path, &key) != 0)
		return diagnostic_error((struct place){ .file = name }, "use a shorter path",
		                        "its path cannot be a key: it is longer than %d bytes",
		                        KV_KEY_LENGTH_MAX);
	return 0;
}

static int visit(struct folder *folder, const FTSENT *entry)
{
	struct place place = { .file = entry->fts_path };

	switch (entry->fts_info) {
	case FTS_F:
		return add_file(folder, entry);
	case FTS_D:
	case FTS_DP:
		return 0;
	case FTS_DC:
		return diagnostic_error(place, "remove the link that leads back",
		                        "a link makes this folder contain itself");
	case FTS_SLNONE:
		return diagnostic_error(place, "remove it, or make what it points to",
		                        "a link that leads nowhere");
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return diagnostic_error(place, NULL, "cannot be read: %s",
		                        strerror(entry->fts_errno));
	default:
		return diagnostic_error(place, "take it out of the folder",
		                        "neither a file nor a folder");
	}
}

static int file_order(const void *a, const void *b)
{
	const struct folder_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

int folder_read(struct folder *folder, const char *path)
{
	char *roots[] = { (char *)(uintptr_t)path, NULL };
	struct stat status;
	int error = 0;

	*folder = (struct folder){ .path = path };
	if (stat(path, &status) != 0)
		return diagnostic_failure(NULL, "the folder %s cannot be read: %s", path,
		                          strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return diagnostic_failure("give a folder", "%s is no folder", path);
	FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);

	if (walk == NULL)
		return diagnostic_failure(NULL, "the folder %s cannot be read: %s", path,
		                          strerror(errno));
	for (FTSENT *entry; error == 0 && (entry = fts_read(walk)) != NULL;)
		error = visit(folder, entry);
	fts_close(walk);
	if (error == 0 && folder->count > 1)
		qsort(folder->files, folder->count, sizeof(*folder->files), file_order);
	return error;
}

void folder_free(struct folder *folder)
{
	for (size_t i = 0; i < folder->count; i++)
		free(folder->files[i].name);
	free(folder->files);
	*folder = (struct folder){ .count = 0 };
}
