/* SPDX-License-Identifier: ISC */
/*
 * The files in a folder of the host, as keys and in their order: what crunch and images are made
 * from.
 */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

struct folder_file {
	char *name;       /* with the folder's path in front: to open it */
	const char *path; /* the part of `name` that is a key */
	uint64_t length;
	uint64_t modified; /* nanoseconds since 1970 */
};

struct folder {
	const char *path; /* as given */
	struct folder_file *files;
	size_t count;
	size_t room;
};

/*
 * Find all files below `path`, following links, sorted by the bytes of their paths. Empty folders
 * are left out.
 *
 * -EINVAL  reported: something cannot be read, or is neither file nor folder
 */
must_check int folder_read(struct folder *folder, const char *path);

void folder_free(struct folder *folder);

#endif
