// SPDX-License-Identifier: ISC
/* Metadata blocks: reading the log, and writing it anew. */
#include "storage/littlefs/metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/block/crc32.h"
#include "storage/kv/little_endian.h"

/* Tags. */
enum {
	TYPE_NAME = 0,
	TYPE_STRUCT = 2,
	TYPE_ATTRIBUTE = 3,
	TYPE_SPLICE = 4,
	TYPE_CRC = 5,
	TYPE_TAIL = 6,
	TYPE_GLOBAL = 7,

	CHUNK_CREATE = 0x01,
	CHUNK_DELETE = 0xff,
	CHUNK_CRC_MASK = 0x80, /* unset in checksums of commits, set in those of what follows */
	CHUNK_MOVE = 0xff,

	LENGTH_DELETED = 0x3ff,
	COMMIT_ALIGNMENT = 16,
	SPARE = 64, /* bytes that are left free, for implementations that add to what we wrote */
};

/* CRC-32 as littlefs has it: not inverted at the end. */
static uint32_t crc_of(const struct littlefs_sums *sums, uint32_t crc, const uint8_t *bytes,
                       size_t length)
{
	return ~crc32_update_by(sums->tables, ~crc, bytes, length);
}

void littlefs_sums_init(struct littlefs_sums *sums)
{
	crc32_tables_make(sums->tables);
}

static uint32_t get_be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

struct tag {
	unsigned type; /* of the three bits */
	unsigned chunk;
	unsigned id;
	unsigned length; /* of the bytes, 0 for LENGTH_DELETED */
	bool deleted;
	const uint8_t *bytes;
};

struct cursor {
	const uint8_t *block;
	size_t size;
	size_t at;
	uint32_t last;
};

/* Take the next tag. False: there is none. */
static bool next_tag(struct cursor *cursor, struct tag *tag)
{
	if (cursor->size - cursor->at < 4)
		return false;
	uint32_t number = get_be32(cursor->block + cursor->at) ^ cursor->last;
	unsigned length = number & 0x3ff;

	*tag = (struct tag){
		.type = number >> 28 & 7,
		.chunk = number >> 20 & 0xff,
		.id = number >> 10 & 0x3ff,
		.length = length == LENGTH_DELETED ? 0 : length,
		.deleted = length == LENGTH_DELETED,
		.bytes = cursor->block + cursor->at + 4,
	};
	if (number >> 31 != 0 || tag->length > cursor->size - cursor->at - 4)
		return false;
	cursor->last = number;
	cursor->at += 4 + tag->length;
	if (tag->type == TYPE_CRC && (tag->chunk & CHUNK_CRC_MASK) == 0)
		cursor->last ^= (tag->chunk & 1u) << 31;
	return true;
}

static bool ends_commit(const struct tag *tag)
{
	return tag->type == TYPE_CRC && (tag->chunk & CHUNK_CRC_MASK) == 0;
}

/* Where the last commit ends that is whole; 0 if none is. */
static size_t end_of_commits(const struct littlefs_sums *sums, const uint8_t *block, size_t size,
                             uint32_t *checksum)
{
	struct cursor cursor = { .block = block, .size = size, .at = 4, .last = 0xffffffff };
	struct tag tag;
	uint32_t crc = crc_of(sums, 0xffffffff, block, 4);
	size_t end = 0;

	for (size_t start = cursor.at; next_tag(&cursor, &tag); start = cursor.at) {
		crc = crc_of(sums, crc, block + start, 4);
		if (!ends_commit(&tag)) {
			crc = crc_of(sums, crc, tag.bytes, tag.length);
			continue;
		}
		if (tag.length < 4 || get_le32(tag.bytes) != crc)
			break;
		end = cursor.at;
		*checksum = crc;
		crc = 0xffffffff;
	}
	return end;
}

/* ------------------------------------------------------------------ entries */

int littlefs_metadata_insert(struct littlefs_metadata *metadata, size_t position)
{
	if (metadata->count == LITTLEFS_ENTRIES_MAX)
		return -ENOSPC;
	if (metadata->count == metadata->room) {
		size_t room = metadata->room > 0 ? metadata->room * 2 : 32;
		void *entries = reallocarray(metadata->entries, room, sizeof(*metadata->entries));

		if (entries == NULL)
			return -ENOMEM;
		metadata->entries = entries;
		metadata->room = room;
	}
	memmove(&metadata->entries[position + 1], &metadata->entries[position],
	        (metadata->count - position) * sizeof(*metadata->entries));
	metadata->entries[position] = (struct littlefs_entry){ .type = 0 };
	metadata->count++;
	return 0;
}

