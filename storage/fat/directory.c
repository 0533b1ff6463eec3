// SPDX-License-Identifier: ISC
/* Directories: chains of slots of 32 bytes. */
#include "storage/fat/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/fat/table.h"
#include "storage/fat/time.h"
#include "storage/kv/little_endian.h"

struct fat_entry fat_root(const struct fat_volume *volume)
{
	return (struct fat_entry){ .is_directory = true, .cluster = volume->root_cluster };
}

/* Where a slot is on the device. -ENODATA: the directory ends before. */
static int slot_offset(struct fat_volume *volume, uint32_t directory, uint32_t slot,
                       uint64_t *offset)
{
	uint32_t per_cluster = volume->cluster_size / SLOT_SIZE, cluster;

	if (directory == 0) {
		if (slot >= volume->root_slots)
			return -ENODATA;
		*offset = volume->root_offset + (uint64_t)slot * SLOT_SIZE;
		return 0;
	}
	if (slot >= FAT_SLOTS_MAX)
		return -ENODATA;
	if (slot / per_cluster >= volume->cluster_count)
		return -ENODATA;
	int error = fat_chain_at(volume, directory, slot / per_cluster, &cluster);

	if (error == 0)
		*offset = fat_cluster_offset(volume, cluster) +
		          (uint64_t)(slot % per_cluster) * SLOT_SIZE;
	return error;
}

/* ------------------------------------------------------------------ reading */

int fat_walk_new(struct fat_walk **made, struct fat_volume *volume, uint32_t directory)
{
	struct fat_walk *walk = calloc(1, sizeof(*walk));

	*made = walk;
	if (walk == NULL)
		return -ENOMEM;
	walk->volume = volume;
	walk->directory = directory;
	walk->end = FAT_SLOTS_MAX;
	return 0;
}

/* Take a slot of a long name, which come last part first. */
static void take_long(struct fat_walk *walk, const uint8_t *slot)
{
	static const uint8_t places[LONG_UNITS] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
	uint8_t order = slot[LONG_ORDER] & 0x3f;

	walk->long_seen++;
	if ((slot[LONG_ORDER] & LONG_ORDER_LAST) != 0 && order >= 1 &&
	    order < FAT_SLOTS_PER_ENTRY_MAX) {
		walk->expected = order;
		walk->checksum = slot[LONG_CHECKSUM];
		walk->long_count = order;
		memset(walk->units, 0, sizeof(walk->units));
	} else if (order == 0 || order != walk->expected || slot[LONG_CHECKSUM] != walk->checksum) {
		walk->expected = 0;
		walk->long_count = 0;
		return;
	}
	for (size_t i = 0; i < LONG_UNITS; i++)
		walk->units[(size_t)(order - 1) * LONG_UNITS + i] = get_le16(slot + places[i]);
	walk->expected--;
}

/* The long name if it is whole and belongs to the slot, else the short one. */
static void take_name(struct fat_walk *walk, const uint8_t *slot)
{
	bool whole = walk->long_count > 0 && walk->expected == 0 &&
	             walk->checksum == fat_short_checksum(slot);
	size_t count = 0;

	while (whole && count < (size_t)walk->long_count * LONG_UNITS && walk->units[count] != 0)
		count++;
	walk->entry.slot_count = whole ? walk->long_count + 1 : 1;
	walk->loose += walk->long_seen - (walk->entry.slot_count - 1);
	bool usable = whole && count <= FAT_UNITS_MAX &&
	              fat_units_to_text(walk->units, count, walk->name);

	walk->long_is_bad = whole && !usable;
	if (!usable)
		fat_short_to_text(slot, walk->name);
	memcpy(walk->slot, slot, SLOT_SIZE);
}

/* What was said of a long name is not about what comes next. */
static void forget_long(struct fat_walk *walk)
{
	walk->long_count = 0;
	walk->expected = 0;
	walk->long_seen = 0;
}

static void take_entry(struct fat_walk *walk, const uint8_t *slot, uint32_t number)
{
	struct fat_entry *entry = &walk->entry;

	entry->directory = walk->directory;
	entry->slot = number;
	entry->is_directory = (slot[SLOT_ATTRIBUTES] & ATTRIBUTE_DIRECTORY) != 0;
	entry->cluster = get_le16(slot + SLOT_CLUSTER_LOW);
	if (walk->volume->type == FAT_32)
		entry->cluster |= (uint32_t)(get_le16(slot + SLOT_CLUSTER_HIGH) & 0x0fff) << 16;
	entry->size = get_le32(slot + SLOT_LENGTH);
	entry->modified = fat_time_read(slot + SLOT_MODIFIED);
	take_name(walk, slot);
	forget_long(walk);
}

