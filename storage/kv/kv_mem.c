// SPDX-License-Identifier: ISC
/*
 * kv_mem: values in memory, sorted by path.
 *
 * The order is kept in two levels: an array of blocks, each an array of at most BLOCK_MAX values. A
 * search is two binary ones; an insertion moves at most a block's pointers, and a full block is cut
 * in two. A position is a block's number and a place in it.
 */
#include <mirage/kv_mem.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/sorted_paths.h"

enum {
	BLOCK_MAX = 256,
};

struct mem_value {
	char *path;
	uint8_t *bytes;
	size_t length;
	nanoseconds modified;
};

struct kv_mem_block {
	size_t count; /* at least 1 */
	struct mem_value *values[BLOCK_MAX];
};

static size_t block_of(size_t position)
{
	return position / BLOCK_MAX;
}

static const char *mem_at(const void *self, size_t position)
{
	const struct kv_mem_state *state = self;

	if (block_of(position) >= state->block_count)
		return NULL;
	const struct kv_mem_block *block = state->blocks[block_of(position)];
	size_t place = position % BLOCK_MAX;

	if (place < block->count)
		return block->values[place]->path;
	/* Behind the last of a block is the first of the next. */
	return block_of(position) + 1 < state->block_count
	               ? state->blocks[block_of(position) + 1]->values[0]->path
	               : NULL;
}

/* The position of a value, never one behind the last of a block. */
static size_t mem_normalise(const struct kv_mem_state *state, size_t position)
{
	size_t block = block_of(position);

	if (block < state->block_count && position % BLOCK_MAX >= state->blocks[block]->count)
		return (block + 1) * BLOCK_MAX;
	return position;
}

