// SPDX-License-Identifier: ISC
/* Whom each cluster belongs to, and whether entries are as they should be. */
#include "storage/fat/check_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/fat/directory.h"

/* ------------------------------------------------------------------ chains */

/* True if `cluster` is one of the first `count` of the chain from `first` on. */
static int is_in_chain(struct check *check, uint32_t first, uint32_t count, uint32_t cluster,
                       bool *in)
{
	int error = 0;

	*in = false;
	for (uint32_t i = 0, at = first; i < count && error == 0 && !*in; i++) {
		*in = at == cluster;
		error = fat_table_get(check->volume, at, &at);
	}
	return error;
}

/* A chain has led to a cluster that is claimed: by itself, or by another. */
static int meet(struct check *check, struct check_place place, uint32_t first, uint32_t count,
                uint32_t cluster)
{
	bool own;
	int error = is_in_chain(check, first, count, cluster, &own);

	if (error != 0 || check->naming)
		return error;
	if (own) {
		check_found(check, place, "loop",
		            "its chain leads back to cluster %u after %u cluster%s and never ends",
		            cluster, count, count == 1 ? "" : "s");
		return 0;
	}
	check_found(
		check, place, "cross-linked",
		"cluster %u of it belongs to something else too: a change of one spoils the other",
		cluster);
	if (check->crossed_count < CHECK_CROSSED_MAX)
		check->crossed[check->crossed_count++] = cluster;
	return 0;
}

/* In the second walk: whether this is the first owner of a cluster that others have too. */
static void tell_owner(struct check *check, struct check_place place, uint32_t cluster)
{
	for (size_t i = 0; i < check->crossed_count; i++)
		if (check->crossed[i] == cluster) {
			check_found(check, place, "cross-linked",
			            "cluster %u of it belongs to something else too", cluster);
			return;
		}
}

/* Why a cluster cannot be the next of a chain, if it cannot: reported. */
static bool is_usable(struct check *check, struct check_place place, uint32_t from, uint32_t at,
                      uint32_t next)
{
	struct fat_volume *volume = check->volume;

	if (fat_is_cluster(volume, at) && next != FAT_FREE && !check_is_bad_mark(volume, next))
		return true;
	if (check->naming)
		return false;
	if (!fat_is_cluster(volume, at) && from == 0)
		check_found(check, place, "bad-link", "it begins at cluster %u, which there is not",
		            at);
	else if (!fat_is_cluster(volume, at))
		check_found(check, place, "bad-link",
		            "cluster %u of it leads to %u, which is no cluster", from, at);
	else if (next == FAT_FREE)
		check_found(check, place, "free-cluster",
		            "cluster %u of it is free: it will be given to others", at);
	else
		check_found(check, place, "bad-cluster", "cluster %u of it is marked as bad", at);
	return false;
}

/*
 * Claim a chain. *count: its clusters, up to where it ends or is damaged; *whole: it ends as it
 * should. What is wrong is reported.
 */
static int claim_chain(struct check *check, struct check_place place, uint32_t first,
                       uint32_t *count, bool *whole)
{
	*count = 0;
	*whole = false;
	for (uint32_t at = first, from = 0, next = FAT_END; !*whole; from = at, at = next) {
		int error = 0;

		if (fat_is_cluster(check->volume, at)) {
			if (check_is_claimed(check, at))
				return meet(check, place, first, *count, at);
			error = fat_table_get(check->volume, at, &next);
		}
		if (error != 0 || !is_usable(check, place, from, at, next))
			return error;
		check_claim(check, at);
		++*count;
		if (check->naming)
			tell_owner(check, place, at);
		*whole = next == FAT_END;
	}
	return 0;
}

/* ------------------------------------------------------------------ entries */

static int add_folder(struct check *check, const struct check_folder *folder, const char *name)
{
	if (check->folder_count == check->folder_room) {
		size_t room = check->folder_room > 0 ? check->folder_room * 2 : 16;
		void *grown = reallocarray(check->folders, room, sizeof(*folder));

		if (grown == NULL)
			return -ENOMEM;
		check->folders = grown;
		check->folder_room = room;
	}
	char *copy = strdup(name);

	if (copy == NULL)
		return -ENOMEM;
	check->folders[check->folder_count] = *folder;
	check->folders[check->folder_count++].name = copy;
	return 0;
}