static void free_attributes(struct littlefs_entry *entry)
{
	while (entry->attributes != NULL) {
		struct littlefs_attribute *next = entry->attributes->next;

		free(entry->attributes);
		entry->attributes = next;
	}
}

void littlefs_metadata_remove(struct littlefs_metadata *metadata, size_t position)
{
	free_attributes(&metadata->entries[position]);
	metadata->count--;
	memmove(&metadata->entries[position], &metadata->entries[position + 1],
	        (metadata->count - position) * sizeof(*metadata->entries));
}

void littlefs_metadata_fini(struct littlefs_metadata *metadata)
{
	for (size_t i = 0; i < metadata->count; i++)
		free_attributes(&metadata->entries[i]);
	free(metadata->entries);
	free(metadata->block);
	*metadata = (struct littlefs_metadata){ .count = 0 };
}

const struct littlefs_attribute *littlefs_attribute_find(const struct littlefs_entry *entry,
                                                         uint8_t type)
{
	for (const struct littlefs_attribute *a = entry->attributes; a != NULL; a = a->next)
		if (a->type == type)
			return a;
	return NULL;
}

int littlefs_attribute_set(struct littlefs_entry *entry, uint8_t type, struct littlefs_bytes value)
{
	for (struct littlefs_attribute *a = entry->attributes; a != NULL; a = a->next)
		if (a->type == type) {
			a->value = value;
			return 0;
		}
	struct littlefs_attribute *attribute = malloc(sizeof(*attribute));

	if (attribute == NULL)
		return -ENOMEM;
	*attribute = (struct littlefs_attribute){ .type = type,
		                                  .value = value,
		                                  .next = entry->attributes };
	entry->attributes = attribute;
	return 0;
}

static void attribute_remove(struct littlefs_entry *entry, uint8_t type)
{
	for (struct littlefs_attribute **a = &entry->attributes; *a != NULL; a = &(*a)->next)
		if ((*a)->type == type) {
			struct littlefs_attribute *removed = *a;

			*a = removed->next;
			free(removed);
			return;
		}
}

/* ------------------------------------------------------------------ reading */

/* The entry of an id, made if it is the next one: an entry need not have been created. */
static int entry_of(struct littlefs_metadata *metadata, unsigned id, struct littlefs_entry **entry)
{
	int error = 0;

	if (id >= LITTLEFS_ENTRIES_MAX)
		return -EBADMSG;
	while (error == 0 && metadata->count <= id)
		error = littlefs_metadata_insert(metadata, metadata->count);
	*entry = &metadata->entries[id];
	return error;
}

static struct littlefs_bytes bytes_of(const struct tag *tag)
{
	return (struct littlefs_bytes){ .bytes = tag->bytes, .length = (uint16_t)tag->length };
}

static int apply_splice(struct littlefs_metadata *metadata, const struct tag *tag)
{
	if (tag->chunk == CHUNK_CREATE && tag->id <= metadata->count)
		return littlefs_metadata_insert(metadata, tag->id);
	if (tag->chunk == CHUNK_DELETE && tag->id < metadata->count) {
		littlefs_metadata_remove(metadata, tag->id);
		return 0;
	}
	return -EBADMSG;
}

/* What concerns the pair and not an entry. */
static int apply_to_pair(struct littlefs_metadata *metadata, const struct tag *tag)
{
	if (tag->type == TYPE_TAIL && tag->length == 8) {
		metadata->tail.block[0] = get_le32(tag->bytes);
		metadata->tail.block[1] = get_le32(tag->bytes + 4);
		metadata->hard = (tag->chunk & 1) != 0;
	} else if (tag->type == TYPE_GLOBAL && tag->chunk == CHUNK_MOVE && tag->length == 12) {
		for (unsigned i = 0; i < 3; i++)
			metadata->delta[i] = get_le32(tag->bytes + 4 * (size_t)i);
	}
	return 0;
}

static int apply(struct littlefs_metadata *metadata, const struct tag *tag)
{
	struct littlefs_entry *entry;

	if (tag->type == TYPE_SPLICE)
		return apply_splice(metadata, tag);
	if (tag->type != TYPE_NAME && tag->type != TYPE_STRUCT && tag->type != TYPE_ATTRIBUTE)
		return apply_to_pair(metadata, tag);
	if (tag->id == LITTLEFS_ID_NONE)
		return 0;
	int error = entry_of(metadata, tag->id, &entry);

	if (error != 0)
		return error;
	if (tag->type == TYPE_NAME) {
		entry->type = (uint8_t)tag->chunk;
		entry->name = bytes_of(tag);
	} else if (tag->type == TYPE_STRUCT) {
		entry->structure = (uint8_t)tag->chunk;
		entry->data = bytes_of(tag);
	} else if (tag->deleted) {
		attribute_remove(entry, (uint8_t)tag->chunk);
	} else {
		return littlefs_attribute_set(entry, (uint8_t)tag->chunk, bytes_of(tag));
	}
	return 0;
}

