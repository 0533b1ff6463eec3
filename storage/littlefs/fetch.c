// SPDX-License-Identifier: ISC
/* Reading pairs, of which some are kept in memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"
#include "storage/littlefs/volume.h"

enum {
	READ_TRIES = 3,
	KEPT_SIZE_MAX = 16 << 10, /* of the blocks that are kept */
};

/* Read from a block of a pair: more than once, for an error that passes must not make it lost. */
static int read_well(struct littlefs_volume *volume, uint32_t block, uint8_t *bytes, size_t length)
{
	int error = -EIO;

	for (unsigned tries = 0; error == -EIO && tries < READ_TRIES; tries++)
		error = littlefs_read(volume, block, 0, bytes, length);
	return error;
}

/* The place where a pair is kept, or NULL. */
static struct littlefs_kept *find_kept(struct littlefs_volume *volume, struct littlefs_pair pair)
{
	for (size_t i = 0; i < LITTLEFS_KEPT_MAX; i++)
		if (volume->kept[i].block != NULL &&
		    littlefs_pair_equal(volume->kept[i].pair, pair))
			return &volume->kept[i];
	return NULL;
}

static bool have_common(struct littlefs_pair a, struct littlefs_pair b)
{
	return a.block[0] == b.block[0] || a.block[0] == b.block[1] || a.block[1] == b.block[0] ||
	       a.block[1] == b.block[1];
}

void littlefs_forget(struct littlefs_volume *volume, struct littlefs_pair pair)
{
	for (size_t i = 0; i < LITTLEFS_KEPT_MAX; i++) {
		struct littlefs_kept *kept = &volume->kept[i];

		if (kept->block == NULL || !have_common(kept->pair, pair))
			continue;
		free(kept->block);
		kept->block = NULL;
	}
}

void littlefs_forget_all(struct littlefs_volume *volume)
{
	for (size_t i = 0; i < LITTLEFS_KEPT_MAX; i++) {
		free(volume->kept[i].block);
		volume->kept[i].block = NULL;
	}
	volume->hint = (struct littlefs_hint){ .pair = { { 0, 0 } } };
}

/* Keep a copy of a pair's block in place of the one that was not used for longest. */
static void keep(struct littlefs_volume *volume, const struct littlefs_metadata *metadata,
                 size_t end)
{
	struct littlefs_kept *kept = &volume->kept[0];

	if (volume->block_size > KEPT_SIZE_MAX)
		return;
	for (size_t i = 1; i < LITTLEFS_KEPT_MAX && kept->block != NULL; i++)
		if (volume->kept[i].block == NULL || volume->kept[i].used < kept->used)
			kept = &volume->kept[i];
	if (kept->block == NULL)
		kept->block = malloc(volume->block_size);
	if (kept->block == NULL)
		return;
	memcpy(kept->block, metadata->block, end);
	kept->pair = metadata->pair;
	kept->end = end;
	kept->used = volume->fetches;
}

/* What the block says of a pair, of which it is block `which`. `end` as for littlefs_metadata_parse(). */
static int parse(struct littlefs_volume *volume, struct littlefs_pair pair, unsigned which,
                 uint8_t *block, size_t *end, struct littlefs_metadata *metadata)
{
	*metadata = (struct littlefs_metadata){ .count = 0 };
	int error = littlefs_metadata_parse(metadata, volume->sums, block, volume->block_size, end);

	metadata->pair = (struct littlefs_pair){ { pair.block[which], pair.block[which ^ 1] } };
	if (error != 0)
		littlefs_metadata_fini(metadata);
	return error;
}

static int fetch_kept(struct littlefs_volume *volume, struct littlefs_kept *kept,
                      struct littlefs_metadata *metadata)
{
	uint8_t *block = malloc(volume->block_size);

	if (block == NULL)
		return -ENOMEM;
	memcpy(block, kept->block, kept->end);
	kept->used = volume->fetches;
	return parse(volume, kept->pair, 0, block, &kept->end, metadata);
}

/* Read one block of a pair. */
static int fetch_block(struct littlefs_volume *volume, struct littlefs_pair pair, unsigned which,
                       struct littlefs_metadata *metadata)
{
	uint8_t *block = malloc(volume->block_size);
	size_t end = 0;

	if (block == NULL)
		return -ENOMEM;
	int error = read_well(volume, pair.block[which], block, volume->block_size);

	if (error != 0) {
		free(block);
		return error;
	}
	error = parse(volume, pair, which, block, &end, metadata);
	if (error == 0)
		keep(volume, metadata, end);
	return error;
}

bool littlefs_is_lost(int error)
{
	return error == -ENODATA || error == -EIO || error == -EBADMSG;
}

int littlefs_fetch(struct littlefs_volume *volume, struct littlefs_pair pair,
                   struct littlefs_metadata *metadata)
{
	uint8_t revision[2][4];
	int errors[2];

	if (!littlefs_is_block(volume, pair.block[0]) ||
	    !littlefs_is_block(volume, pair.block[1]) || pair.block[0] == pair.block[1])
		return -EBADMSG;
	volume->fetches++;
	struct littlefs_kept *kept = find_kept(volume, pair);

	if (kept != NULL)
		return fetch_kept(volume, kept, metadata);
	for (unsigned i = 0; i < 2; i++) {
		errors[i] = read_well(volume, pair.block[i], revision[i], 4);
		if (errors[i] != 0 && !littlefs_is_lost(errors[i]))
			return errors[i];
	}
	if (errors[0] != 0 && errors[1] != 0)
		return errors[0];
	/* Revisions go round. */
	bool second =
		errors[0] != 0 ||
		(errors[1] == 0 && (int32_t)(get_le32(revision[1]) - get_le32(revision[0])) > 0);
	int error = fetch_block(volume, pair, second, metadata);

	if (littlefs_is_lost(error) && errors[!second] == 0)
		error = fetch_block(volume, pair, !second, metadata);
	return error == -ENODATA ? -EBADMSG : error;
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