static int check_file(struct check *check, struct check_place place, const struct fat_entry *entry)
{
	uint32_t size = check->volume->cluster_size, count = 0;
	uint32_t needed = entry->size / size + (entry->size % size != 0);
	bool whole = true;
	int error = 0;

	if (entry->cluster != 0)
		error = claim_chain(check, place, entry->cluster, &count, &whole);
	if (error != 0 || !whole || check->naming)
		return error;
	if (count < needed)
		check_found(check, place, "short-chain",
		            "it has %u of the %u clusters that its %u bytes need: its end is lost",
		            count, needed, entry->size);
	else if (count > needed)
		check_found(check, place, "long-chain",
		            "it has %u clusters, but its %u bytes need %u: the others are wasted",
		            count, entry->size, needed);
	return 0;
}

static int check_directory(struct check *check, struct check_place place,
                           const struct fat_entry *entry)
{
	uint32_t per_cluster = check->volume->cluster_size / SLOT_SIZE, count;
	bool whole;
	int error = claim_chain(check, place, entry->cluster, &count, &whole);

	if (error != 0)
		return error;
	if (!check->naming && entry->size != 0)
		check_found(check, place, "directory-size",
		            "a directory with a size of %u bytes, where 0 should be", entry->size);
	if (!check->naming && count > FAT_SLOTS_MAX / per_cluster)
		check_found(check, place, "directory-size",
		            "a directory of %u clusters: more than 65536 slots are never looked at",
		            count);
	if (count == 0)
		return 0;
	return add_folder(check,
	                  &(struct check_folder){
				  .parent = place.folder,
				  .cluster = entry->cluster,
				  .slots = count > FAT_SLOTS_MAX / per_cluster
	                                           ? FAT_SLOTS_MAX
	                                           : count * per_cluster,
			  },
	                  place.name);
}

/* Where ".." of a directory leads: 0 for the root, wherever it is. */
static uint32_t parent_of(const struct check *check, uint32_t folder)
{
	uint32_t parent = check->folders[folder].parent;

	return parent == CHECK_ROOT ? 0 : check->folders[parent].cluster;
}

/* The first two entries of a directory that is not the root. */
static void check_dot(struct check *check, uint32_t folder, const struct fat_walk *walk)
{
	struct check_place place = { .folder = folder, .name = "" };
	bool self = walk->entry.slot == 0;
	uint32_t expected = self ? check->folders[folder].cluster : parent_of(check, folder);
	const char *name = self ? "." : "..";

	if (memcmp(walk->slot, self ? ".          " : "..         ", SLOT_NAME_LENGTH) != 0)
		check_found(check, place, "dot-entries", "its entry '%s' is missing", name);
	else if (!walk->entry.is_directory)
		check_found(check, place, "dot-entries", "its entry '%s' is no directory", name);
	else if (walk->entry.cluster != expected)
		check_found(check, place, "dot-entries",
		            "its entry '%s' leads to cluster %u, where %u should be", name,
		            walk->entry.cluster, expected);
}

/* Eleven characters of a short name: what may not be among them? */
static bool is_short_name(const uint8_t name[SLOT_NAME_LENGTH])
{
	for (size_t i = 0; i < SLOT_NAME_LENGTH; i++) {
		uint8_t c = name[i];

		if (i == 0 && c == 0x05)
			continue;
		if (c < 0x20 || c == 0x7f || (c >= 'a' && c <= 'z') ||
		    (c < 0x80 && strchr("\"*+,./:;<=>?[\\]|", c) != NULL))
			return false;
	}
	return name[0] != ' ';
}

static void check_names(struct check *check, struct check_place place, const struct fat_walk *walk)
{
	if (!is_short_name(walk->slot))
		check_found(check, place, "bad-name",
		            "its short name has characters that no name can have");
	if (walk->long_is_bad)
		check_found(check, place, "bad-name", "its long name is none");
}

/* ------------------------------------------------------------------ names that are there twice */

struct entry_name {
	uint64_t hash; /* of the name by which it is found */
	uint32_t slot;
	uint8_t short_name[SLOT_NAME_LENGTH];
};

struct names {
	struct entry_name *items;
	size_t count;
	size_t room;
};

static uint64_t hash_of(const char *name)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (const char *c = name; *c != '\0'; c++) {
		char folded = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;

		hash = (hash ^ (uint8_t)folded) * UINT64_C(1099511628211);
	}
	return hash;
}

