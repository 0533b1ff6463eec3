// SPDX-License-Identifier: ISC
/* Volumes: opening and making them, reading and writing pairs, and free blocks. */
#include "storage/littlefs/volume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"
#include "storage/littlefs/list.h"

enum {
	BLOCK_SIZE_MIN = 128,
	BLOCK_SIZE_MAX = 1 << 20,
	SUPERBLOCK_SIZE = 24,
	VERSION_MAJOR = 2,
	VERSION_MINOR = 1,
};

static const char magic[8] = "littlefs";
static const char no_superblock[] = "no littlefs volume: no superblock";

int littlefs_read(struct littlefs_volume *volume, uint32_t block, uint32_t offset, void *bytes,
                  size_t length)
{
	return medium_read(&volume->medium, (uint64_t)block * volume->block_size + offset, bytes,
	                   length);
}

int littlefs_write(struct littlefs_volume *volume, uint32_t block, const void *bytes)
{
	return medium_write(&volume->medium, (uint64_t)block * volume->block_size, bytes,
	                    volume->block_size);
}

bool littlefs_pair_of(const struct littlefs_volume *volume, const struct littlefs_entry *entry,
                      struct littlefs_pair *pair)
{
	if (entry->structure != LITTLEFS_PAIR || entry->data.length != 8)
		return false;
	pair->block[0] = get_le32(entry->data.bytes);
	pair->block[1] = get_le32(entry->data.bytes + 4);
	return littlefs_is_block(volume, pair->block[0]) &&
	       littlefs_is_block(volume, pair->block[1]);
}

/* ------------------------------------------------------------------ pairs */

/* Read one block of a pair. */
static int fetch_block(struct littlefs_volume *volume, struct littlefs_pair pair, unsigned which,
                       struct littlefs_metadata *metadata)
{
	uint8_t *block = malloc(volume->block_size);

	*metadata = (struct littlefs_metadata){ .count = 0 };
	if (block == NULL)
		return -ENOMEM;
	int error = littlefs_read(volume, pair.block[which], 0, block, volume->block_size);

	if (error != 0) {
		free(block);
		return error;
	}
	error = littlefs_metadata_parse(metadata, block, volume->block_size);
	metadata->pair = (struct littlefs_pair){ { pair.block[which], pair.block[which ^ 1] } };
	if (error != 0)
		littlefs_metadata_fini(metadata);
	return error;
}

int littlefs_fetch(struct littlefs_volume *volume, struct littlefs_pair pair,
                   struct littlefs_metadata *metadata)
{
	uint8_t revision[2][4];

	if (!littlefs_is_block(volume, pair.block[0]) ||
	    !littlefs_is_block(volume, pair.block[1]) || pair.block[0] == pair.block[1])
		return -EBADMSG;
	for (unsigned i = 0; i < 2; i++) {
		int error = littlefs_read(volume, pair.block[i], 0, revision[i], 4);

		if (error != 0)
			return error;
	}
	/* Revisions go round. */
	bool second = (int32_t)(get_le32(revision[1]) - get_le32(revision[0])) > 0;
	int error = fetch_block(volume, pair, second, metadata);

	if (error == -ENODATA)
		error = fetch_block(volume, pair, !second, metadata);
	return error == -ENODATA ? -EBADMSG : error;
}

int littlefs_write_new(struct littlefs_volume *volume, struct littlefs_metadata *metadata)
{
	uint8_t *block = malloc(volume->block_size);

	if (block == NULL)
		return -ENOMEM;
	/* Whatever the other block held must not seem later. */
	memset(block, 0xff, volume->block_size);
	int error = littlefs_write(volume, metadata->pair.block[1], block);

	if (error == 0)
		error = littlefs_metadata_make(metadata, 0, metadata->count, block,
		                               volume->block_size);
	if (error == 0)
		error = littlefs_write(volume, metadata->pair.block[0], block);
	free(block);
	return error == 0 ? medium_flush(&volume->medium) : error;
}

/* True if entries from `first` up to `end` fit into a block. */
static bool fits(const struct littlefs_metadata *metadata, size_t first, size_t end, uint8_t *block,
                 size_t size)
{
	struct littlefs_metadata part = *metadata;

	part.hard = true;
	if (part.tail.block[0] == LITTLEFS_NULL)
		part.tail = part.pair;
	return littlefs_metadata_make(&part, first, end, block, size) == 0;
}

/* Where to divide the entries so that both parts fit, as near the middle as can be; 0: nowhere. */
static size_t find_division(const struct littlefs_metadata *metadata, uint8_t *block, size_t size)
{
	for (size_t away = 0; away <= metadata->count / 2; away++)
		for (size_t side = 0; side < 2; side++) {
			size_t at =
				side == 0 ? metadata->count / 2 - away : metadata->count / 2 + away;

			if (at > 0 && at < metadata->count && fits(metadata, 0, at, block, size) &&
			    fits(metadata, at, metadata->count, block, size))
				return at;
		}
	return 0;
}

