// SPDX-License-Identifier: ISC
/* Finding, reading and setting entries. */
#include "storage/littlefs/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"
#include "storage/littlefs/list.h"

enum {
	INLINE_MAX = 64, /* bytes of a file that are kept with its name: any cache holds so many */
};

void littlefs_place_fini(struct littlefs_place *place)
{
	littlefs_metadata_fini(&place->metadata);
}

bool littlefs_moved_away(const struct littlefs_volume *volume,
                         const struct littlefs_metadata *metadata, size_t position)
{
	struct littlefs_pair pair = { { volume->state[1], volume->state[2] } };

	return (volume->state[0] & LITTLEFS_MOVE_MASK) != 0 &&
	       (volume->state[0] >> 10 & 0x3ff) == position &&
	       littlefs_pair_equal(pair, metadata->pair);
}

static bool is_shown(const struct littlefs_volume *volume, const struct littlefs_metadata *metadata,
                     size_t position)
{
	uint8_t type = metadata->entries[position].type;

	return (type == LITTLEFS_FILE || type == LITTLEFS_DIRECTORY) &&
	       !littlefs_moved_away(volume, metadata, position);
}

/* By bytes; but a name comes behind those that it is the beginning of, as the reference has them. */
static int name_order(struct littlefs_bytes name, struct kv_key text)
{
	size_t length = name.length < text.length ? name.length : text.length;
	int order = memcmp(name.bytes, text.text, length);

	if (order != 0 || name.length == text.length)
		return order;
	return name.length > text.length ? -1 : 1;
}

/* Look for a name in one pair, whatever their order. 1: it is or would be here; 0: it may be behind. */
static int look_in_pair(const struct littlefs_volume *volume, struct littlefs_place *place,
                        struct kv_key name)
{
	const struct littlefs_metadata *metadata = &place->metadata;

	place->found = false;
	place->position = metadata->count;
	for (size_t i = 0; i < metadata->count && !place->found; i++) {
		const struct littlefs_entry *entry = &metadata->entries[i];

		if (entry->type == LITTLEFS_SUPERBLOCK || entry->name.bytes == NULL ||
		    littlefs_moved_away(volume, metadata, i))
			continue;
		int order = name_order(entry->name, name);

		place->found = order == 0;
		if (order == 0 || (order > 0 && place->position == metadata->count))
			place->position = i;
	}
	return place->position < metadata->count || !metadata->hard;
}

/* Look for a name in up to `most` pairs of a directory, from `pair` on. 1: they are not all of it. */
static int look_in_pairs(struct littlefs_volume *volume, struct littlefs_pair pair,
                         struct kv_key name, uint32_t most, struct littlefs_place *place)
{
	for (uint32_t seen = 0; seen < most; seen++) {
		int error = littlefs_fetch(volume, pair, &place->metadata);

		if (error != 0)
			return error;
		if (look_in_pair(volume, place, name) != 0)
			return 0;
		pair = place->metadata.tail;
		littlefs_place_fini(place);
	}
	return 1;
}

/*
 * Look for a name in a directory. Whoever goes through a long one asks for names one after the other: so
 * first where the last one was. Only what is found there counts.
 */
static int look_in_directory(struct littlefs_volume *volume, struct littlefs_pair pair,
                             struct kv_key name, struct littlefs_place *place)
{
	struct littlefs_hint *hint = &volume->hint;
	int result = 1;

	if (littlefs_pair_equal(hint->directory, pair)) {
		result = look_in_pairs(volume, hint->pair, name, 2, place);
		if (result == 0 && !place->found)
			littlefs_place_fini(place);
	}
	if (result != 0 || !place->found)
		result = look_in_pairs(volume, pair, name, volume->block_count / 2 + 1, place);
	if (result == 0 && place->found && !littlefs_pair_equal(place->metadata.pair, pair))
		*hint = (struct littlefs_hint){ .directory = pair, .pair = place->metadata.pair };
	return result > 0 ? -EBADMSG : result;
}