/* What no key can name is not there. */
static bool can_be_named(const char *name)
{
	return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

/* Read the next slot. 1: there is one; 0: that was the end. */
static int next_slot(struct fat_walk *walk, uint8_t slot[SLOT_SIZE])
{
	uint64_t offset;

	if (walk->next >= walk->end)
		return 0;
	int error = slot_offset(walk->volume, walk->directory, walk->next, &offset);

	if (error == 0)
		error = medium_read(&walk->volume->medium, offset, slot, SLOT_SIZE);
	if (error != 0)
		return error == -ENODATA ? 0 : error;
	return slot[0] != SLOT_LAST;
}

int fat_walk_any(struct fat_walk *walk)
{
	uint8_t slot[SLOT_SIZE] = { SLOT_LAST };

	for (;;) {
		int more = next_slot(walk, slot);

		if (more <= 0) {
			walk->loose += walk->long_seen;
			walk->long_seen = 0;
			return more;
		}
		uint32_t number = walk->next++;

		if (slot[0] != SLOT_FREE && (slot[SLOT_ATTRIBUTES] & 0x3f) == ATTRIBUTE_LONG) {
			take_long(walk, slot);
		} else if (slot[0] == SLOT_FREE || (slot[SLOT_ATTRIBUTES] & ATTRIBUTE_LABEL) != 0) {
			walk->loose += walk->long_seen;
			forget_long(walk);
		} else {
			take_entry(walk, slot, number);
			return 1;
		}
	}
}

int fat_walk_next(struct fat_walk *walk)
{
	int more;

	do
		more = fat_walk_any(walk);
	while (more == 1 && !can_be_named(walk->name));
	return more;
}

/* Find a name in a directory. */
static int find_name(struct fat_volume *volume, uint32_t directory, struct kv_key name,
                     struct fat_entry *entry)
{
	struct fat_walk *walk;
	int more = fat_walk_new(&walk, volume, directory);

	if (more != 0)
		return more;
	do
		more = fat_walk_next(walk);
	while (more == 1 && !fat_name_equal(walk->name, name.text, name.length));
	if (more == 1)
		*entry = walk->entry;
	free(walk);
	if (more == 1 && entry->is_directory && !fat_is_cluster(volume, entry->cluster))
		return -EBADMSG;
	return more == 1 ? 0 : more == 0 ? -ENOENT : more;
}

int fat_find(struct fat_volume *volume, struct kv_key key, struct fat_entry *entry)
{
	struct kv_key rest = key, segment;
	int error = 0;

	*entry = fat_root(volume);
	while (error == 0 && kv_key_next(&rest, &segment))
		error = entry->is_directory ? find_name(volume, entry->cluster, segment, entry)
		                            : -ENOENT;
	return error;
}

/* ------------------------------------------------------------------ writing */

static void write_fields(const struct fat_volume *volume, const struct fat_entry *entry,
                         uint8_t *slot)
{
	put_le16(slot + SLOT_CLUSTER_LOW, entry->cluster & 0xffff);
	if (volume->type == FAT_32)
		put_le16(slot + SLOT_CLUSTER_HIGH, entry->cluster >> 16);
	put_le32(slot + SLOT_LENGTH, entry->is_directory ? 0 : entry->size);
	fat_time_write(slot + SLOT_MODIFIED, entry->modified);
	memcpy(slot + SLOT_ACCESSED, slot + SLOT_MODIFIED + 2, 2);
}

static void make_slot(const struct fat_volume *volume, const struct fat_entry *entry,
                      const uint8_t name[11], uint8_t lower, uint8_t *slot)
{
	memset(slot, 0, SLOT_SIZE);
	memcpy(slot, name, SLOT_NAME_LENGTH);
	slot[SLOT_ATTRIBUTES] = entry->is_directory ? ATTRIBUTE_DIRECTORY : ATTRIBUTE_ARCHIVE;
	slot[SLOT_CASE] = lower;
	write_fields(volume, entry, slot);
	memcpy(slot + SLOT_CREATED, slot + SLOT_MODIFIED, 4);
}

static void make_long_slot(const uint16_t *units, size_t count, size_t order, uint8_t checksum,
                           bool last, uint8_t *slot)
{
	static const uint8_t places[LONG_UNITS] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };

	memset(slot, 0, SLOT_SIZE);
	slot[LONG_ORDER] = (uint8_t)(order | (last ? LONG_ORDER_LAST : 0));
	slot[SLOT_ATTRIBUTES] = ATTRIBUTE_LONG;
	slot[LONG_CHECKSUM] = checksum;
	for (size_t i = 0; i < LONG_UNITS; i++) {
		size_t at = (order - 1) * LONG_UNITS + i;

		put_le16(slot + places[i], at < count ? units[at] : at == count ? 0 : 0xffff);
	}
}

