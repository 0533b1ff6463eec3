// SPDX-License-Identifier: ISC
/* Pairs that move, and directories that nobody has. */
#include "storage/littlefs/pairs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"

enum {
	MOVING_MAX = 8,  /* pairs, each of which has to move because of the one before */
	ROUNDS_MAX = 16, /* through the list, each begun anew because a pair moved */
};

/* ------------------------------------------------------------------ the tree's pairs */

/* All pairs that the tree leads to; those from `next` on are to be looked at yet. */
struct tree {
	struct littlefs_volume *volume;
	uint8_t *blocks; /* a bit for each that is one of them */
	struct littlefs_pair *pairs;
	size_t count;
	size_t room;
	size_t next;
};

static bool has_block(const struct tree *tree, uint32_t block)
{
	return (tree->blocks[block / 8] & 1u << block % 8) != 0;
}

static bool has_pair(const struct tree *tree, struct littlefs_pair pair)
{
	return has_block(tree, pair.block[0]) && has_block(tree, pair.block[1]);
}

static bool is_pair(const struct littlefs_volume *volume, struct littlefs_pair pair)
{
	return littlefs_is_block(volume, pair.block[0]) && littlefs_is_block(volume, pair.block[1]);
}

/* The tree's pair that has one of these blocks; false: there is none. */
static bool find_half(const struct tree *tree, struct littlefs_pair pair,
                      struct littlefs_pair *found)
{
	for (size_t i = 0; i < tree->count; i++)
		for (unsigned j = 0; j < 4; j++)
			if (tree->pairs[i].block[j / 2] == pair.block[j % 2]) {
				*found = tree->pairs[i];
				return true;
			}
	return false;
}

static int add_pair(struct tree *tree, struct littlefs_pair pair)
{
	if (!is_pair(tree->volume, pair))
		return -EBADMSG;
	if (has_pair(tree, pair))
		return 0;
	if (tree->count == tree->room) {
		size_t room = tree->room > 0 ? tree->room * 2 : 16;
		void *grown = reallocarray(tree->pairs, room, sizeof(pair));

		if (grown == NULL)
			return -ENOMEM;
		tree->pairs = grown;
		tree->room = room;
	}
	for (unsigned i = 0; i < 2; i++)
		tree->blocks[pair.block[i] / 8] |= (uint8_t)(1u << pair.block[i] % 8);
	tree->pairs[tree->count++] = pair;
	return 0;
}

/* Add what a pair leads to. */
static int add_below(struct tree *tree, struct littlefs_pair pair)
{
	struct littlefs_metadata metadata;
	int error = littlefs_fetch(tree->volume, pair, &metadata);

	if (error != 0)
		return error;
	if (metadata.hard)
		error = add_pair(tree, metadata.tail);
	for (size_t i = 0; i < metadata.count && error == 0; i++)
		if (metadata.entries[i].type == LITTLEFS_DIRECTORY &&
		    littlefs_pair_of(tree->volume, &metadata.entries[i], &pair))
			error = add_pair(tree, pair);
	littlefs_metadata_fini(&metadata);
	return error;
}

static void close_tree(struct tree *tree)
{
	free(tree->blocks);
	free(tree->pairs);
}

static int read_tree(struct littlefs_volume *volume, struct tree *tree)
{
	*tree = (struct tree){ .volume = volume };
	tree->blocks = calloc(1, (size_t)volume->block_count / 8 + 1);
	int error =
		tree->blocks != NULL ? add_pair(tree, (struct littlefs_pair){ { 0, 1 } }) : -ENOMEM;

	if (error == 0)
		error = add_pair(tree, volume->root);
	while (error == 0 && tree->next < tree->count)
		error = add_below(tree, tree->pairs[tree->next++]);
	if (error != 0)
		close_tree(tree);
	return error;
}