static int add_name(struct names *names, const struct fat_walk *walk)
{
	if (names->count == names->room) {
		size_t room = names->room > 0 ? names->room * 2 : 64;
		void *grown = reallocarray(names->items, room, sizeof(*names->items));

		if (grown == NULL)
			return -ENOMEM;
		names->items = grown;
		names->room = room;
	}
	struct entry_name *name = &names->items[names->count++];

	name->hash = hash_of(walk->name);
	name->slot = walk->entry.slot;
	memcpy(name->short_name, walk->slot, SLOT_NAME_LENGTH);
	return 0;
}

static int hash_order(const void *a, const void *b)
{
	const struct entry_name *left = a, *right = b;

	return left->hash < right->hash ? -1 : left->hash > right->hash;
}

static int short_order(const void *a, const void *b)
{
	const struct entry_name *left = a, *right = b;

	return memcmp(left->short_name, right->short_name, SLOT_NAME_LENGTH);
}

static void report_twins(struct check *check, struct check_place place, struct names *names,
                         int (*order)(const void *a, const void *b), const char *what)
{
	if (names->count < 2)
		return;
	qsort(names->items, names->count, sizeof(*names->items), order);
	for (size_t i = 1; i < names->count; i++) {
		const struct entry_name *one = &names->items[i - 1], *other = one + 1;

		if (order(one, other) == 0 && (order == hash_order || one->hash != other->hash))
			check_found(check, place, "same-name",
			            "its entries in slots %u and %u have the same %s", one->slot,
			            other->slot, what);
	}
}

/* ------------------------------------------------------------------ the tree */

static int check_entry(struct check *check, uint32_t folder, const struct fat_walk *walk,
                       struct names *names)
{
	struct check_place place = { .folder = folder, .name = walk->name };

	if (folder != CHECK_ROOT && walk->entry.slot < 2) {
		if (!check->naming)
			check_dot(check, folder, walk);
		if (walk->slot[0] == '.')
			return 0;
	}
	if (!check->naming) {
		int error = add_name(names, walk);

		if (error != 0)
			return error;
		check_names(check, place, walk);
	}
	return walk->entry.is_directory ? check_directory(check, place, &walk->entry)
	                                : check_file(check, place, &walk->entry);
}

/* Look through a directory. What it holds is added to the folders. */
static int check_folder(struct check *check, uint32_t folder)
{
	struct check_place place = { .folder = folder, .name = "" };
	struct names names = { .count = 0 };
	struct fat_walk *walk;
	unsigned dots = 0;
	int more = fat_walk_new(&walk, check->volume, check->folders[folder].cluster);

	if (more == 0)
		walk->end = check->folders[folder].slots;
	while (more >= 0 && (more = fat_walk_any(walk)) == 1) {
		dots += folder != CHECK_ROOT && walk->entry.slot < 2;
		more = check_entry(check, folder, walk, &names);
		if (more != 0)
			break;
	}
	if (more == 0 && !check->naming) {
		report_twins(check, place, &names, hash_order, "name");
		report_twins(check, place, &names, short_order, "short name");
		if (folder != CHECK_ROOT && dots < 2)
			check_found(check, place, "dot-entries",
			            "it does not begin with the entries '.' and '..'");
		if (walk->loose > 0)
			check_found(check, place, "loose-name",
			            "%u slot%s of long names belong%s to no entry", walk->loose,
			            walk->loose == 1 ? "" : "s", walk->loose == 1 ? "s" : "");
	}
	free(walk);
	free(names.items);
	return more;
}

int check_tree(struct check *check)
{
	const struct fat_volume *volume = check->volume;
	struct check_folder root = { .cluster = volume->root_cluster, .slots = volume->root_slots };
	uint32_t count = 0;
	bool whole;
	int error = 0;

	if (volume->type == FAT_32) {
		/* It has no name yet, so it is said of the volume. */
		error = claim_chain(check, (struct check_place){ CHECK_ROOT, "" },
		                    volume->root_cluster, &count, &whole);
		root.slots = count > FAT_SLOTS_MAX ? FAT_SLOTS_MAX
		                                   : count * (volume->cluster_size / SLOT_SIZE);
	}
	if (error == 0)
		error = add_folder(check, &root, "");
	for (size_t i = 0; i < check->folder_count && error == 0; i++)
		error = check_folder(check, (uint32_t)i);
	return error;
}
