// SPDX-License-Identifier: ISC
/* Reading a whole archive's headers, once. */
#include "storage/tar/archive.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/tar/header.h"

_Static_assert((int)KV_KEY_SIZE >= (int)TAR_BLOCK, "a block is read into a key's room");

enum {
	NANOSECONDS_PER_S = 1000000000,
	LINK_ROUNDS = 8, /* links to links to links … */
};

struct tar_link {
	char *path;
	char *target; /* a key */
	uint64_t order;
};

/* What a scan knows of the entry that it is at. */
struct scan {
	struct tar_archive *archive;
	uint64_t offset;
	uint64_t order;
	struct tar_header header;
	char *long_name; /* GNU's or pax's, for the next entry; NULL: none */
	char *long_link;
	struct tar_pax pax; /* its texts are gone */
	char *key;          /* KV_KEY_SIZE bytes to work in */
	char *link_key;
};

static void problem(struct tar_archive *archive, const char *name, const char *format, ...)
	printf_like(3, 4);

/* "NAME: what is wrong", with what cannot be shown of the name replaced. */
static void problem(struct tar_archive *archive, const char *name, const char *format, ...)
{
	size_t size = sizeof(archive->problem);
	va_list arguments;

	snprintf(archive->problem, size, "%.80s: ", name);
	for (char *c = archive->problem; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	size_t used = strlen(archive->problem);

	va_start(arguments, format);
	vsnprintf(archive->problem + used, size - used, format, arguments);
	va_end(arguments);
}

void tar_archive_leave_out(struct tar_archive *archive, const char *name, const char *why,
                           bool harmless)
{
	archive->left_out++;
	problem(archive, name, "%s", why);
	if (archive->report != NULL)
		archive->report(archive->context, &(struct finding){ .kind = "left-out",
		                                                     .path = name,
		                                                     .text = why,
		                                                     .harmless = harmless });
}

/* ------------------------------------------------------------------ the index */

/* Room for one more of what is `size` bytes each. */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	size_t more = *room > 0 ? *room * 2 : 64;
	void *grown = reallocarray(items, more, size);

	if (grown != NULL)
		*room = more;
	return grown;
}

int tar_archive_reserve(struct tar_archive *archive)
{
	void *entries =
		grow(archive->entries, archive->count, &archive->room, sizeof(struct tar_entry));

	if (entries == NULL)
		return -ENOMEM;
	archive->entries = entries;
	return 0;
}

/* Takes over `path`. */
static int add_entry(struct tar_archive *archive, const struct tar_entry *entry)
{
	int error = entry->path != NULL ? tar_archive_reserve(archive) : -ENOMEM;

	if (error == 0)
		archive->entries[archive->count++] = *entry;
	else
		free(entry->path);
	return error;
}

static int entry_order(const void *a, const void *b)
{
	const struct tar_entry *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	if (order != 0)
		return order;
	return left->order < right->order ? -1 : left->order > right->order;
}

/* Sort, and of several with one path keep the last. */
static void sort_entries(struct tar_archive *archive)
{
	size_t kept = 0;

	if (archive->count > 1)
		qsort(archive->entries, archive->count, sizeof(*archive->entries), entry_order);
	for (size_t i = 0; i < archive->count; i++) {
		if (kept > 0 &&
		    strcmp(archive->entries[kept - 1].path, archive->entries[i].path) == 0)
			free(archive->entries[--kept].path);
		archive->entries[kept++] = archive->entries[i];
	}
	archive->count = kept;
}

static const char *entry_at(const void *self, size_t position)
{
	const struct tar_archive *archive = self;

	return position < archive->count ? archive->entries[position].path : NULL;
}

static size_t entry_seek(const void *self, struct path_probe probe)
{
	const struct tar_archive *archive = self;

	return sorted_paths_halve(entry_at, self, archive->count, probe);
}