int littlefs_for_each_of_tree(struct littlefs_volume *volume,
                              int (*visit)(void *context, struct littlefs_metadata *metadata),
                              void *context)
{
	struct tree tree;
	int result = read_tree(volume, &tree);

	if (result != 0)
		return result;
	for (size_t i = 0; i < tree.count && result == 0; i++) {
		struct littlefs_metadata metadata;

		result = littlefs_fetch(volume, tree.pairs[i], &metadata);
		if (result == 0) {
			result = visit(context, &metadata);
			littlefs_metadata_fini(&metadata);
		}
	}
	close_tree(&tree);
	return result;
}

/* ------------------------------------------------------------------ the list */

/* Put right what is behind a pair of the list; `drop` orphans. 1: something was changed. */
static int mend_tail(const struct tree *tree, struct littlefs_metadata *before, bool drop)
{
	int changed = 0;

	for (uint32_t seen = 0; before->tail.block[0] != LITTLEFS_NULL; seen++) {
		struct littlefs_metadata next;

		if (seen > tree->volume->block_count / 2 || !is_pair(tree->volume, before->tail))
			return -EBADMSG;
		if (has_pair(tree, before->tail))
			break;
		if (find_half(tree, before->tail, &before->tail))
			return 1;
		if (!drop)
			break;
		int error = littlefs_fetch(tree->volume, before->tail, &next);

		if (error != 0)
			return error;
		before->tail = next.tail;
		for (unsigned i = 0; i < 3; i++)
			before->delta[i] ^= next.delta[i];
		littlefs_metadata_fini(&next);
		changed = 1;
	}
	return changed;
}

/* Go through the list once, or until a pair moves. */
static int mend_once(const struct tree *tree, bool drop)
{
	struct littlefs_volume *volume = tree->volume;
	struct littlefs_pair pair = { { 0, 1 } };
	uint32_t moved = volume->moved;
	int error = 0;

	for (uint32_t seen = 0;
	     error == 0 && pair.block[0] != LITTLEFS_NULL && volume->moved == moved; seen++) {
		struct littlefs_metadata metadata;

		error = seen > volume->block_count / 2 ? -EBADMSG
		                                       : littlefs_fetch(volume, pair, &metadata);
		if (error != 0)
			return error;
		error = mend_tail(tree, &metadata, drop);
		if (error > 0)
			error = littlefs_commit(volume, &metadata, NULL);
		pair = metadata.tail;
		littlefs_metadata_fini(&metadata);
	}
	return error;
}

/* Bring the list in step with the tree. What is changed may move pairs: then once more. */
static int mend_list(struct littlefs_volume *volume, bool drop)
{
	uint32_t moved;
	unsigned rounds = 0;
	int error;

	do {
		struct tree tree;

		moved = volume->moved;
		error = read_tree(volume, &tree);
		if (error != 0)
			return error;
		error = mend_once(&tree, drop);
		close_tree(&tree);
	} while (error == 0 && volume->moved != moved && ++rounds < ROUNDS_MAX);
	return error == 0 && volume->moved != moved ? -EIO : error;
}

/* Set the global state, by the root directory. */
static int set_state(struct littlefs_volume *volume, const uint32_t state[3])
{
	struct littlefs_metadata metadata;

	if (memcmp(volume->state, state, sizeof(volume->state)) == 0)
		return 0;
	int error = littlefs_fetch(volume, volume->root, &metadata);

	if (error != 0)
		return error;
	error = littlefs_commit(volume, &metadata, state);
	littlefs_metadata_fini(&metadata);
	return error;
}

int littlefs_drop_orphans(struct littlefs_volume *volume)
{
	uint32_t state[3];

	littlefs_forget_all(volume); /* pairs become free */
	int error = mend_list(volume, true);

	memcpy(state, volume->state, sizeof(state));
	state[0] &= ~LITTLEFS_SYNC;
	return error == 0 ? set_state(volume, state) : error;
}

