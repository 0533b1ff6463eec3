// SPDX-License-Identifier: ISC
/* Removing and moving entries, and finishing either after a power cut. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/littlefs/pairs.h"
#include "storage/littlefs/tree.h"

/* ------------------------------------------------------------------ removing */

int littlefs_remove(struct littlefs_volume *volume, struct kv_key key)
{
	struct littlefs_place place;
	uint32_t state[3];
	int error = volume->medium.read_write ? littlefs_find(volume, key, &place) : -EROFS;

	if (error != 0)
		return error == -ENOTDIR ? -ENOENT : error;
	if (!place.found) {
		littlefs_place_fini(&place);
		return -ENOENT;
	}
	bool directory = littlefs_entry_at(&place)->type == LITTLEFS_DIRECTORY;

	memcpy(state, volume->state, sizeof(state));
	if (directory)
		state[0] |= LITTLEFS_SYNC;
	littlefs_metadata_remove(&place.metadata, place.position);
	error = littlefs_commit(volume, &place.metadata, state);
	littlefs_place_fini(&place);
	return error == 0 && directory ? littlefs_drop_orphans(volume) : error;
}

/* ------------------------------------------------------------------ moving */

/* Delete the source of a move that the state tells of. */
static int finish_move(struct littlefs_volume *volume)
{
	static const uint32_t nothing[3];
	struct littlefs_pair pair = { { volume->state[1], volume->state[2] } };
	uint32_t id = volume->state[0] >> 10 & 0x3ff, state[3];
	struct littlefs_metadata metadata;
	int error = littlefs_fetch(volume, pair, &metadata);

	if (error != 0)
		return error;
	memcpy(state, nothing, sizeof(state));
	state[0] = volume->state[0] & LITTLEFS_SYNC;
	if (id < metadata.count)
		littlefs_metadata_remove(&metadata, id);
	error = littlefs_commit(volume, &metadata, state);
	littlefs_metadata_fini(&metadata);
	return error;
}

/* Give a place what the source has, under the name of the destination. */
static int copy_entry(struct littlefs_place *place, struct kv_key name,
                      const struct littlefs_entry *source)
{
	if (!place->found) {
		int error = littlefs_metadata_insert(&place->metadata, place->position);

		if (error != 0)
			return error;
	}
	struct littlefs_entry *entry = &place->metadata.entries[place->position];
	int error = 0;

	if (!place->found)
		entry->name = (struct littlefs_bytes){ (const uint8_t *)name.text,
			                               (uint16_t)name.length };
	entry->type = source->type;
	entry->structure = source->structure;
	entry->data = source->data;
	for (const struct littlefs_attribute *a = source->attributes; a != NULL && error == 0;
	     a = a->next)
		error = littlefs_attribute_set(entry, a->type, a->value);
	return error;
}

/* Both in one pair: one commit does all. */
static int move_within(struct littlefs_volume *volume, struct littlefs_place *from,
                       struct littlefs_place *to, struct kv_key name)
{
	int error = copy_entry(to, name, littlefs_entry_at(from));
	size_t old = from->position;

	if (error != 0)
		return error;
	if (!to->found && to->position <= old)
		old++;
	littlefs_metadata_remove(&to->metadata, old);
	return littlefs_commit(volume, &to->metadata, NULL);
}

/* The new entry, with the word that the old one is to be deleted; then that. */
static int move_across(struct littlefs_volume *volume, const struct littlefs_place *from,
                       struct littlefs_place *to, struct kv_key name)
{
	uint32_t state[3] = { (volume->state[0] & LITTLEFS_SYNC) | LITTLEFS_MOVE_DELETE |
		                      (uint32_t)from->position << 10,
		              from->metadata.pair.block[0], from->metadata.pair.block[1] };
	int error = copy_entry(to, name, littlefs_entry_at(from));

	if (error == 0)
		error = littlefs_commit(volume, &to->metadata, state);
	return error == 0 ? finish_move(volume) : error;
}

static int move_entry(struct littlefs_volume *volume, struct kv_key source,
                      struct kv_key destination)
{
	struct littlefs_place from, to;
	struct kv_key name = kv_key_last(destination);
	int error = littlefs_make_directories(volume, destination);

	if (error == 0)
		error = littlefs_find(volume, source, &from);
	if (error != 0)
		return error;
	error = from.found ? littlefs_find(volume, destination, &to) : -ENOENT;
	if (error == 0) {
		if (littlefs_pair_equal(from.metadata.pair, to.metadata.pair))
			error = move_within(volume, &from, &to, name);
		else
			error = move_across(volume, &from, &to, name);
		littlefs_place_fini(&to);
	}
	littlefs_place_fini(&from);
	return error;
}

int littlefs_rename(struct littlefs_volume *volume, struct kv_key source, struct kv_key destination)
{
	size_t length = kv_key_last(destination).length;

	if (!volume->medium.read_write)
		return -EROFS;
	if (length > volume->name_max || length > LITTLEFS_LENGTH_MAX)
		return -ENAMETOOLONG;
	int error = move_entry(volume, source, destination);

	if (error == -ENOSPC) {
		error = littlefs_scan(volume);
		if (error == 0)
			error = move_entry(volume, source, destination);
	}
	return error;
}

int littlefs_repair(struct littlefs_volume *volume)
{
	int error = 0;

	if ((volume->state[0] & LITTLEFS_MOVE_MASK) != 0)
		error = finish_move(volume);
	if (error == 0 && (volume->state[0] & LITTLEFS_SYNC) != 0)
		error = littlefs_drop_orphans(volume);
	return error;
}