/* The last block whose first path does not come behind the probe; 0 if all do. */
static size_t seek_block(const struct kv_mem_state *state, struct path_probe probe)
{
	size_t low = 0, high = state->block_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (path_compare(state->blocks[middle]->values[0]->path, probe) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : 0;
}

static size_t mem_seek(const void *self, struct path_probe probe)
{
	const struct kv_mem_state *state = self;

	if (state->block_count == 0)
		return 0;
	size_t number = seek_block(state, probe);
	const struct kv_mem_block *block = state->blocks[number];
	size_t low = 0, high = block->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (path_compare(block->values[middle]->path, probe) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < block->count ? number * BLOCK_MAX + low : (number + 1) * BLOCK_MAX;
}

static struct mem_value *value_at(const struct kv_mem_state *state, size_t position)
{
	position = mem_normalise(state, position);
	return state->blocks[block_of(position)]->values[position % BLOCK_MAX];
}

static struct sorted_paths paths_of(const void *self)
{
	const struct kv_mem *mem = self;

	return (struct sorted_paths){ .at = mem_at, .seek = mem_seek, .self = mem->state };
}

static int mem_find(const void *self, struct kv_key key, struct mem_value **value)
{
	const struct kv_mem *mem = self;
	struct sorted_paths paths = paths_of(self);
	size_t position;
	int error = sorted_paths_value(&paths, key, &position);

	if (error == 0)
		*value = value_at(mem->state, position);
	return error;
}

/* ------------------------------------------------------------------ the order */

static int insert_block(struct kv_mem_state *state, size_t number, struct kv_mem_block *block)
{
	if (state->block_count == state->block_room) {
		size_t room = state->block_room > 0 ? state->block_room * 2 : 8;
		void *blocks = reallocarray(state->blocks, room, sizeof(struct kv_mem_block *));

		if (blocks == NULL)
			return -ENOMEM;
		state->blocks = blocks;
		state->block_room = room;
	}
	memmove(state->blocks + number + 1, state->blocks + number,
	        (state->block_count - number) * sizeof(struct kv_mem_block *));
	state->blocks[number] = block;
	state->block_count++;
	return 0;
}

/* Move the upper half of a full block into a new one behind it. */
static int split_block(struct kv_mem_state *state, size_t number)
{
	struct kv_mem_block *lower = state->blocks[number];
	struct kv_mem_block *upper = malloc(sizeof(*upper));
	int error = upper != NULL ? insert_block(state, number + 1, upper) : -ENOMEM;

	if (error != 0) {
		free(upper);
		return error;
	}
	upper->count = BLOCK_MAX / 2;
	lower->count = BLOCK_MAX - BLOCK_MAX / 2;
	memcpy(upper->values, lower->values + lower->count, upper->count * sizeof(void *));
	return 0;
}

static int first_block(struct kv_mem_state *state, struct mem_value *value)
{
	struct kv_mem_block *block = malloc(sizeof(*block));

	if (block == NULL || insert_block(state, 0, block) != 0) {
		free(block);
		return -ENOMEM;
	}
	block->count = 1;
	block->values[0] = value;
	return 0;
}

static int insert_value(struct kv_mem_state *state, struct mem_value *value)
{
	struct path_probe probe = { .text = value->path, .length = strlen(value->path) };
	int error = 0;

	if (state->block_count == 0) {
		error = first_block(state, value);
	} else {
		size_t number = seek_block(state, probe);

		if (state->blocks[number]->count == BLOCK_MAX)
			error = split_block(state, number);
		if (error != 0)
			return error;
		number = seek_block(state, probe);
		struct kv_mem_block *block = state->blocks[number];
		size_t place = 0;

		while (place < block->count && path_compare(block->values[place]->path, probe) < 0)
			place++;
		memmove(block->values + place + 1, block->values + place,
		        (block->count - place) * sizeof(void *));
		block->values[place] = value;
		block->count++;
	}
	if (error == 0) {
		state->count++;
		state->bytes += probe.length + value->length;
	}
	return error;
}

/* Take the value at `position` out of the order; the caller has it then. */
static struct mem_value *take_value(struct kv_mem_state *state, size_t position)
{
	position = mem_normalise(state, position);
	size_t number = block_of(position), place = position % BLOCK_MAX;
	struct kv_mem_block *block = state->blocks[number];
	struct mem_value *value = block->values[place];

	block->count--;
	memmove(block->values + place, block->values + place + 1,
	        (block->count - place) * sizeof(void *));
	if (block->count == 0) {
		free(block);
		state->block_count--;
		memmove(state->blocks + number, state->blocks + number + 1,
		        (state->block_count - number) * sizeof(struct kv_mem_block *));
	}
	state->count--;
	state->bytes -= strlen(value->path) + value->length;
	return value;
}

static void free_value(struct mem_value *value)
{
	if (value == NULL)
		return;
	free(value->bytes);
	free(value->path);
	free(value);
}

/* ------------------------------------------------------------------ reading */

static int mem_exists(const void *self, struct kv_key key, enum kv_kind *kind)
{
	struct sorted_paths paths = paths_of(self);
	size_t position;

	*kind = sorted_paths_find(&paths, key, &position);
	return 0;
}

static int mem_size(const void *self, struct kv_key key, uint64_t *size)
{
	struct mem_value *value;
	int error = mem_find(self, key, &value);

	if (error == 0)
		*size = value->length;
	return error;
}

static ssize_t mem_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                            size_t length)
{
	struct mem_value *value;
	int error = mem_find(self, key, &value);

	if (error != 0)
		return error;
	if (offset >= value->length)
		return 0;
	if (length > value->length - offset)
		length = (size_t)(value->length - offset);
	if (length > 0)
		memcpy(bytes, value->bytes + offset, length);
	return (ssize_t)length;
}

static int mem_list(const void *self, struct kv_key key, kv_visit *visit, void *context)
{
	struct sorted_paths paths = paths_of(self);

	return sorted_paths_list(&paths, key, visit, context);
}

static nanoseconds modified_at(const void *self, size_t position)
{
	return value_at(self, position)->modified;
}

static int mem_last_modified(const void *self, struct kv_key key, nanoseconds *wall)
{
	struct sorted_paths paths = paths_of(self);
	struct mem_value *value;
	int error = mem_find(self, key, &value);

	if (error == 0)
		*wall = value->modified;
	return error == -EISDIR ? sorted_paths_latest(&paths, key, modified_at, wall) : error;
}

/* ------------------------------------------------------------------ writing */

/* True if the store may grow from `before` bytes by `after - before`. */
static bool fits(const struct kv_mem *mem, uint64_t before, uint64_t after)
{
	uint64_t total;

	if (mem->bytes_max == 0 || after <= before)
		return true;
	return !__builtin_add_overflow(mem->state->bytes, after - before, &total) &&
	       total <= mem->bytes_max;
}

/* A value of `length` bytes, not initialised, that is in no order yet. */
static int make_value(const struct kv_mem *mem, struct kv_key key, size_t length,
                      struct mem_value **made)
{
	struct mem_value *value = calloc(1, sizeof(*value));

	if (value == NULL)
		return -ENOMEM;
	value->path = strndup(key.text, key.length);
	value->bytes = malloc(length > 0 ? length : 1);
	value->length = length;
	value->modified = wall_clock_now(mem->clock);
	if (value->path == NULL || value->bytes == NULL) {
		free_value(value);
		return -ENOMEM;
	}
	*made = value;
	return 0;
}

static int add_value(const struct kv_mem *mem, struct kv_key key, struct mem_value *value)
{
	struct sorted_paths paths = paths_of(mem);
	int error = sorted_paths_way(&paths, key);

	return error != 0 ? error : insert_value(mem->state, value);
}

/* Put new bytes into a value; they are the store's then. */
static void replace_bytes(const struct kv_mem *mem, struct mem_value *value, uint8_t *bytes,
                          size_t length)
{
	free(value->bytes);
	mem->state->bytes += length;
	mem->state->bytes -= value->length;
	value->bytes = bytes;
	value->length = length;
	value->modified = wall_clock_now(mem->clock);
}

static int set_existing(const struct kv_mem *mem, struct mem_value *value, const void *bytes,
                        size_t length)
{
	if (!fits(mem, value->length, length))
		return -ENOSPC;
	uint8_t *copy = malloc(length > 0 ? length : 1);

	if (copy == NULL)
		return -ENOMEM;
	if (length > 0)
		memcpy(copy, bytes, length);
	replace_bytes(mem, value, copy, length);
	return 0;
}

/* A new value: `bytes`, or zeros if that is NULL. */
static int set_new(const struct kv_mem *mem, struct kv_key key, const void *bytes, size_t length)
{
	struct mem_value *value = NULL;

	if (!fits(mem, 0, (uint64_t)length + key.length))
		return -ENOSPC;
	int error = make_value(mem, key, length, &value);

	if (error != 0)
		return error;
	if (bytes == NULL)
		memset(value->bytes, 0, length);
	else if (length > 0)
		memcpy(value->bytes, bytes, length);
	error = add_value(mem, key, value);
	if (error != 0)
		free_value(value);
	return error;
}

static int mem_set(const void *self, struct kv_key key, const void *bytes, size_t length)
{
	struct mem_value *value;
	int error = mem_find(self, key, &value);

	if (length > PTRDIFF_MAX)
		return -EFBIG;
	if (error == 0)
		return set_existing(self, value, bytes, length);
	return error == -ENOENT ? set_new(self, key, length > 0 ? bytes : "", length) : error;
}

static int mem_set_part(const void *self, struct kv_key key, uint64_t offset, const void *bytes,
                        size_t length)
{
	const struct kv_mem *mem = self;
	struct mem_value *value;
	int error = mem_find(self, key, &value);

	if (error != 0)
		return error;
	if (offset > PTRDIFF_MAX || length > PTRDIFF_MAX - offset)
		return -EFBIG;
	size_t end = (size_t)offset + length;

	if (length > 0 && end > value->length) {
		if (!fits(mem, value->length, end))
			return -ENOSPC;
		uint8_t *grown = realloc(value->bytes, end);

		if (grown == NULL)
			return -ENOMEM;
		memset(grown + value->length, 0, end - value->length);
		mem->state->bytes += end - value->length;
		value->bytes = grown;
		value->length = end;
	}
	if (length > 0)
		memcpy(value->bytes + offset, bytes, length);
	value->modified = wall_clock_now(mem->clock);
	return 0;
}

static int mem_allocate(const void *self, struct kv_key key, uint64_t size)
{
	return size > PTRDIFF_MAX ? -EFBIG : set_new(self, key, NULL, (size_t)size);
}

/* The first value below the dictionary `key`, or NULL. */
static const char *first_below(const struct kv_mem *mem, struct kv_key key, size_t *position)
{
	struct path_probe probe = { .text = key.text, .length = key.length, .tail = '/' };

	*position = mem_seek(mem->state, probe);
	const char *path = mem_at(mem->state, *position);

	if (path == NULL || strncmp(path, key.text, key.length) != 0 || path[key.length] != '/')
		return NULL;
	return path;
}

static int mem_remove(const void *self, struct kv_key key)
{
	const struct kv_mem *mem = self;
	struct sorted_paths paths = paths_of(self);
	size_t position;
	int error = sorted_paths_value(&paths, key, &position);

	if (error == 0)
		free_value(take_value(mem->state, position));
	if (error != -EISDIR)
		return error;
	while (first_below(mem, key, &position) != NULL)
		free_value(take_value(mem->state, position));
	return 0;
}

/* Give `from`'s bytes to `to`, which nothing can prevent. */
static void hand_over(const struct kv_mem *mem, struct mem_value *from, struct mem_value *to)
{
	uint8_t *bytes = from->bytes;

	from->bytes = NULL;
	replace_bytes(mem, to, bytes, from->length);
	to->modified = from->modified;
}

static int rename_value(const struct kv_mem *mem, struct kv_key source, struct kv_key destination)
{
	struct mem_value *value = NULL, *moved = NULL;
	int error = mem_find(mem, source, &value);

	if (error == 0 && mem_find(mem, destination, &moved) == -ENOENT)
		error = set_new(mem, destination, "", 0);
	if (error == 0)
		error = mem_find(mem, destination, &moved);
	if (error != 0)
		return error;
	hand_over(mem, value, moved);
	return mem_remove(mem, source);
}

/* The values below a dictionary, in order. The caller frees the array. */
static int collect_below(const struct kv_mem *mem, struct kv_key key, struct mem_value ***values,
                         size_t *count)
{
	size_t position, room = 0;

	*values = NULL;
	*count = 0;
	if (first_below(mem, key, &position) == NULL)
		return 0;
	for (const char *path; (path = mem_at(mem->state, position)) != NULL; *count += 1) {
		if (strncmp(path, key.text, key.length) != 0 || path[key.length] != '/')
			break;
		if (*count == room) {
			room = room > 0 ? room * 2 : 16;
			void *grown = reallocarray(*values, room, sizeof(struct mem_value *));

			if (grown == NULL)
				return -ENOMEM;
			*values = grown;
		}
		(*values)[*count] = value_at(mem->state, position);
		position = mem_normalise(mem->state, position) + 1;
	}
	return 0;
}

/* Make an empty value below `destination` for `value`, which is below `source`. */
static int make_twin(const struct kv_mem *mem, const struct mem_value *value, struct kv_key source,
                     struct kv_key destination, char *text, struct mem_value **twin)
{
	struct kv_key rest = { .text = value->path + source.length + 1 };

	rest.length = strlen(rest.text);
	int error = kv_key_join(destination, rest, text, KV_KEY_SIZE);
	struct kv_key key = { .text = text, .length = strlen(text) };

	if (error == 0)
		error = set_new(mem, key, "", 0);
	return error == 0 ? mem_find(mem, key, twin) : error;
}

/* First all that can fail, then the rest. */
static int rename_dictionary(const struct kv_mem *mem, struct kv_key source,
                             struct kv_key destination)
{
	struct mem_value **values, **twins;
	size_t count, made = 0;
	char *text = malloc(KV_KEY_SIZE);
	int error = collect_below(mem, source, &values, &count);

	twins = calloc(count > 0 ? count : 1, sizeof(*twins));
	if (error == 0 && (twins == NULL || text == NULL))
		error = -ENOMEM;
	for (; error == 0 && made < count; made++)
		error = make_twin(mem, values[made], source, destination, text, &twins[made]);
	for (size_t i = 0; error == 0 && i < count; i++)
		hand_over(mem, values[i], twins[i]);
	/* What is empty goes: the old names, or those that were made in vain. */
	int removed = mem_remove(mem, error == 0 ? source : destination);

	free(text);
	free(twins);
	free(values);
	return error != 0 ? error : removed;
}

static int mem_rename(const void *self, struct kv_key source, struct kv_key destination)
{
	enum kv_kind kind = KV_NONE;
	int error = mem_exists(self, source, &kind);

	if (error != 0 || kind == KV_NONE)
		return error != 0 ? error : -ENOENT;
	return kind == KV_VALUE ? rename_value(self, source, destination)
	                        : rename_dictionary(self, source, destination);
}

void kv_mem_disconnect(const struct kv_mem *mem)
{
	struct kv_mem_state *state = mem->state;

	for (size_t i = 0; i < state->block_count; i++) {
		for (size_t j = 0; j < state->blocks[i]->count; j++)
			free_value(state->blocks[i]->values[j]);
		free(state->blocks[i]);
	}
	free(state->blocks);
	*state = (struct kv_mem_state){ .count = 0 };
}

void kv_mem_statistics(const struct kv_mem *mem, size_t *count, uint64_t *bytes)
{
	*count = mem->state->count;
	*bytes = mem->state->bytes;
}

const struct kv_rw_ops kv_mem_ops = {
	.read = {
		.exists = mem_exists,
		.size = mem_size,
		.get_part = mem_get_part,
		.list = mem_list,
		.last_modified = mem_last_modified,
	},
	.set = mem_set,
	.set_part = mem_set_part,
	.remove = mem_remove,
	.rename = mem_rename,
	.allocate = mem_allocate,
};