/* ------------------------------------------------------------------ moving */

/* What of a pair leads to another. */
struct search {
	struct littlefs_volume *volume;
	struct littlefs_pair target;
	struct littlefs_pair found;
	size_t position; /* of the entry */
};

static int is_parent(void *context, struct littlefs_metadata *metadata)
{
	struct search *search = context;
	struct littlefs_pair pair;

	for (size_t i = 0; i < metadata->count; i++)
		if (metadata->entries[i].type == LITTLEFS_DIRECTORY &&
		    littlefs_pair_of(search->volume, &metadata->entries[i], &pair) &&
		    littlefs_pair_equal(pair, search->target)) {
			search->found = metadata->pair;
			search->position = i;
			return 1;
		}
	return 0;
}

static int is_before(void *context, struct littlefs_metadata *metadata)
{
	struct search *search = context;

	search->found = metadata->pair;
	return littlefs_pair_equal(metadata->tail, search->target);
}

/* Change the entry of a directory. 0: the pair is no directory's first; 1: it is changed. */
static int replace_in_parent(struct littlefs_volume *volume, struct search *search,
                             struct littlefs_pair new, const uint32_t state[3])
{
	struct littlefs_metadata metadata;
	uint32_t behind[3] = { state[0] | LITTLEFS_SYNC, state[1], state[2] };
	uint8_t data[8];
	int result = littlefs_for_each_pair(volume, is_parent, search);

	if (result <= 0)
		return result;
	result = littlefs_fetch(volume, search->found, &metadata);
	if (result != 0)
		return result;
	put_le32(data, new.block[0]);
	put_le32(data + 4, new.block[1]);
	metadata.entries[search->position].data = (struct littlefs_bytes){ data, sizeof(data) };
	result = littlefs_commit(volume, &metadata, behind);
	littlefs_metadata_fini(&metadata);
	return result == 0 ? 1 : result;
}

static int replace_in_list(struct littlefs_volume *volume, struct search *search,
                           struct littlefs_pair new, const uint32_t state[3])
{
	struct littlefs_metadata metadata;
	int result = littlefs_for_each_pair(volume, is_before, search);

	if (result <= 0)
		return result == 0 ? -EBADMSG : result;
	result = littlefs_fetch(volume, search->found, &metadata);
	if (result != 0)
		return result;
	metadata.tail = new;
	result = littlefs_commit(volume, &metadata, state);
	littlefs_metadata_fini(&metadata);
	return result;
}

int littlefs_replace_pair(struct littlefs_volume *volume, struct littlefs_pair old,
                          struct littlefs_pair new, const uint32_t state[3])
{
	struct search search = { .volume = volume, .target = old };
	uint32_t wanted[3] = { state[0], state[1], state[2] };

	if (volume->moving == MOVING_MAX)
		return -EIO;
	/* What is being moved may be from here. */
	if ((state[0] & LITTLEFS_MOVE_MASK) != 0 &&
	    littlefs_pair_equal(old, (struct littlefs_pair){ { state[1], state[2] } })) {
		wanted[1] = new.block[0];
		wanted[2] = new.block[1];
	}
	volume->moving++;
	volume->moved++;
	littlefs_forget_all(volume);
	int result = replace_in_parent(volume, &search, new, wanted);

	if (result == 0)
		result = replace_in_list(volume, &search, new, wanted);
	else if (result > 0)
		result = mend_list(volume, false);
	if (result == 0 && littlefs_pair_equal(old, volume->root))
		volume->root = new;
	/* Whatever else has changed meanwhile, the list is as it was to be. */
	memcpy(wanted + 1, volume->state + 1, 2 * sizeof(wanted[0]));
	wanted[0] = (volume->state[0] & ~LITTLEFS_SYNC) | (state[0] & LITTLEFS_SYNC);
	if (result == 0)
		result = set_state(volume, wanted);
	volume->moving--;
	return result;
}
