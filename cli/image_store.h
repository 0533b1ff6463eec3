/* SPDX-License-Identifier: ISC */
/*
 * The formats that `mirage image` knows, behind one face.
 */
#ifndef CLI_IMAGE_STORE_H
#define CLI_IMAGE_STORE_H

#include <mirage/kv_rw.h>
#include <mirage/wall_clock.h>

#include "cli/folder.h"
#include "cli/image_file.h"
#include "storage/kv/finding.h"

struct image_format;

/* A store in a file. */
struct image_store {
	struct image_file file;
	const struct image_format *format;
	void *state;        /* the format's */
	nanoseconds now;    /* what its clock says */
	bool without_label; /* FAT: as before DOS 4 */
	struct wall_clock clock;
	struct kv_ro reader;
	struct kv_rw writer;
};

struct image_format {
	const char *name;
	const char *title;
	/* True if the first bytes of a file look like it. */
	bool (*recognise)(const uint8_t *bytes, size_t length);
	/* Bytes that an image of the folder's files takes, or more; never too few. */
	uint64_t (*size)(const struct folder *folder);
	/* Make an empty one of the whole file. */
	int (*make)(struct image_store *store);
	/* Instead of these two and of writing: make sources of the folder's files. -EINVAL, reported. */
	int (*make_sources)(const struct folder *folder, const char *path, bool times);
	/* Set `reader` and `writer`, after which `close` must be called. *problem says more, if there
	   is more to say. */
	int (*open)(struct image_store *store, bool write, const char **problem);
	void (*close)(struct image_store *store);
	/* Optional: look for damage that reading everything would not show. 0, or why it could not
	   be looked for. */
	int (*check)(struct image_store *store, finding_report *report, void *context);
	/* The length that the file can be cut to, or 0: all of it is needed. */
	uint64_t (*used)(const struct image_store *store);
};

/* In the order in which files are compared with them; ends with NULL. */
extern const struct image_format *const image_formats[];

extern const struct image_format crunch_image_format;

const struct image_format *image_format_find(const char *name);

/* The format of a file by its first bytes, or NULL. */
const struct image_format *image_format_of(const struct image_file *file);

#endif
