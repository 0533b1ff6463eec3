// SPDX-License-Identifier: ISC
/*
 * A heap of a few kilobytes under any sequence of calls: each byte is one, its low bits choose the
 * block, and the next two the size. Blocks are filled, so that overlapping ones are noticed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/heap.h>

enum {
	REGION_SIZE = 16384,
	BLOCKS = 32,
	CALLS_MAX = 500,
};

struct block {
	unsigned char *bytes;
	size_t size;
};

static void check(const struct block *block, unsigned char fill, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert(block->bytes[i] == fill);
}

static void set(struct block *block, unsigned char *bytes, size_t size, unsigned char fill)
{
	block->bytes = bytes;
	block->size = size;
	memset(bytes, fill, size);
}

static void resize(struct heap *heap, struct block *block, size_t size, unsigned char fill)
{
	unsigned char *moved = heap_resize(heap, block->bytes, size);

	if (moved == NULL)
		return;
	size_t kept = size < block->size ? size : block->size;

	block->bytes = moved;
	check(block, fill, kept);
	set(block, moved, size, fill);
}

static void call(struct heap *heap, struct block *block, unsigned char fill, unsigned int operation,
                 size_t size)
{
	if (block->bytes == NULL) {
		unsigned char *bytes = heap_allocate(heap, size, (size_t)1 << (operation * 3));

		assert((uintptr_t)bytes % ((size_t)1 << (operation * 3)) == 0);
		if (bytes != NULL)
			set(block, bytes, size, fill);
		return;
	}
	assert(heap_usable_size(heap, block->bytes) >= block->size);
	check(block, fill, block->size);
	if (operation < 3) {
		resize(heap, block, size, fill);
	} else {
		heap_free(heap, block->bytes);
		block->bytes = NULL;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct block blocks[BLOCKS] = { { .bytes = NULL } };
	struct heap_statistics statistics;
	char *region = malloc(REGION_SIZE);
	struct heap *heap = heap_init(region, REGION_SIZE, 42);

	for (size_t at = 0; at + 3 <= size && at < CALLS_MAX * 3; at += 3) {
		unsigned int which = data[at] % BLOCKS;

		call(heap, &blocks[which], (unsigned char)(which + 1), data[at] / BLOCKS % 4,
		     (size_t)data[at + 1] << (data[at + 2] % 8));
		if (data[at] >= 128)
			heap_set_ceiling(heap, data[at + 2] % 16 == 0 ? 4000 : SIZE_MAX);
		if (at % 48 == 0)
			assert(heap_check(heap) == 0);
	}
	for (size_t i = 0; i < BLOCKS; i++)
		heap_free(heap, blocks[i].bytes);
	heap_statistics(heap, &statistics);
	assert(heap_check(heap) == 0 && statistics.in_use == 0 &&
	       statistics.largest_free == statistics.size - 8);
	free(region);
	return 0;
}