void tar_archive_put(struct tar_archive *archive, const struct tar_entry *entry)
{
	struct path_probe probe = { .text = entry->path, .length = strlen(entry->path) };
	size_t position = entry_seek(archive, probe);
	struct tar_entry *there = &archive->entries[position];

	if (position < archive->count && strcmp(there->path, entry->path) == 0) {
		free(there->path);
	} else {
		memmove(there + 1, there, (archive->count - position) * sizeof(*there));
		archive->count++;
	}
	*there = *entry;
}

struct sorted_paths tar_archive_paths(const struct tar_archive *archive)
{
	return (struct sorted_paths){ .at = entry_at, .seek = entry_seek, .self = archive };
}

int tar_archive_find(const struct tar_archive *archive, struct kv_key key,
                     const struct tar_entry **entry)
{
	struct sorted_paths paths = tar_archive_paths(archive);
	size_t position;
	int error = sorted_paths_value(&paths, key, &position);

	if (error == 0)
		*entry = &archive->entries[position];
	return error;
}

/* ------------------------------------------------------------------ links */

static int add_link(struct scan *scan, const char *path, const char *target)
{
	struct tar_archive *archive = scan->archive;
	struct tar_link link = { .path = strdup(path),
		                 .target = strdup(target),
		                 .order = scan->order };
	void *links = grow(archive->links, archive->link_count, &archive->link_room, sizeof(link));

	if (links == NULL || link.path == NULL || link.target == NULL) {
		archive->links = links != NULL ? links : archive->links;
		free(link.path);
		free(link.target);
		return -ENOMEM;
	}
	archive->links = links;
	archive->links[archive->link_count++] = link;
	return 0;
}

/* Give each link that leads to a value an entry of its own; keep the others. */
static int resolve_once(struct tar_archive *archive)
{
	size_t kept = 0, values = archive->count;
	int error = 0;

	for (size_t i = 0; i < archive->link_count; i++) {
		struct tar_link *link = &archive->links[i];
		struct kv_key key = { .text = link->target, .length = strlen(link->target) };
		const struct tar_entry *target;
		size_t count = archive->count;

		archive->count = values; /* what is sorted */
		int missing = tar_archive_find(archive, key, &target);

		archive->count = count;
		if (error != 0 || missing != 0) {
			archive->links[kept++] = *link;
			continue;
		}
		struct tar_entry alias = *target;

		alias.path = link->path;
		alias.order = link->order;
		error = add_entry(archive, &alias);
		free(link->target);
	}
	archive->link_count = kept;
	sort_entries(archive);
	return error;
}

static int resolve_links(struct tar_archive *archive)
{
	int error = 0;

	for (int round = 0; round < LINK_ROUNDS && archive->link_count > 0 && error == 0; round++) {
		size_t before = archive->link_count;

		error = resolve_once(archive);
		if (archive->link_count == before)
			break;
	}
	for (size_t i = 0; i < archive->link_count && error == 0; i++)
		tar_archive_leave_out(archive, archive->links[i].path,
		                      "a link that leads to no value", true);
	return error;
}

static void free_links(struct tar_archive *archive)
{
	for (size_t i = 0; i < archive->link_count; i++) {
		free(archive->links[i].path);
		free(archive->links[i].target);
	}
	free(archive->links);
	archive->links = NULL;
	archive->link_count = archive->link_room = 0;
}

/* ------------------------------------------------------------------ the scan */

/* The name of the entry that the scan is at. */
static const char *name_of(const struct scan *scan)
{
	return scan->long_name != NULL ? scan->long_name : scan->header.name;
}

/* Take note of a value whose bytes are at the scan's offset. */
static int take_value(struct scan *scan)
{
	uint64_t modified;

	if (kv_key_normalise(name_of(scan), scan->key, KV_KEY_SIZE) != 0 || scan->key[0] == '\0') {
		tar_archive_leave_out(scan->archive, name_of(scan), "not a name that a key can be",
		                      true);
		return 0;
	}
	if (__builtin_mul_overflow(scan->header.modified_s, (uint64_t)NANOSECONDS_PER_S, &modified))
		modified = 0;
	return add_entry(scan->archive, &(struct tar_entry){
						.path = strdup(scan->key),
						.offset = scan->offset,
						.length = scan->header.size,
						.modified = modified + scan->pax.modified_ns,
						.order = scan->order,
					});
}