int littlefs_directory(struct littlefs_volume *volume, struct kv_key key,
                       struct littlefs_pair *pair)
{
	struct kv_key rest = key, segment;
	int error = 0;

	*pair = volume->root;
	while (error == 0 && kv_key_next(&rest, &segment)) {
		struct littlefs_place place;

		error = look_in_directory(volume, *pair, segment, &place);
		if (error != 0)
			return error;
		if (!place.found)
			error = -ENOENT;
		else if (littlefs_entry_at(&place)->type != LITTLEFS_DIRECTORY)
			error = -ENOTDIR;
		else if (!littlefs_pair_of(volume, littlefs_entry_at(&place), pair))
			error = -EBADMSG;
		littlefs_place_fini(&place);
	}
	return error;
}

int littlefs_find(struct littlefs_volume *volume, struct kv_key key, struct littlefs_place *place)
{
	struct littlefs_pair pair;
	int error = littlefs_directory(volume, kv_key_parent(key), &pair);

	return error != 0 ? error : look_in_directory(volume, pair, kv_key_last(key), place);
}

int littlefs_for_each_entry(struct littlefs_volume *volume, struct littlefs_pair pair,
                            int (*visit)(void *context, const struct littlefs_entry *entry),
                            void *context)
{
	bool more = true;
	int result = 0;

	for (uint32_t seen = 0; more && result == 0; seen++) {
		struct littlefs_metadata metadata;

		result = seen > volume->block_count / 2 ? -EBADMSG
		                                        : littlefs_fetch(volume, pair, &metadata);
		if (result != 0)
			return result;
		for (size_t i = 0; i < metadata.count && result == 0; i++)
			if (is_shown(volume, &metadata, i))
				result = visit(context, &metadata.entries[i]);
		more = metadata.hard;
		pair = metadata.tail;
		littlefs_metadata_fini(&metadata);
	}
	return result;
}

uint32_t littlefs_file_size(const struct littlefs_entry *entry)
{
	if (entry->structure == LITTLEFS_INLINE)
		return entry->data.length;
	return entry->structure == LITTLEFS_LIST && entry->data.length == 8
	               ? get_le32(entry->data.bytes + 4)
	               : 0;
}

ssize_t littlefs_file_read(struct littlefs_volume *volume, const struct littlefs_entry *entry,
                           uint64_t offset, void *bytes, size_t length)
{
	uint32_t size = littlefs_file_size(entry);

	if (offset >= size || length == 0)
		return 0;
	if (entry->structure == LITTLEFS_LIST)
		return littlefs_list_read(
			volume,
			(struct littlefs_list){ .head = get_le32(entry->data.bytes), .size = size },
			offset, bytes, length);
	if (length > size - offset)
		length = (size_t)(size - offset);
	memcpy(bytes, entry->data.bytes + offset, length);
	return (ssize_t)length;
}

nanoseconds littlefs_entry_time(const struct littlefs_entry *entry)
{
	const struct littlefs_attribute *time = littlefs_attribute_find(entry, LITTLEFS_TIME);
	uint64_t seconds = 0;

	if (time == NULL || (time->value.length != 4 && time->value.length != 8))
		return 0;
	seconds = get_le32(time->value.bytes);
	if (time->value.length == 8)
		seconds |= (uint64_t)get_le32(time->value.bytes + 4) << 32;
	return duration_of_sec(seconds);
}

/* ------------------------------------------------------------------ setting */

struct filler {
	struct littlefs_volume *volume;
	const struct littlefs_content *content;
};

static int fill(void *context, uint64_t at, uint8_t *bytes, size_t length)
{
	const struct filler *filler = context;
	const struct littlefs_content *content = filler->content;
	uint64_t end = content->offset + content->length;
	uint64_t from = at > content->offset ? at : content->offset;
	uint64_t to = at + length < end ? at + length : end;

	memset(bytes, 0, length);
	if (content->old != NULL) {
		ssize_t count = littlefs_file_read(filler->volume, content->old, at, bytes, length);

		if (count < 0)
			return (int)count;
	}
	if (from < to)
		memcpy(bytes + (from - at), content->bytes + (from - content->offset),
		       (size_t)(to - from));
	return 0;
}