/* Whether one of the short names is taken in a directory: a bit for each. */
static int find_taken(struct fat_volume *volume, uint32_t directory, uint8_t (*names)[11],
                      unsigned count, uint32_t *taken)
{
	struct fat_walk *walk;
	int more = fat_walk_new(&walk, volume, directory);

	*taken = 0;
	while (more >= 0 && (more = fat_walk_next(walk)) == 1)
		for (unsigned i = 0; i < count; i++)
			if (memcmp(walk->slot, names[i], SLOT_NAME_LENGTH) == 0)
				*taken |= 1u << i;
	free(walk);
	return more;
}

struct short_name {
	uint8_t name[SLOT_NAME_LENGTH];
	bool exact;
	uint8_t lower;
};

static int choose_short_name(struct fat_volume *volume, uint32_t directory, struct kv_key long_name,
                             struct short_name *chosen)
{
	enum {
		CANDIDATES = 16,
		ROUNDS = 64
	};
	uint8_t names[CANDIDATES][11];

	for (unsigned first = 0; first < ROUNDS; first += CANDIDATES) {
		uint32_t taken;

		for (unsigned i = 0; i < CANDIDATES; i++)
			fat_short_make(long_name.text, long_name.length, first + i, names[i],
			               &chosen->exact, &chosen->lower);
		int error = find_taken(volume, directory, names, CANDIDATES, &taken);

		if (error != 0)
			return error;
		for (unsigned i = 0; i < CANDIDATES; i++) {
			if ((taken & 1u << i) != 0)
				continue;
			fat_short_make(long_name.text, long_name.length, first + i, chosen->name,
			               &chosen->exact, &chosen->lower);
			return 0;
		}
	}
	return -ENOSPC;
}

/* All slots of an entry, on the heap. Returns the count. */
static int make_slots(struct fat_volume *volume, uint32_t directory, struct kv_key name,
                      const struct fat_entry *entry, uint8_t **made)
{
	struct short_name short_name;
	uint16_t *units = malloc(FAT_UNITS_MAX * sizeof(*units));
	uint8_t *slots = malloc((size_t)FAT_SLOTS_PER_ENTRY_MAX * SLOT_SIZE);
	int count = units != NULL && slots != NULL
	                    ? fat_text_to_units(name.text, name.length, units)
	                    : -ENOMEM;
	int error = count < 0 ? count : choose_short_name(volume, directory, name, &short_name);
	size_t longs = 0;

	if (error == 0) {
		uint8_t checksum = fat_short_checksum(short_name.name);

		if (!short_name.exact)
			longs = ((size_t)count + LONG_UNITS - 1) / LONG_UNITS;
		for (size_t i = 0; i < longs; i++)
			make_long_slot(units, (size_t)count, longs - i, checksum, i == 0,
			               slots + i * SLOT_SIZE);
		make_slot(volume, entry, short_name.name, short_name.lower,
		          slots + longs * SLOT_SIZE);
		*made = slots;
	} else {
		free(slots);
	}
	free(units);
	return error != 0 ? error : (int)longs + 1;
}

/* Add a cluster of free slots to the end of a directory. */
static int grow_directory(struct fat_volume *volume, uint32_t directory, uint32_t slots)
{
	uint32_t per_cluster = volume->cluster_size / SLOT_SIZE, last, *cluster;

	if (directory == 0 || slots + per_cluster > FAT_SLOTS_MAX)
		return -ENOSPC;
	int error = fat_chain_at(volume, directory, slots / per_cluster - 1, &last);

	if (error == 0)
		error = fat_find_free(volume, 1, &cluster);
	if (error != 0)
		return error;
	error = medium_zero(&volume->medium, fat_cluster_offset(volume, *cluster),
	                    volume->cluster_size);
	if (error == 0)
		error = fat_chain_make(volume, cluster, 1);
	if (error == 0)
		error = fat_flush(volume);
	if (error == 0)
		error = fat_table_set(volume, last, *cluster);
	if (error == 0)
		error = fat_flush(volume);
	free(cluster);
	return error;
}

/*
 * Find `count` free slots in a row. *beyond says that they are behind the last that was in use, so
 * that the one behind them has to be marked as the last.
 */
