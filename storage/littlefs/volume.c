// SPDX-License-Identifier: ISC
/* Volumes: opening and making them, writing pairs, and free blocks. */
#include "storage/littlefs/volume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"
#include "storage/littlefs/list.h"
#include "storage/littlefs/pairs.h"

enum {
	BLOCK_SIZE_MIN = 128,
	BLOCK_SIZE_MAX = 1 << 20,
	SUPERBLOCK_SIZE = 24,
	COMPARE_BYTES = 16 << 10, /* at once */
	CYCLES = 1000,
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

/* 0 if the device has these bytes, -EIO if not. */
static int compare(struct littlefs_volume *volume, uint64_t offset, const uint8_t *bytes,
                   size_t length)
{
	size_t room = length < COMPARE_BYTES ? length : COMPARE_BYTES;
	uint8_t *read = malloc(room);
	int error = read != NULL ? 0 : -ENOMEM;

	for (size_t at = 0; at < length && error == 0; at += room) {
		size_t count = length - at < room ? length - at : room;

		error = medium_read(&volume->medium, offset + at, read, count);
		if (error == -EBADMSG || (error == 0 && memcmp(read, bytes + at, count) != 0))
			error = -EIO;
	}
	free(read);
	return error;
}

int littlefs_write(struct littlefs_volume *volume, uint32_t block, const uint8_t *bytes,
                   uint32_t count)
{
	uint64_t offset = (uint64_t)block * volume->block_size;
	size_t length = (size_t)count * volume->block_size;
	int error = medium_write(&volume->medium, offset, bytes, length);

	return error == 0 ? compare(volume, offset, bytes, length) : error;
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

/* Write to a free block. */
static int write_free(struct littlefs_volume *volume, const uint8_t *bytes, uint32_t *block)
{
	int error = -EIO;

	for (unsigned bad = 0; error == -EIO && bad < LITTLEFS_BAD_MAX; bad++) {
		uint32_t count;

		error = littlefs_allocate_run(volume, 1, block, &count);
		if (error == 0) {
			littlefs_forget(volume, (struct littlefs_pair){ { *block, *block } });
			error = littlefs_write(volume, *block, bytes, 1);
		}
	}
	return error;
}

int littlefs_write_new(struct littlefs_volume *volume, struct littlefs_metadata *metadata)
{
	uint8_t *block = malloc(volume->block_size);

	if (block == NULL)
		return -ENOMEM;
	/* Whatever the other block held must not seem later. */
	memset(block, 0xff, volume->block_size);
	int error = write_free(volume, block, &metadata->pair.block[1]);

	if (error == 0)
		error = littlefs_metadata_make(metadata, volume->sums, 0, metadata->count, block,
		                               volume->block_size);
	if (error == 0)
		error = write_free(volume, block, &metadata->pair.block[0]);
	free(block);
	return error == 0 ? medium_flush(&volume->medium) : error;
}

/* True if entries from `first` up to `end` fit into a block. */
static bool fits(const struct littlefs_metadata *metadata, const struct littlefs_sums *sums,
                 size_t first, size_t end, uint8_t *block, size_t size)
{
	struct littlefs_metadata part = *metadata;

	part.hard = true;
	if (part.tail.block[0] == LITTLEFS_NULL)
		part.tail = part.pair;
	return littlefs_metadata_make(&part, sums, first, end, block, size) == 0;
}

/* Where to divide the entries so that both parts fit, as near the middle as can be; 0: nowhere. */
static size_t find_division(const struct littlefs_metadata *metadata,
                            const struct littlefs_sums *sums, uint8_t *block, size_t size)
{
	for (size_t away = 0; away <= metadata->count / 2; away++)
		for (size_t side = 0; side < 2; side++) {
			size_t at =
				side == 0 ? metadata->count / 2 - away : metadata->count / 2 + away;

			if (at > 0 && at < metadata->count &&
			    fits(metadata, sums, 0, at, block, size) &&
			    fits(metadata, sums, at, metadata->count, block, size))
				return at;
		}
	return 0;
}

/* Move the upper entries to a new pair, which becomes the tail; the lower ones end at `*end`. */
static int divide(struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                  uint8_t *block, size_t *end)
{
	size_t at = find_division(metadata, volume->sums, block, volume->block_size);
	struct littlefs_metadata upper = *metadata;

	if (at == 0)
		return -ENOSPC;
	upper.revision = 1;
	upper.entries = metadata->entries + at;
	upper.count = metadata->count - at;
	memset(upper.delta, 0, sizeof(upper.delta));
	int error = littlefs_write_new(volume, &upper);

	if (error != 0)
		return error;
	metadata->tail = upper.pair;
	metadata->hard = true;
	*end = at;
	return littlefs_metadata_make(metadata, volume->sums, 0, at, block, volume->block_size);
}

/* The first pair cannot move: it is where everything begins. */
static bool can_move(struct littlefs_pair pair)
{
	return !littlefs_pair_equal(pair, (struct littlefs_pair){ { 0, 1 } });
}

/* Have a pair add to the global state what makes it `state`, or, once more, no longer. */
static void change_state(const struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                         const uint32_t state[3])
{
	for (unsigned i = 0; i < 3; i++)
		metadata->delta[i] ^= state[i] ^ volume->state[i];
}

/*
 * Write the entries up to `end` to a free block instead, as a new block of the pair. What they add to
 * the global state stays as it was on the disk: those who lead here now change it when they say so.
 */
static int move(struct littlefs_volume *volume, struct littlefs_metadata *metadata, size_t end,
                uint8_t *block, const uint32_t state[3])
{
	struct littlefs_pair old = metadata->pair;
	uint32_t free_block;

	change_state(volume, metadata, state);
	int error =
		littlefs_metadata_make(metadata, volume->sums, 0, end, block, volume->block_size);

	if (error == 0)
		error = write_free(volume, block, &free_block);
	if (error == 0)
		error = medium_flush(&volume->medium);
	if (error != 0)
		return error;
	metadata->pair = (struct littlefs_pair){ { free_block, old.block[0] } };
	return littlefs_replace_pair(volume, old, metadata->pair, state);
}

/* Write what `block` holds to the pair. -EIO: to another block then. */
static int write_pair(struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                      const uint8_t *block, const uint32_t state[3])
{
	struct littlefs_pair pair = metadata->pair;
	littlefs_forget(volume, pair);
	int error = littlefs_write(volume, pair.block[1], block, 1);

	if (error == 0)
		error = medium_flush(&volume->medium);
	if (error != 0)
		return error;
	metadata->pair = (struct littlefs_pair){ { pair.block[1], pair.block[0] } };
	memcpy(volume->state, state, sizeof(volume->state));
	return 0;
}

/* Write the pair where it is after all: there is no room for it elsewhere. */
static int stay(struct littlefs_volume *volume, struct littlefs_metadata *metadata, size_t end,
                uint8_t *block, const uint32_t state[3])
{
	change_state(volume, metadata, state);
	int error =
		littlefs_metadata_make(metadata, volume->sums, 0, end, block, volume->block_size);

	return error == 0 ? write_pair(volume, metadata, block, state) : error;
}

int littlefs_commit(struct littlefs_volume *volume, struct littlefs_metadata *metadata,
                    const uint32_t state[3])
{
	uint8_t *block = malloc(volume->block_size);
	uint32_t wanted[3];
	size_t end = metadata->count;

	if (block == NULL)
		return -ENOMEM;
	memcpy(wanted, state != NULL ? state : volume->state, sizeof(wanted));
	change_state(volume, metadata, wanted);
	metadata->revision++;
	int error =
		littlefs_metadata_make(metadata, volume->sums, 0, end, block, volume->block_size);

	if (error == -ENOSPC)
		error = divide(volume, metadata, block, &end);
	if (error == 0)
		error = medium_flush(&volume->medium);
	uint32_t moved = volume->moved;
	bool moves = can_move(metadata->pair);
	bool worn = moves && metadata->revision % volume->cycles == 0 && volume->moving == 0;

	if (error == 0 && !worn)
		error = write_pair(volume, metadata, block, wanted);
	if ((error == -EIO && moves) || (error == 0 && worn))
		error = move(volume, metadata, end, block, wanted);
	if (worn && error == -ENOSPC && volume->moved == moved)
		error = stay(volume, metadata, end, block, wanted);
	free(block);
	return error;
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

	for (unsigned i = 0; i < 2; i++)
		error_ignore(mark(volume, metadata->pair.block[i]), "it may be known already");
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

	/* The list may have an old state of a pair that moved. */
	if (error == 0 && (volume->state[0] & LITTLEFS_SYNC) != 0)
		error = littlefs_for_each_of_tree(volume, mark_pair, volume);
	if (error != 0) {
		free(volume->used);
		volume->used = NULL;
	}
	return error;
}

static bool is_used(const struct littlefs_volume *volume, uint32_t block)
{
	return (volume->used[block / 8] & 1u << block % 8) != 0;
}

int littlefs_allocate_run(struct littlefs_volume *volume, uint32_t most, uint32_t *first,
                          uint32_t *count)
{
	int error = volume->used == NULL ? littlefs_scan(volume) : 0;
	uint32_t at = volume->next, seen = 0;

	if (error != 0)
		return error;
	for (; seen < volume->block_count && is_used(volume, at); seen++)
		at = (at + 1) % volume->block_count;
	if (seen == volume->block_count)
		return -ENOSPC;
	*first = at;
	for (*count = 0; *count < most && at < volume->block_count && mark(volume, at) == 0; at++)
		++*count;
	volume->next = at % volume->block_count;
	return 0;
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
	/* Where to begin to look for free blocks differs each time, so that all are worn alike. */
	volume->next = (volume->next ^ metadata->checksum) * 2654435761u;
	return error;
}

/* Open the volume as one of blocks of such a size. */
static int open_sized(struct littlefs_volume *volume, uint32_t block_size)
{
	if (block_size < BLOCK_SIZE_MIN || block_size > BLOCK_SIZE_MAX)
		return bad(volume, "blocks of such a size cannot be");
	uint64_t blocks = volume->medium.size / block_size;

	littlefs_forget_all(volume);
	volume->block_size = block_size;
	volume->block_count = blocks > UINT32_MAX ? UINT32_MAX : (uint32_t)blocks;
	volume->cycles = CYCLES;
	volume->next = 0;
	volume->root = (struct littlefs_pair){ { LITTLEFS_NULL, LITTLEFS_NULL } };
	memset(volume->state, 0, sizeof(volume->state));
	volume->problem = "the list of directories is damaged";
	int error = littlefs_for_each_pair(volume, take_pair, volume);

	volume->next %= volume->block_count > 0 ? volume->block_count : 1;
	if (error == 0 && volume->root.block[0] == LITTLEFS_NULL)
		return bad(volume, no_superblock);
	if (error == 0)
		volume->problem = NULL;
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

	if (error == -ERANGE)
		return bad(volume, "too small for a volume");
	if (error != 0 && !littlefs_is_lost(error))
		return error;
	if (error == 0 && memcmp(bytes + 8, magic, sizeof(magic)) == 0)
		return open_sized(volume, get_le32(bytes + 24));
	for (uint32_t size = BLOCK_SIZE_MIN; size <= BLOCK_SIZE_MAX; size *= 2) {
		int opened = open_sized(volume, size);

		if (!littlefs_is_lost(opened))
			return opened;
	}
	return error != 0 ? error : bad(volume, no_superblock);
}

static int open_medium(struct littlefs_volume *volume, const struct block *block)
{
	int error = medium_open(&volume->medium, block);

	if (error != 0)
		return error;
	volume->sums = malloc(sizeof(*volume->sums));
	if (volume->sums == NULL)
		return -ENOMEM;
	littlefs_sums_init(volume->sums);
	return 0;
}

int littlefs_open(struct littlefs_volume *volume, const struct block *block)
{
	*volume = (struct littlefs_volume){ .problem = NULL };
	int error = open_medium(volume, block);

	if (error == 0)
		error = find_volume(volume);
	if (error != 0)
		littlefs_close(volume);
	return error;
}

void littlefs_close(struct littlefs_volume *volume)
{
	medium_close(&volume->medium);
	littlefs_forget_all(volume);
	free(volume->used);
	volume->used = NULL;
	free(volume->sums);
	volume->sums = NULL;
}

/* Write the pair that has no other place. */
static int write_first(struct littlefs_volume *volume, const struct littlefs_metadata *metadata)
{
	uint8_t *blocks = malloc(2 * (size_t)volume->block_size);
	int error = blocks != NULL ? 0 : -ENOMEM;

	if (error == 0) {
		memset(blocks + volume->block_size, 0xff, volume->block_size);
		error = littlefs_metadata_make(metadata, volume->sums, 0, metadata->count, blocks,
		                               volume->block_size);
	}
	if (error == 0)
		error = littlefs_write(volume, 0, blocks, 2);
	free(blocks);
	return error == 0 ? medium_flush(&volume->medium) : error;
}

int littlefs_format(const struct block *block, uint32_t block_size)
{
	static const uint32_t name_max = 255, file_max = 2147483647, attribute_max = 1022;
	struct littlefs_volume volume = { .block_size = block_size };
	uint8_t superblock[SUPERBLOCK_SIZE];
	int error = open_medium(&volume, block);
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
		error = write_first(&volume, &metadata);
	littlefs_close(&volume);
	return error;
}
