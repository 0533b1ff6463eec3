// SPDX-License-Identifier: ISC
/* Skip lists of blocks. */
#include "storage/littlefs/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/little_endian.h"

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

ssize_t littlefs_list_read(struct littlefs_volume *volume, struct littlefs_list list,
                           uint64_t offset, void *bytes, size_t length)
{
	uint8_t *to = bytes;
	uint32_t within, last;

	if (offset >= list.size)
		return 0;
	if (length > list.size - offset)
		length = (size_t)(list.size - offset);
	last = index_of(volume, list.size - 1, &within);
	if (!littlefs_is_block(volume, list.head) || last >= volume->block_count)
		return -EBADMSG;
	for (size_t done = 0; done < length;) {
		uint32_t block, index = index_of(volume, (uint32_t)(offset + done), &within);
		size_t count = volume->block_size - within;
		int error = seek(volume, list.head, last, index, &block);

		if (count > length - done)
			count = length - done;
		if (error == 0)
			error = littlefs_read(volume, block, within, to + done, count);
		if (error != 0)
			return error;
		done += count;
	}
	return (ssize_t)length;
}

int littlefs_list_write(struct littlefs_volume *volume, uint32_t size,
                        int (*fill)(void *context, uint64_t offset, uint8_t *bytes, size_t length),
                        void *context, struct littlefs_list *list)
{
	uint32_t within, count = index_of(volume, size - 1, &within) + 1;
	uint32_t *blocks = calloc(count, sizeof(*blocks));
	uint8_t *bytes = malloc(volume->block_size);
	uint32_t done = 0;
	int error = blocks != NULL && bytes != NULL ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < count && error == 0; i++) {
		uint32_t pointers = i > 0 ? (uint32_t)__builtin_ctz(i) + 1 : 0;
		uint32_t room = volume->block_size - 4 * pointers;
		uint32_t length = size - done < room ? size - done : room;

		memset(bytes, 0xff, volume->block_size);
		for (uint32_t j = 0; j < pointers; j++)
			put_le32(bytes + 4 * (size_t)j, blocks[i - (1u << j)]);
		error = littlefs_allocate(volume, &blocks[i]);
		if (error == 0)
			error = fill(context, done, bytes + 4 * (size_t)pointers, length);
		if (error == 0)
			error = littlefs_write(volume, blocks[i], bytes);
		done += length;
	}
	if (error == 0)
		*list = (struct littlefs_list){ .head = blocks[count - 1], .size = size };
	free(blocks);
	free(bytes);
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
	for (;; index--) {
		uint8_t pointer[4];

		if (!littlefs_is_block(volume, block))
			return -EBADMSG;
		int result = visit(context, block);

		if (result != 0 || index == 0)
			return result > 0 ? 0 : result;
		result = littlefs_read(volume, block, 0, pointer, 4);
		if (result != 0)
			return result;
		block = get_le32(pointer);
	}
}
