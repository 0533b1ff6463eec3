// SPDX-License-Identifier: ISC
/* Dictionaries as runs of a sorted list of paths. */
#include "storage/kv/sorted_paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Comes right behind '/', so that a path with it comes behind all that is below the dictionary. */
#define BEHIND_SLASH '0'

/* Comes right behind the end of a path. */
#define BEHIND_END '\1'

int path_compare(const char *path, struct path_probe probe)
{
	int order = strncmp(path, probe.text, probe.length);

	if (order != 0)
		return order;
	path += probe.length;
	if (probe.tail == '\0')
		return (unsigned char)path[0];
	order = (unsigned char)path[0] - (unsigned char)probe.tail;
	return order != 0 ? order : (unsigned char)path[1];
}

size_t sorted_paths_halve(const char *(*at)(const void *self, size_t position), const void *self,
                          size_t count, struct path_probe probe)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (path_compare(at(self, middle), probe) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct path_probe probe_of(struct kv_key key, char tail)
{
	return (struct path_probe){ .text = key.text, .length = key.length, .tail = tail };
}

/* The first position below the dictionary `key`, or the end of all if there is none. */
static size_t first_below(const struct sorted_paths *paths, struct kv_key key)
{
	return kv_key_is_root(key) ? 0 : paths->seek(paths->self, probe_of(key, '/'));
}

/* The path at `position` if it is below `key`. */
static const char *path_below(const struct sorted_paths *paths, size_t position, struct kv_key key)
{
	const char *path = paths->at(paths->self, position);

	if (path == NULL || kv_key_is_root(key))
		return path;
	return strncmp(path, key.text, key.length) == 0 && path[key.length] == '/' ? path : NULL;
}

enum kv_kind sorted_paths_find(const struct sorted_paths *paths, struct kv_key key,
                               size_t *position)
{
	*position = 0;
	if (kv_key_is_root(key))
		return KV_DICTIONARY;
	*position = paths->seek(paths->self, probe_of(key, '\0'));
	const char *path = paths->at(paths->self, *position);

	if (path != NULL && strncmp(path, key.text, key.length) == 0 && path[key.length] == '\0')
		return KV_VALUE;
	return path_below(paths, first_below(paths, key), key) != NULL ? KV_DICTIONARY : KV_NONE;
}

int sorted_paths_value(const struct sorted_paths *paths, struct kv_key key, size_t *position)
{
	switch (sorted_paths_find(paths, key, position)) {
	case KV_VALUE:
		return 0;
	case KV_DICTIONARY:
		return -EISDIR;
	case KV_NONE:
		break;
	}
	return -ENOENT;
}

static int dictionary(const struct sorted_paths *paths, struct kv_key key)
{
	size_t position;

	switch (sorted_paths_find(paths, key, &position)) {
	case KV_VALUE:
		return -ENOTDIR;
	case KV_DICTIONARY:
		return 0;
	case KV_NONE:
		break;
	}
	return -ENOENT;
}

/* The entry of `key` that `path` is or is in, and the position behind all that is in it. */
static size_t entry_at(const struct sorted_paths *paths, size_t position, struct kv_key key,
                       struct kv_key *name, enum kv_kind *kind)
{
	const char *path = paths->at(paths->self, position);
	size_t skip = kv_key_is_root(key) ? 0 : key.length + 1;
	size_t length = strcspn(path + skip, "/");

	*name = (struct kv_key){ .text = path + skip, .length = length };
	*kind = path[skip + length] == '/' ? KV_DICTIONARY : KV_VALUE;
	if (*kind == KV_VALUE)
		return position + 1;
	return paths->seek(
		paths->self,
		(struct path_probe){ .text = path, .length = skip + length, .tail = BEHIND_SLASH });
}

int sorted_paths_list(const struct sorted_paths *paths, struct kv_key key, kv_visit *visit,
                      void *context)
{
	int error = dictionary(paths, key);
	char *text = error == 0 ? malloc(KV_KEY_SIZE) : NULL;

	if (error != 0)
		return error;
	if (text == NULL)
		return -ENOMEM;
	for (size_t position = first_below(paths, key);
	     error == 0 && path_below(paths, position, key) != NULL;) {
		struct kv_key name;
		enum kv_kind kind;

		position = entry_at(paths, position, key, &name, &kind);
		if (kv_key_join(key, name, text, KV_KEY_SIZE) != 0)
			continue; /* no key can name it */
		struct path_probe behind = {
			.text = text,
			.length = strlen(text),
			.tail = kind == KV_VALUE ? BEHIND_END : BEHIND_SLASH,
		};

		error = visit(context, text + behind.length - name.length, kind);
		/* Whoever was visited may have changed the store: the position would be another's. */
		position = paths->seek(paths->self, behind);
	}
	free(text);
	return error;
}

int sorted_paths_latest(const struct sorted_paths *paths, struct kv_key key,
                        nanoseconds (*modified)(const void *self, size_t position),
                        nanoseconds *latest)
{
	int error = dictionary(paths, key);

	*latest = 0;
	for (size_t position = first_below(paths, key);
	     error == 0 && path_below(paths, position, key) != NULL;) {
		size_t here = position;
		struct kv_key name;
		enum kv_kind kind;

		position = entry_at(paths, position, key, &name, &kind);
		nanoseconds time = kind == KV_VALUE ? modified(paths->self, here) : 0;
		if (time > *latest)
			*latest = time;
	}
	return error;
}

int sorted_paths_way(const struct sorted_paths *paths, struct kv_key key)
{
	size_t position;

	for (struct kv_key up = kv_key_parent(key); !kv_key_is_root(up); up = kv_key_parent(up))
		if (sorted_paths_find(paths, up, &position) == KV_VALUE)
			return -ENOTDIR;
	return 0;
}
