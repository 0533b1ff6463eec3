// SPDX-License-Identifier: ISC
/* Skip lists of blocks. */
#include "storage/littlefs/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"

enum {
	RUN_BYTES = 64 << 10, /* moved at once */
};

/* The number of the block that holds a byte, and where in it, the pointers before it included. */
static uint32_t index_of(const struct littlefs_volume *volume, uint32_t offset, uint32_t *within)
{
	uint32_t room = volume->block_size - 8, index = offset / room;

	if (index == 0) {
		*within = offset;
		return 0;
	}
	index = (offset - 4 * ((uint32_t)__builtin_popcount(index - 1) + 2)) / room;
	*within = offset - room * index - 4 * (uint32_t)__builtin_popcount(index);
	return index;
}

/* From block `from`, of number `index`, to the one of number `target` before it. */
static int seek(struct littlefs_volume *volume, uint32_t from, uint32_t index, uint32_t target,
                uint32_t *found)
{
	while (index > target) {
		uint8_t pointer[4];
		uint32_t skip = 31 - (uint32_t)__builtin_clz(index - target);
		uint32_t most = (uint32_t)__builtin_ctz(index);

		if (skip > most)
			skip = most;
		int error = littlefs_read(volume, from, 4 * skip, pointer, 4);

		if (error != 0)
			return error;
		from = get_le32(pointer);
		index -= 1u << skip;
		if (!littlefs_is_block(volume, from))
			return -EBADMSG;
	}
	*found = from;
	return 0;
}

static uint32_t pointers_of(uint32_t index)
{
	return index > 0 ? (uint32_t)__builtin_ctz(index) + 1 : 0;
}

/* Where the bytes of a file begin that the block of number `index` has. */
static uint64_t start_of(const struct littlefs_volume *volume, uint32_t index)
{
	return (uint64_t)(volume->block_size - 8) * index +
	       4 * (uint64_t)__builtin_popcount(index) + 4 * (uint64_t)pointers_of(index);
}

/* What of a file's bytes is asked for. */
struct range {
	uint64_t offset;
	uint64_t end;
	uint8_t *bytes;
};

/* What of it the block of number `index` has: so many bytes, where they are in it, and where to. */
static uint32_t part_of(const struct littlefs_volume *volume, uint32_t index,
                        const struct range *range, uint32_t *within, uint8_t **to)
{
	uint64_t from = start_of(volume, index), base = from - 4 * (uint64_t)pointers_of(index);
	uint64_t end = base + volume->block_size;

	from = from > range->offset ? from : range->offset;
	end = end < range->end ? end : range->end;
	*within = (uint32_t)(from - base);
	*to = range->bytes + (from - range->offset);
	return (uint32_t)(end - from);
}

/* Blocks yet to be read, from the last one to the first, as the pointers go. */
struct rest {
	uint32_t block;
	uint32_t index; /* its number */
	uint32_t count;
};

/* Read the part of one block. */
static int read_block(struct littlefs_volume *volume, const struct range *range, struct rest *rest)
{
	uint32_t within, count;
	uint8_t pointer[4], *to;

	count = part_of(volume, rest->index, range, &within, &to);
	int error = littlefs_read(volume, rest->block, within, to, count);

	if (error != 0 || --rest->count == 0)
		return error;
	error = littlefs_read(volume, rest->block, 0, pointer, 4);
	rest->block = get_le32(pointer);
	rest->index--;
	return error;
}

/*
 * The blocks of a file mostly follow each other on the device too. So many as may do so are read at
 * once, and those are taken that the pointers then say are the file's.
 */
struct run {
	uint8_t *bytes;
	uint32_t room;  /* blocks that `bytes` can hold */
	uint32_t guess; /* blocks to read next */
};

static int read_run(struct littlefs_volume *volume, const struct range *range, struct run *run,
                    struct rest *rest)
{
	uint32_t size = volume->block_size, count = run->guess, taken = 0;

	count = count < rest->count ? count : rest->count;
	count = count < rest->block + 1 ? count : rest->block + 1;
	int error = littlefs_read(volume, rest->block - (count - 1), 0, run->bytes,
	                          (size_t)count * size);

	if (error != 0) {
		/* Perhaps of a block that is not the file's. */
		run->guess = 1;
		return count > 1 ? 0 : error;
	}
	for (bool follows = true; follows && taken < count; taken++) {
		const uint8_t *bytes = run->bytes + (size_t)(count - 1 - taken) * size;
		uint32_t within, block = rest->block, length;
		uint8_t *to;

		length = part_of(volume, rest->index, range, &within, &to);
		memcpy(to, bytes + within, length);
		if (--rest->count == 0)
			return 0;
		rest->block = get_le32(bytes);
		rest->index--;
		follows = rest->block == block - 1;
	}
	run->guess = taken < count ? taken : 2 * count;
	run->guess = run->guess < run->room ? run->guess : run->room;
	return 0;
}

static int read_blocks(struct littlefs_volume *volume, const struct range *range, struct rest rest)
{
	struct run run = { .room = RUN_BYTES / volume->block_size };
	int error = 0;

	run.guess = run.room;
	if (rest.count > 1 && run.room > 0) {
		run.bytes = malloc(RUN_BYTES);
		if (run.bytes == NULL)
			return -ENOMEM;
	}
	while (rest.count > 0 && error == 0) {
		if (!littlefs_is_block(volume, rest.block))
			error = -EBADMSG;
		else if (run.bytes != NULL)
			error = read_run(volume, range, &run, &rest);
		else
			error = read_block(volume, range, &rest);
	}
	free(run.bytes);
	return error;
}