/* What an entry's structure is to hold: the bytes themselves, or the list that has them. */
static int write_content(struct littlefs_volume *volume, const struct littlefs_content *content,
                         uint8_t data[INLINE_MAX], uint8_t *structure, size_t *length)
{
	struct filler filler = { .volume = volume, .content = content };
	struct littlefs_list list;

	if (content->size <= INLINE_MAX) {
		*structure = LITTLEFS_INLINE;
		*length = (size_t)content->size;
		return fill(&filler, 0, data, *length);
	}
	int error = littlefs_list_write(volume, (uint32_t)content->size, fill, &filler, &list);

	if (error != 0)
		return error;
	put_le32(data, list.head);
	put_le32(data + 4, list.size);
	*structure = LITTLEFS_LIST;
	*length = 8;
	return 0;
}

static int put_time(struct littlefs_entry *entry, nanoseconds modified, uint8_t bytes[8])
{
	uint64_t seconds = modified / duration_of_sec(1);

	put_le32(bytes, (uint32_t)seconds);
	put_le32(bytes + 4, (uint32_t)(seconds >> 32));
	return littlefs_attribute_set(entry, LITTLEFS_TIME, (struct littlefs_bytes){ bytes, 8 });
}

/* The last pair of a directory, behind which the next directory is in the list of all. */
static int last_of(struct littlefs_volume *volume, struct littlefs_pair pair,
                   struct littlefs_metadata *last)
{
	for (uint32_t seen = 0; seen <= volume->block_count / 2; seen++) {
		int error = littlefs_fetch(volume, pair, last);

		if (error != 0 || !last->hard)
			return error;
		pair = last->tail;
		littlefs_metadata_fini(last);
	}
	return -EBADMSG;
}

/* Write an empty directory, to be the next in the list behind `before`. */
static int make_pair(struct littlefs_volume *volume, const struct littlefs_metadata *before,
                     struct littlefs_pair *pair)
{
	struct littlefs_metadata made = { .revision = 1, .tail = before->tail };
	int error = littlefs_write_new(volume, &made);

	*pair = made.pair;
	return error;
}

static void set_sync(const struct littlefs_volume *volume, bool needed, uint32_t state[3])
{
	memcpy(state, volume->state, sizeof(volume->state));
	state[0] = needed ? state[0] | LITTLEFS_SYNC : state[0] & ~LITTLEFS_SYNC;
}

/* Put the new directory into the list, behind the last pair of its parent. */
static int link_pair(struct littlefs_volume *volume, struct littlefs_metadata *last,
                     struct littlefs_pair *pair)
{
	uint32_t state[3];
	int error = make_pair(volume, last, pair);

	if (error != 0)
		return error;
	last->tail = *pair;
	set_sync(volume, true, state);
	return littlefs_commit(volume, last, state);
}

static int make_directory(struct littlefs_volume *volume, struct littlefs_place *place,
                          struct kv_key key)
{
	struct kv_key name = kv_key_last(key);
	struct littlefs_metadata last;
	struct littlefs_pair pair;
	uint8_t data[8];
	uint32_t state[3];
	int error;