/* A hard link names an entry, a symbolic one a place from where it is. */
static int take_link(struct scan *scan)
{
	const char *target = scan->long_link != NULL ? scan->long_link : scan->header.link;
	char *path = scan->key, *link = scan->link_key;

	if (kv_key_normalise(name_of(scan), path, KV_KEY_SIZE) != 0 || path[0] == '\0') {
		tar_archive_leave_out(scan->archive, name_of(scan), "not a name that a key can be",
		                      true);
		return 0;
	}
	struct kv_key parent = kv_key_parent((struct kv_key){ path, strlen(path) });
	size_t size = parent.length + strlen(target) + 2;
	char *joined = malloc(size);

	if (joined == NULL)
		return -ENOMEM;
	if (scan->header.type == '2' && target[0] != '/')
		snprintf(joined, size, "%.*s/%s", (int)parent.length, parent.text, target);
	else
		snprintf(joined, size, "%s", target);
	int error = kv_key_normalise(joined, link, KV_KEY_SIZE);

	if (error == 0 && (scan->header.type == '1' || target[0] != '/')) {
		error = add_link(scan, path, link);
	} else {
		tar_archive_leave_out(scan->archive, name_of(scan),
		                      "a link that leads out of the archive", true);
		error = 0;
	}
	free(joined);
	return error;
}

static void forget_extensions(struct scan *scan)
{
	free(scan->long_name);
	free(scan->long_link);
	scan->long_name = scan->long_link = NULL;
	scan->pax = (struct tar_pax){ .path = NULL };
}

/* Read the bytes of an extension: a terminated copy. */
static int read_extension(struct scan *scan, char **text)
{
	size_t size = (size_t)scan->header.size;

	*text = NULL;
	if (scan->header.size > TAR_EXTENSION_MAX) {
		problem(scan->archive, scan->header.name, "an extension of %llu bytes",
		        (unsigned long long)scan->header.size);
		return -EBADMSG;
	}
	*text = malloc(size + 1);
	if (*text == NULL)
		return -ENOMEM;
	int error = medium_read(&scan->archive->medium, scan->offset, *text, size);

	(*text)[size] = '\0';
	return error;
}

static int replace_text(char **text, const char *value, size_t length)
{
	free(*text);
	*text = strndup(value, length);
	return *text != NULL ? 0 : -ENOMEM;
}

static int take_pax(struct scan *scan)
{
	char *records;
	int error = read_extension(scan, &records);

	if (error == 0) {
		error = tar_pax_parse(records, (size_t)scan->header.size, &scan->pax);
		if (error != 0)
			problem(scan->archive, scan->header.name, "pax records that make no sense");
	}
	if (error == 0 && scan->pax.path != NULL)
		error = replace_text(&scan->long_name, scan->pax.path, scan->pax.path_length);
	if (error == 0 && scan->pax.link != NULL)
		error = replace_text(&scan->long_link, scan->pax.link, scan->pax.link_length);
	scan->pax.path = scan->pax.link = NULL;
	free(records);
	return error;
}

static int take_long(struct scan *scan, char **text)
{
	free(*text);
	return read_extension(scan, text);
}