/* Move the upper entries to a new pair, which becomes the tail. */
static int divide(struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                  uint8_t *block)
{
	size_t at = find_division(metadata, block, volume->block_size);
	struct littlefs_metadata upper = *metadata;

	if (at == 0)
		return -ENOSPC;
	upper.revision = 1;
	upper.entries = metadata->entries + at;
	upper.count = metadata->count - at;
	memset(upper.delta, 0, sizeof(upper.delta));
	int error = littlefs_allocate(volume, &upper.pair.block[0]);

	if (error == 0)
		error = littlefs_allocate(volume, &upper.pair.block[1]);
	if (error == 0)
		error = littlefs_write_new(volume, &upper);
	if (error != 0)
		return error;
	metadata->tail = upper.pair;
	metadata->hard = true;
	return littlefs_metadata_make(metadata, 0, at, block, volume->block_size);
}

int littlefs_commit(struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                    const uint32_t state[3])
{
	uint8_t *block = malloc(volume->block_size);
	struct littlefs_pair pair = metadata->pair;

	if (block == NULL)
		return -ENOMEM;
	for (unsigned i = 0; state != NULL && i < 3; i++)
		metadata->delta[i] ^= state[i] ^ volume->state[i];
	metadata->revision++;
	int error = littlefs_metadata_make(metadata, 0, metadata->count, block, volume->block_size);

	if (error == -ENOSPC)
		error = divide(volume, metadata, block);
	if (error == 0)
		error = medium_flush(&volume->medium);
	if (error == 0)
		error = littlefs_write(volume, pair.block[1], block);
	if (error == 0)
		error = medium_flush(&volume->medium);
	if (error == 0) {
		metadata->pair = (struct littlefs_pair){ { pair.block[1], pair.block[0] } };
		if (state != NULL)
			memcpy(volume->state, state, sizeof(volume->state));
	}
	free(block);
	return error;
}

int littlefs_for_each_pair(struct littlefs_volume *volume,
                           int (*visit)(void *context, struct littlefs_metadata *metadata),
                           void *context)
{
	struct littlefs_pair pair = { { 0, 1 } };

	for (uint32_t seen = 0; pair.block[0] != LITTLEFS_NULL; seen++) {
		struct littlefs_metadata metadata;

		if (seen > volume->block_count / 2)
			return -EBADMSG;
		int result = littlefs_fetch(volume, pair, &metadata);

		if (result != 0)
			return result;
		pair = metadata.tail;
		result = visit(context, &metadata);
		littlefs_metadata_fini(&metadata);
		if (result != 0)
			return result;
	}
	return 0;
}

/* ------------------------------------------------------------------ free blocks */

/* Mark a block as used. 1: it was. */
static int mark(void *context, uint32_t block)
{
	struct littlefs_volume *volume = context;
	uint8_t bit = (uint8_t)(1u << block % 8);

	if ((volume->used[block / 8] & bit) != 0)
		return 1;
	volume->used[block / 8] |= bit;
	return 0;
}

static int mark_pair(void *context, struct littlefs_metadata *metadata)
{
	struct littlefs_volume *volume = context;
	int error = 0;

	if (mark(volume, metadata->pair.block[0]) != 0 ||
	    mark(volume, metadata->pair.block[1]) != 0)
		return -EBADMSG;
	for (size_t i = 0; i < metadata->count && error == 0; i++) {
		const struct littlefs_entry *entry = &metadata->entries[i];

		/* A file that is being moved is there twice: what is marked has all before it
		   marked. */
		if (entry->structure == LITTLEFS_LIST && entry->data.length == 8)
			error = littlefs_list_walk(
				volume,
				(struct littlefs_list){ .head = get_le32(entry->data.bytes),
			                                .size = get_le32(entry->data.bytes + 4) },
				mark, volume);
	}
	return error;
}

int littlefs_scan(struct littlefs_volume *volume)
{
	free(volume->used);
	volume->used = calloc(1, (size_t)volume->block_count / 8 + 1);
	if (volume->used == NULL)
		return -ENOMEM;
	int error = littlefs_for_each_pair(volume, mark_pair, volume);

	if (error != 0) {
		free(volume->used);
		volume->used = NULL;
	}
	return error;
}

int littlefs_allocate(struct littlefs_volume *volume, uint32_t *block)
{
	int error = volume->used == NULL ? littlefs_scan(volume) : 0;

	for (uint32_t i = 0; i < volume->block_count && error == 0; i++) {
		uint32_t at = (volume->next + i) % volume->block_count;

		if (mark(volume, at) != 0)
			continue;
		*block = at;
		volume->next = (at + 1) % volume->block_count;
		return 0;
	}
	return error != 0 ? error : -ENOSPC;
}

/* ------------------------------------------------------------------ the superblock */

static int bad(struct littlefs_volume *volume, const char *problem)
{
	volume->problem = problem;
	return -EBADMSG;
}

