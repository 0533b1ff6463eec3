// SPDX-License-Identifier: ISC
/* Looking for the directory with two names. */
#include "storage/fat/mend.h"

#include <errno.h>
#include <stdlib.h>

#include "storage/fat/directory.h"
#include "storage/fat/table.h"
#include "storage/kv/little_endian.h"

/* ------------------------------------------------------------------ the mark */

static uint64_t mark_offset(const struct fat_volume *volume)
{
	return volume->type == FAT_32 ? BOOT_STATE_32 : BOOT_STATE_16;
}

int fat_is_moving(struct fat_volume *volume, bool *moving)
{
	uint8_t state = 0;
	int error = medium_read(&volume->medium, mark_offset(volume), &state, 1);

	*moving = (state & STATE_MOVING) != 0;
	return error;
}

int fat_mark_move(struct fat_volume *volume, bool moving)
{
	uint8_t state;
	int error = medium_read(&volume->medium, mark_offset(volume), &state, 1);

	state = (uint8_t)(moving ? state | STATE_MOVING : state & ~STATE_MOVING);
	if (error == 0)
		error = medium_write(&volume->medium, mark_offset(volume), &state, 1);
	return error == 0 ? medium_flush(&volume->medium) : error;
}

/* ------------------------------------------------------------------ the search */

/* All directories that have been found, in the order in which they are looked through. */
struct search {
	struct fat_volume *volume;
	struct fat_entry *found;
	size_t count;
	size_t room;
	uint64_t slots_left; /* there cannot be more on the disk */
	struct fat_entry twin;
	size_t twin_of; /* 0: there is none */
};

static int remember(struct search *search, const struct fat_entry *entry)
{
	if (search->count == search->room) {
		size_t room = search->room > 0 ? search->room * 2 : 16;
		void *grown = reallocarray(search->found, room, sizeof(*entry));

		if (grown == NULL)
			return -ENOMEM;
		search->found = grown;
		search->room = room;
	}
	search->found[search->count++] = *entry;
	return 0;
}

/* Take note of an entry. 1: it is a directory that another leads to. */
static int take_entry(struct search *search, const struct fat_entry *entry, uint8_t *seen)
{
	uint32_t cluster = entry->cluster;

	if (!entry->is_directory || !fat_is_cluster(search->volume, cluster))
		return 0;
	if ((seen[cluster / 8] & 1u << cluster % 8) == 0) {
		seen[cluster / 8] |= (uint8_t)(1u << cluster % 8);
		return remember(search, entry);
	}
	search->twin = *entry;
	for (size_t i = 1; i < search->count; i++)
		if (search->found[i].cluster == cluster)
			search->twin_of = i;
	return search->twin_of != 0;
}

static int look_through(struct search *search, size_t index, uint8_t *seen)
{
	struct fat_walk *walk;
	uint32_t before = 0;
	int more = fat_walk_new(&walk, search->volume, search->found[index].cluster);

	while (more == 0 && (more = fat_walk_next(walk)) == 1) {
		uint32_t slots = walk->next - before;

		before = walk->next;
		more = slots > search->slots_left ? -EBADMSG
		                                  : take_entry(search, &walk->entry, seen);
		search->slots_left -= slots;
		if (more != 0)
			break;
	}
	free(walk);
	return more;
}

/* Look through all directories until one is found twice. */
static int find_twin(struct search *search)
{
	const struct fat_volume *volume = search->volume;
	struct fat_entry root = fat_root(volume);
	uint8_t *seen = calloc(1, ((size_t)volume->cluster_count + FAT_FIRST_CLUSTER) / 8 + 1);
	int more = seen != NULL ? remember(search, &root) : -ENOMEM;

	search->slots_left = (uint64_t)volume->cluster_count * volume->cluster_size / SLOT_SIZE +
	                     volume->root_slots;
	for (size_t i = 0; i < search->count && more == 0; i++)
		more = look_through(search, i, seen);
	free(seen);
	return more < 0 ? more : 0;
}

/* ------------------------------------------------------------------ mending */

/*
 * A directory knows its parent: the name that is there stays. Within one parent either may go; its own
 * entry for the parent is as it should be.
 */
static int drop_name(struct search *search)
{
	struct fat_volume *volume = search->volume;
	const struct fat_entry *one = &search->found[search->twin_of], *other = &search->twin;
	uint8_t slot[SLOT_SIZE];
	int error =
		medium_read(&volume->medium, fat_cluster_offset(volume, one->cluster) + SLOT_SIZE,
	                    slot, SLOT_SIZE);

	if (error != 0)
		return error;
	uint32_t parent = get_le16(slot + SLOT_CLUSTER_LOW);

	if (volume->type == FAT_32)
		parent |= (uint32_t)get_le16(slot + SLOT_CLUSTER_HIGH) << 16;
	if (parent == 0)
		parent = volume->root_cluster;
	return fat_entry_delete(volume, parent == one->directory ? other : one);
}

int fat_mend(struct fat_volume *volume)
{
	struct search search = { .volume = volume };
	bool moving;
	int error = fat_is_moving(volume, &moving);

	if (error != 0 || !moving)
		return error;
	error = find_twin(&search);
	if (error == 0 && search.twin_of != 0)
		error = drop_name(&search);
	if (error == 0)
		error = fat_mark_move(volume, false);
	free(search.found);
	return error == -EBADMSG ? 0 : error;
}