int littlefs_metadata_parse(struct littlefs_metadata *metadata, const struct littlefs_sums *sums,
                            uint8_t *block, size_t size, size_t *end)
{
	struct cursor cursor = { .block = block, .at = 4, .last = 0xffffffff };
	struct tag tag;
	int error = 0;

	metadata->block = block;
	metadata->tail = (struct littlefs_pair){ { LITTLEFS_NULL, LITTLEFS_NULL } };
	metadata->revision = get_le32(block);
	if (*end == 0)
		*end = end_of_commits(sums, block, size, &metadata->checksum);
	if (*end == 0)
		return -ENODATA;
	cursor.size = *end;
	while (error == 0 && next_tag(&cursor, &tag))
		error = apply(metadata, &tag);
	return error == -ENOSPC ? -EBADMSG : error;
}

/* ------------------------------------------------------------------ writing */

struct writer {
	uint8_t *block;
	size_t size;
	size_t at;
	uint32_t last;
};

static int put_tag(struct writer *writer, unsigned type, unsigned chunk, unsigned id,
                   const uint8_t *bytes, size_t length)
{
	uint32_t tag = type << 28 | chunk << 20 | id << 10 | (uint32_t)length;
	uint32_t number = tag ^ writer->last;

	if (length > LITTLEFS_LENGTH_MAX || writer->size - writer->at < 4 + length + SPARE)
		return -ENOSPC;
	for (unsigned i = 0; i < 4; i++)
		writer->block[writer->at + i] = (uint8_t)(number >> (24 - 8 * i));
	if (length > 0)
		memcpy(writer->block + writer->at + 4, bytes, length);
	writer->at += 4 + length;
	writer->last = tag;
	return 0;
}

static int put_entry(struct writer *writer, const struct littlefs_entry *entry, unsigned id)
{
	int error =
		put_tag(writer, TYPE_NAME, entry->type, id, entry->name.bytes, entry->name.length);

	if (error == 0)
		error = put_tag(writer, TYPE_STRUCT, entry->structure, id, entry->data.bytes,
		                entry->data.length);
	for (const struct littlefs_attribute *a = entry->attributes; a != NULL && error == 0;
	     a = a->next)
		error = put_tag(writer, TYPE_ATTRIBUTE, a->type, id, a->value.bytes,
		                a->value.length);
	return error;
}

/* End the commit. Nothing says that what follows is erased, so others write the block anew. */
static void put_crc(const struct littlefs_sums *sums, struct writer *writer)
{
	size_t end = (writer->at + 8 + COMMIT_ALIGNMENT - 1) / COMMIT_ALIGNMENT * COMMIT_ALIGNMENT;
	uint8_t *bytes = writer->block + writer->at + 4;
	uint32_t tag = (uint32_t)TYPE_CRC << 28 | LITTLEFS_ID_NONE << 10 |
	               (uint32_t)(end - writer->at - 4);
	uint32_t number = tag ^ writer->last;

	for (unsigned i = 0; i < 4; i++)
		writer->block[writer->at + i] = (uint8_t)(number >> (24 - 8 * i));
	put_le32(bytes, crc_of(sums, 0xffffffff, writer->block, writer->at + 4));
}

int littlefs_metadata_make(const struct littlefs_metadata *metadata,
                           const struct littlefs_sums *sums, size_t first, size_t end,
                           uint8_t *block, size_t size)
{
	struct writer writer = { .block = block, .size = size, .at = 4, .last = 0xffffffff };
	uint8_t bytes[12];
	int error = 0;

	memset(block, 0xff, size);
	put_le32(block, metadata->revision);
	for (size_t i = first; i < end && error == 0; i++)
		error = put_entry(&writer, &metadata->entries[i], (unsigned)(i - first));
	put_le32(bytes, metadata->tail.block[0]);
	put_le32(bytes + 4, metadata->tail.block[1]);
	if (error == 0 && metadata->tail.block[0] != LITTLEFS_NULL)
		error = put_tag(&writer, TYPE_TAIL, metadata->hard, LITTLEFS_ID_NONE, bytes, 8);
	for (unsigned i = 0; i < 3; i++)
		put_le32(bytes + 4 * (size_t)i, metadata->delta[i]);
	if (error == 0 && (metadata->delta[0] | metadata->delta[1] | metadata->delta[2]) != 0)
		error = put_tag(&writer, TYPE_GLOBAL, CHUNK_MOVE, LITTLEFS_ID_NONE, bytes, 12);
	if (error == 0)
		put_crc(sums, &writer);
	return error;
}