/* The entry at the scan's header; its bytes are at the scan's offset. */
static int take_entry(struct scan *scan)
{
	switch (scan->header.type) {
	case 'x':
		return take_pax(scan);
	case 'L':
		return take_long(scan, &scan->long_name);
	case 'K':
		return take_long(scan, &scan->long_link);
	case 'g':
		return 0; /* for all that follows: nothing that concerns us */
	default:
		break;
	}
	int error = 0;

	if (scan->header.type == 'S' || scan->pax.sparse) {
		problem(scan->archive, name_of(scan),
		        "a sparse file: make the archive without --sparse");
		return -ENOTSUP;
	}
	if (scan->pax.has_modified)
		scan->header.modified_s = scan->pax.modified_s;
	if (scan->header.type == '0')
		error = take_value(scan);
	else if (scan->header.type == '1' || scan->header.type == '2')
		error = take_link(scan);
	else if (scan->header.type != '5' && scan->header.type != 'V')
		tar_archive_leave_out(scan->archive, name_of(scan), "neither a file nor a folder",
		                      true);
	forget_extensions(scan);
	scan->order++;
	return error;
}

/* Go over the bytes of the entry at the scan's offset. */
static int step_over(struct scan *scan, uint64_t size)
{
	uint64_t rounded;

	if (!tar_round(size, &rounded) || rounded > scan->archive->medium.size - scan->offset) {
		problem(scan->archive, name_of(scan), "the archive is cut off here");
		return -EBADMSG;
	}
	return 0;
}

/* One header and its entry. 1: there is more; 0: that was the end. */
static int scan_entry(struct scan *scan)
{
	struct medium *medium = &scan->archive->medium;
	uint8_t *block = (uint8_t *)scan->link_key;
	uint64_t rounded;

	if (medium->size - scan->offset < TAR_BLOCK) {
		problem(scan->archive, "archive", "cut off: it has no end");
		return -EBADMSG;
	}
	int error = medium_read(medium, scan->offset, block, TAR_BLOCK);

	if (error == 0)
		error = tar_header_parse(block, &scan->header);
	if (error == -ENODATA)
		return 0;
	if (error == -EBADMSG)
		problem(scan->archive, "archive", "no header at byte %llu",
		        (unsigned long long)scan->offset);
	if (error != 0)
		return error;
	scan->offset += TAR_BLOCK;
	if (scan->pax.has_size && strchr("xgLK", scan->header.type) == NULL)
		scan->header.size = scan->pax.size;
	error = step_over(scan, scan->header.size);
	if (error != 0 || !tar_round(scan->header.size, &rounded))
		return error;
	error = take_entry(scan);
	scan->offset += rounded;
	return error != 0 ? error : 1;
}

static int scan_archive(struct tar_archive *archive)
{
	struct scan *scan = calloc(1, sizeof(*scan));
	int more = scan != NULL ? 1 : -ENOMEM;

	if (scan == NULL)
		return more;
	scan->archive = archive;
	scan->key = malloc(KV_KEY_SIZE);
	scan->link_key = malloc(KV_KEY_SIZE);
	if (scan->key == NULL || scan->link_key == NULL)
		more = -ENOMEM;
	while (more == 1)
		more = scan_entry(scan);
	archive->end = scan->offset;
	forget_extensions(scan);
	free(scan->key);
	free(scan->link_key);
	free(scan);
	return more;
}

int tar_archive_read(struct tar_archive *archive, const struct block *block)
{
	int error = medium_open(&archive->medium, block);

	if (error == 0)
		error = scan_archive(archive);
	if (error == 0) {
		sort_entries(archive);
		error = resolve_links(archive);
	}
	if (error == 0)
		error = tar_archive_settle(archive);
	free_links(archive);
	return error;
}

int tar_archive_open(struct tar_archive **made, const struct block *block)
{
	struct tar_archive *archive = calloc(1, sizeof(*archive));

	*made = archive;
	if (archive == NULL)
		return -ENOMEM;
	int error = tar_archive_read(archive, block);

	if (error != 0 && error != -EBADMSG && error != -ENOTSUP) {
		tar_archive_close(archive);
		*made = NULL;
	}
	return error;
}

void tar_archive_close(struct tar_archive *archive)
{
	if (archive == NULL)
		return;
	for (size_t i = 0; i < archive->count; i++)
		free(archive->entries[i].path);
	free(archive->entries);
	medium_close(&archive->medium);
	free(archive);
}