ssize_t littlefs_list_read(struct littlefs_volume *volume, struct littlefs_list list,
                           uint64_t offset, void *bytes, size_t length)
{
	uint32_t within, first, last;
	struct range range = { .offset = offset, .bytes = bytes };
	struct rest rest;

	if (offset >= list.size || length == 0)
		return 0;
	if (length > list.size - offset)
		length = (size_t)(list.size - offset);
	range.end = offset + length;
	last = index_of(volume, list.size - 1, &within);
	if (!littlefs_is_block(volume, list.head) || last >= volume->block_count)
		return -EBADMSG;
	first = index_of(volume, (uint32_t)offset, &within);
	rest.index = index_of(volume, (uint32_t)(range.end - 1), &within);
	rest.count = rest.index - first + 1;
	int error = seek(volume, list.head, last, rest.index, &rest.block);

	if (error == 0)
		error = read_blocks(volume, &range, rest);
	return error == 0 ? (ssize_t)length : error;
}

struct writing {
	struct littlefs_volume *volume;
	uint32_t size;    /* of the file */
	uint32_t *blocks; /* by their numbers */
	int (*fill)(void *context, uint64_t offset, uint8_t *bytes, size_t length);
	void *context;
};

/* The bytes of a block. */
static int make_block(const struct writing *writing, uint32_t index, uint8_t *bytes)
{
	uint32_t pointers = pointers_of(index);
	uint64_t start = start_of(writing->volume, index);
	size_t room = writing->volume->block_size - 4 * (size_t)pointers;

	memset(bytes, 0xff, writing->volume->block_size);
	for (uint32_t j = 0; j < pointers; j++)
		put_le32(bytes + 4 * (size_t)j, writing->blocks[index - (1u << j)]);
	return writing->fill(writing->context, start, bytes + 4 * (size_t)pointers,
	                     room < writing->size - start ? room : (size_t)(writing->size - start));
}

/* Write blocks from number `index` on, as many as are free side by side but `*count` at the most. */
static int write_run(const struct writing *writing, uint32_t index, uint32_t *count, uint8_t *bytes)
{
	uint32_t first;
	int error = littlefs_allocate_run(writing->volume, *count, &first, count);

	for (uint32_t j = 0; j < *count && error == 0; j++) {
		writing->blocks[index + j] = first + j;
		error = make_block(writing, index + j,
		                   bytes + (size_t)j * writing->volume->block_size);
	}
	return error == 0 ? littlefs_write(writing->volume, first, bytes, *count) : error;
}

/* Blocks that turn out bad are left alone, and others are taken. */
static int write_blocks(const struct writing *writing, uint32_t count)
{
	uint32_t room = RUN_BYTES / writing->volume->block_size, most, bad = 0;
	int error = 0;

	room = room > 0 ? room : 1;
	room = room < count ? room : count;
	uint8_t *bytes = malloc((size_t)room * writing->volume->block_size);

	if (bytes == NULL)
		return -ENOMEM;
	most = room;
	for (uint32_t index = 0; index < count && error == 0;) {
		uint32_t run = most < count - index ? most : count - index;

		error = write_run(writing, index, &run, bytes);
		if (error == -EIO && ++bad < LITTLEFS_BAD_MAX) {
			error = 0;
			most = 1; /* which of the run it was */
		} else if (error == 0) {
			index += run;
			most = most * 2 < room ? most * 2 : room;
		}
	}
	free(bytes);
	return error;
}

int littlefs_list_write(struct littlefs_volume *volume, uint32_t size,
                        int (*fill)(void *context, uint64_t offset, uint8_t *bytes, size_t length),
                        void *context, struct littlefs_list *list)
{
	uint32_t within, count = index_of(volume, size - 1, &within) + 1;
	struct writing writing = {
		.volume = volume,
		.size = size,
		.blocks = calloc(count, sizeof(uint32_t)),
		.fill = fill,
		.context = context,
	};
	int error = writing.blocks != NULL ? write_blocks(&writing, count) : -ENOMEM;

	if (error == 0)
		*list = (struct littlefs_list){ .head = writing.blocks[count - 1], .size = size };
	free(writing.blocks);
	return error;
}

int littlefs_list_walk(struct littlefs_volume *volume, struct littlefs_list list,
                       int (*visit)(void *context, uint32_t block), void *context)
{
	uint32_t within, block = list.head;

	if (list.size == 0)
		return 0;
	uint32_t index = index_of(volume, list.size - 1, &within);

	if (index >= volume->block_count)
		return -EBADMSG;
	for (;;) {
		uint8_t pointers[8];
		/* An even one has a pointer to the second before it too: every other is read. */
		uint32_t count = index % 2 == 0 ? 2 : 1;

		if (!littlefs_is_block(volume, block))
			return -EBADMSG;
		int result = visit(context, block);

		if (result != 0 || index == 0)
			return result > 0 ? 0 : result;
		result = littlefs_read(volume, block, 0, pointers, 4 * (size_t)count);
		block = get_le32(pointers);
		if (result == 0 && count == 2) {
			if (!littlefs_is_block(volume, block))
				return -EBADMSG;
			result = visit(context, block);
			block = get_le32(pointers + 4);
		}
		if (result != 0)
			return result > 0 ? 0 : result;
		index -= count;
	}
}
