/* SPDX-License-Identifier: ISC */
/*
 * Dictionaries over a sorted list of paths: what crunch, memory and archives have in common.
 *
 * A store that keeps the paths of its values in the order of their bytes has each dictionary as a
 * run of neighbours; nothing else need be kept for dictionaries to exist and to be listed.
 */
#ifndef STORAGE_KV_SORTED_PATHS_H
#define STORAGE_KV_SORTED_PATHS_H

#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/kv_ro.h>

/* A path to look for: `text`, and behind it `tail`, or nothing if that is 0. */
struct path_probe {
	const char *text;
	size_t length;
	char tail;
};

/* Below 0, 0 or above 0 as `path` comes before, is, or comes behind the probe. */
int path_compare(const char *path, struct path_probe probe);

struct sorted_paths {
	/* The path at `position`, or NULL at the end. */
	const char *(*at)(const void *self, size_t position);
	/* The first position whose path does not come before the probe. */
	size_t (*seek)(const void *self, struct path_probe probe);
	const void *self;
};

/* `seek` by halving, for whoever keeps `count` paths at positions 0, 1, 2, … */
size_t sorted_paths_halve(const char *(*at)(const void *self, size_t position), const void *self,
                          size_t count, struct path_probe probe);

/* What `key` leads to, and where if it is a value. A dictionary is what has something below it. */
enum kv_kind sorted_paths_find(const struct sorted_paths *paths, struct kv_key key,
                               size_t *position);

/* 0 and the position of a value, or -EISDIR or -ENOENT. */
must_check int sorted_paths_value(const struct sorted_paths *paths, struct kv_key key,
                                  size_t *position);

/*
 * Visit the entries of the dictionary `key`, as kv_ro_list() does, in order of their names.
 * -ENOTDIR, -ENOENT, -ENOMEM.
 */
must_check int sorted_paths_list(const struct sorted_paths *paths, struct kv_key key,
                                 kv_visit *visit, void *context);

/*
 * The latest of the values directly in the dictionary `key`, by the times that `modified` knows of
 * positions. -ENOTDIR, -ENOENT.
 */
must_check int sorted_paths_latest(const struct sorted_paths *paths, struct kv_key key,
                                   nanoseconds (*modified)(const void *self, size_t position),
                                   nanoseconds *latest);

/* -ENOTDIR if a value stands on the way to `key`, else 0. */
must_check int sorted_paths_way(const struct sorted_paths *paths, struct kv_key key);

#endif