static int find_slots(struct fat_volume *volume, uint32_t directory, uint32_t count,
                      uint32_t *first, bool *beyond)
{
	uint32_t run = 0;

	*beyond = false;
	for (uint32_t slot = 0;; slot++) {
		uint64_t offset;
		uint8_t mark = SLOT_LAST;
		int error = slot_offset(volume, directory, slot, &offset);

		if (error == -ENODATA)
			error = grow_directory(volume, directory, slot);
		if (error == 0)
			error = slot_offset(volume, directory, slot, &offset);
		if (error == 0)
			error = medium_read(&volume->medium, offset, &mark, 1);
		if (error != 0)
			return error;
		*beyond |= mark == SLOT_LAST;
		run = *beyond || mark == SLOT_FREE ? run + 1 : 0;
		if (run == count) {
			*first = slot + 1 - count;
			return 0;
		}
	}
}

/* Write slots, with one write for those that lie side by side. */
static int write_slots(struct fat_volume *volume, uint32_t directory, uint32_t first,
                       const uint8_t *slots, uint32_t count)
{
	for (uint32_t done = 0; done < count;) {
		uint64_t offset = 0, next;
		uint32_t run = 1;
		int error = slot_offset(volume, directory, first + done, &offset);

		while (error == 0 && done + run < count &&
		       slot_offset(volume, directory, first + done + run, &next) == 0 &&
		       next == offset + (uint64_t)run * SLOT_SIZE)
			run++;
		if (error == 0)
			error = medium_write(&volume->medium, offset,
			                     slots + (size_t)done * SLOT_SIZE,
			                     (size_t)run * SLOT_SIZE);
		if (error != 0)
			return error;
		done += run;
	}
	return 0;
}

/* Mark the slot behind the new ones as the last, unless it is. */
static int end_directory(struct fat_volume *volume, uint32_t directory, uint32_t slot)
{
	uint64_t offset;
	uint8_t mark;
	int error = slot_offset(volume, directory, slot, &offset);

	if (error != 0)
		return error == -ENODATA ? 0 : error;
	error = medium_read(&volume->medium, offset, &mark, 1);
	if (error != 0 || mark == SLOT_LAST)
		return error;
	mark = SLOT_LAST;
	error = medium_write(&volume->medium, offset, &mark, 1);
	return error == 0 ? medium_flush(&volume->medium) : error;
}

int fat_directory_add(struct fat_volume *volume, uint32_t directory, struct kv_key name,
                      const struct fat_entry *entry)
{
	uint8_t *slots = NULL;
	uint32_t first = 0;
	bool beyond = false;
	int made = make_slots(volume, directory, name, entry, &slots);

	if (made < 0)
		return made;
	uint32_t count = (uint32_t)made;
	int error = find_slots(volume, directory, count, &first, &beyond);

	if (error == 0 && beyond)
		error = end_directory(volume, directory, first + count);
	/* The last slot makes the others count. */
	if (error == 0 && count > 1)
		error = write_slots(volume, directory, first, slots, count - 1);
	if (error == 0 && count > 1)
		error = medium_flush(&volume->medium);
	if (error == 0)
		error = write_slots(volume, directory, first + count - 1,
		                    slots + (size_t)(count - 1) * SLOT_SIZE, 1);
	free(slots);
	return error == 0 ? medium_flush(&volume->medium) : error;
}

int fat_entry_update(struct fat_volume *volume, const struct fat_entry *entry)
{
	uint8_t slot[SLOT_SIZE];
	uint64_t offset = 0;
	int error = slot_offset(volume, entry->directory, entry->slot, &offset);

	if (error == 0)
		error = medium_read(&volume->medium, offset, slot, SLOT_SIZE);
	if (error != 0)
		return error;
	write_fields(volume, entry, slot);
	return medium_write(&volume->medium, offset, slot, SLOT_SIZE);
}

int fat_entry_delete(struct fat_volume *volume, const struct fat_entry *entry)
{
	static const uint8_t mark = SLOT_FREE;
	int error = 0;

	for (uint32_t i = 0; i < entry->slot_count && error == 0; i++) {
		uint64_t offset = 0;

		error = slot_offset(volume, entry->directory, entry->slot - i, &offset);
		if (error == 0)
			error = medium_write(&volume->medium, offset, &mark, 1);
		/* Its own slot first: a long name alone means nothing. */
		if (error == 0 && i == 0)
			error = medium_flush(&volume->medium);
	}
	return error == 0 ? medium_flush(&volume->medium) : error;
}

void fat_directory_init(const struct fat_volume *volume, uint32_t parent, uint32_t cluster,
                        nanoseconds modified, uint8_t slots[2 * SLOT_SIZE])
{
	struct fat_entry self = { .is_directory = true, .cluster = cluster, .modified = modified };
	struct fat_entry above = self;

	/* The root directory is 0 here, wherever it is. */
	above.cluster = parent == volume->root_cluster ? 0 : parent;
	make_slot(volume, &self, (const uint8_t *)".          ", 0, slots);
	make_slot(volume, &above, (const uint8_t *)"..         ", 0, slots + SLOT_SIZE);
}