static int take_superblock(struct littlefs_volume *volume, const struct littlefs_entry *entry)
{
	if (entry->name.length != sizeof(magic) ||
	    memcmp(entry->name.bytes, magic, sizeof(magic)) != 0 ||
	    entry->structure != LITTLEFS_INLINE || entry->data.length < SUPERBLOCK_SIZE)
		return bad(volume, "the superblock is damaged");
	uint32_t count = get_le32(entry->data.bytes + 8);

	volume->version = get_le32(entry->data.bytes);
	volume->name_max = get_le32(entry->data.bytes + 12);
	volume->file_max = get_le32(entry->data.bytes + 16);
	if (get_le32(entry->data.bytes + 4) != volume->block_size)
		return bad(volume, "the superblock contradicts itself");
	if (count > volume->block_count || count < 2)
		return bad(volume, "cut off: the device is smaller than the volume");
	if (volume->version >> 16 != VERSION_MAJOR || (volume->version & 0xffff) > VERSION_MINOR) {
		volume->problem = "a version of littlefs that is not known here";
		return -ENOTSUP;
	}
	volume->block_count = count;
	return 0;
}

/* The root directory is the last pair that has a superblock; the state is the sum of all. */
static int take_pair(void *context, struct littlefs_metadata *metadata)
{
	struct littlefs_volume *volume = context;
	int error = 0;

	if (metadata->count > 0 && metadata->entries[0].type == LITTLEFS_SUPERBLOCK) {
		volume->root = metadata->pair;
		error = take_superblock(volume, &metadata->entries[0]);
	}
	for (unsigned i = 0; i < 3; i++)
		volume->state[i] ^= metadata->delta[i];
	return error;
}

/* Open the volume as one of blocks of such a size. */
static int open_sized(struct littlefs_volume *volume, uint32_t block_size)
{
	if (block_size < BLOCK_SIZE_MIN || block_size > BLOCK_SIZE_MAX)
		return bad(volume, "blocks of such a size cannot be");
	uint64_t blocks = volume->medium.size / block_size;

	volume->block_size = block_size;
	volume->block_count = blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks;
	volume->root = (struct littlefs_pair){ { LITTLEFS_NULL, LITTLEFS_NULL } };
	memset(volume->state, 0, sizeof(volume->state));
	volume->problem = "the list of directories is damaged";
	int error = littlefs_for_each_pair(volume, take_pair, volume);

	if (error == 0 && volume->root.block[0] == LITTLEFS_NULL)
		return bad(volume, no_superblock);
	return error;
}

/*
 * The first block tells how large they are, or the second, which begins where the first ends. The
 * reference up to 2.9.0 left the first pair without a superblock when that moved on: then any size is
 * it that leads to one which agrees.
 */
static int find_volume(struct littlefs_volume *volume)
{
	uint8_t bytes[28];
	int error = medium_read(&volume->medium, 0, bytes, sizeof(bytes));

	if (error != 0)
		return error == -ERANGE ? bad(volume, "too small for a volume") : error;
	if (memcmp(bytes + 8, magic, sizeof(magic)) == 0)
		return open_sized(volume, get_le32(bytes + 24));
	for (uint32_t size = BLOCK_SIZE_MIN; size <= BLOCK_SIZE_MAX; size *= 2) {
		error = open_sized(volume, size);
		if (error != -EBADMSG)
			return error;
	}
	return bad(volume, no_superblock);
}

int littlefs_open(struct littlefs_volume *volume, const struct block *block)
{
	*volume = (struct littlefs_volume){ .problem = NULL };
	int error = medium_open(&volume->medium, block);

	if (error == 0)
		error = find_volume(volume);
	if (error != 0)
		littlefs_close(volume);
	return error;
}

void littlefs_close(struct littlefs_volume *volume)
{
	medium_close(&volume->medium);
	free(volume->used);
	volume->used = NULL;
}

int littlefs_format(const struct block *block, uint32_t block_size)
{
	static const uint32_t name_max = 255, file_max = 2147483647, attribute_max = 1022;
	struct littlefs_volume volume = { .block_size = block_size };
	uint8_t superblock[SUPERBLOCK_SIZE];
	int error = medium_open(&volume.medium, block);
	uint64_t count = block_size > 0 ? volume.medium.size / block_size : 0;

	if (error == 0 && (block_size < 512 || block_size > BLOCK_SIZE_MAX || count < 2 ||
	                   (block_size & (block_size - 1)) != 0))
		error = -EINVAL;
	volume.block_count = count > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)count;
	put_le32(superblock, (uint32_t)VERSION_MAJOR << 16 | VERSION_MINOR);
	put_le32(superblock + 4, block_size);
	put_le32(superblock + 8, volume.block_count);
	put_le32(superblock + 12, name_max);
	put_le32(superblock + 16, file_max);
	put_le32(superblock + 20, attribute_max);
	struct littlefs_entry entry = {
		.type = LITTLEFS_SUPERBLOCK,
		.structure = LITTLEFS_INLINE,
		.name = { (const uint8_t *)magic, sizeof(magic) },
		.data = { superblock, sizeof(superblock) },
	};
	struct littlefs_metadata metadata = {
		.pair = { { 0, 1 } },
		.revision = 1,
		.entries = &entry,
		.count = 1,
		.tail = { { LITTLEFS_NULL, LITTLEFS_NULL } },
	};

	if (error == 0)
		error = littlefs_write_new(&volume, &metadata);
	medium_close(&volume.medium);
	return error;
}