	if (name.length > volume->name_max || name.length > LITTLEFS_LENGTH_MAX)
		return -ENAMETOOLONG;
	if (place->metadata.hard) {
		error = last_of(volume, place->metadata.tail, &last);
		if (error != 0)
			return error;
		error = link_pair(volume, &last, &pair);
		littlefs_metadata_fini(&last);
		/* That may have moved pairs, and changed this one. */
		littlefs_place_fini(place);
		if (error == 0)
			error = littlefs_find(volume, key, place);
	} else {
		error = make_pair(volume, &place->metadata, &pair);
		place->metadata.tail = pair;
	}
	if (error == 0)
		error = littlefs_metadata_insert(&place->metadata, place->position);
	if (error != 0)
		return error;
	put_le32(data, pair.block[0]);
	put_le32(data + 4, pair.block[1]);
	place->metadata.entries[place->position] = (struct littlefs_entry){
		.type = LITTLEFS_DIRECTORY,
		.structure = LITTLEFS_PAIR,
		.name = { (const uint8_t *)name.text, (uint16_t)name.length },
		.data = { data, sizeof(data) },
	};
	set_sync(volume, false, state);
	return littlefs_commit(volume, &place->metadata, state);
}

int littlefs_make_directories(struct littlefs_volume *volume, struct kv_key key)
{
	struct kv_key rest = kv_key_parent(key), segment;
	int error = 0;

	while (error == 0 && kv_key_next(&rest, &segment)) {
		struct kv_key made = { key.text,
			               (size_t)(segment.text - key.text) + segment.length };
		struct littlefs_place place;

		error = littlefs_find(volume, made, &place);
		if (error != 0)
			return error;
		if (!place.found)
			error = make_directory(volume, &place, made);
		else if (littlefs_entry_at(&place)->type != LITTLEFS_DIRECTORY)
			error = -ENOTDIR;
		littlefs_place_fini(&place);
	}
	return error;
}

/* Put an entry into its place, and in that of a file that is there. */
static int put_entry(struct littlefs_place *place, struct kv_key name, uint8_t type)
{
	struct littlefs_bytes bytes = { (const uint8_t *)name.text, (uint16_t)name.length };

	if (!place->found) {
		int error = littlefs_metadata_insert(&place->metadata, place->position);

		if (error != 0)
			return error;
	}
	struct littlefs_entry *entry = &place->metadata.entries[place->position];

	if (!place->found)
		entry->name = bytes;
	entry->type = type;
	return 0;
}

static int set_in_place(struct littlefs_volume *volume, struct littlefs_place *place,
                        struct kv_key name, const struct littlefs_content *content,
                        nanoseconds modified)
{
	uint8_t data[INLINE_MAX], time[8], structure;
	size_t length;

	if (place->found && littlefs_entry_at(place)->type != LITTLEFS_FILE)
		return -EISDIR;
	int error = write_content(volume, content, data, &structure, &length);

	if (error == 0)
		error = put_entry(place, name, LITTLEFS_FILE);
	if (error != 0)
		return error;
	struct littlefs_entry *entry = &place->metadata.entries[place->position];

	entry->structure = structure;
	entry->data = (struct littlefs_bytes){ data, (uint16_t)length };
	error = put_time(entry, modified, time);
	return error == 0 ? littlefs_commit(volume, &place->metadata, NULL) : error;
}

static int set_once(struct littlefs_volume *volume, struct kv_key key,
                    const struct littlefs_content *content, nanoseconds modified)
{
	struct littlefs_place place;
	int error = littlefs_make_directories(volume, key);

	if (error == 0)
		error = littlefs_find(volume, key, &place);
	if (error != 0)
		return error;
	error = set_in_place(volume, &place, kv_key_last(key), content, modified);
	littlefs_place_fini(&place);
	return error;
}

int littlefs_set(struct littlefs_volume *volume, struct kv_key key,
                 const struct littlefs_content *content, nanoseconds modified)
{
	size_t name = kv_key_last(key).length;

	if (!volume->medium.read_write)
		return -EROFS;
	if (content->size > volume->file_max || content->size > INT32_MAX)
		return -EFBIG;
	if (name > volume->name_max || name > LITTLEFS_LENGTH_MAX)
		return -ENAMETOOLONG;
	int error = set_once(volume, key, content, modified);

	if (error == -ENOSPC) {
		/* Blocks of what was replaced are free by now. */
		error = littlefs_scan(volume);
		if (error == 0)
			error = set_once(volume, key, content, modified);
	}
	return error;
}
