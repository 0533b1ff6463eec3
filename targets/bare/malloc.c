/* SPDX-License-Identifier: ISC */
#include "targets/bare/malloc.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/heap.h>

#include "runtime/bug.h"
#include "targets/bare/start.h"

static struct heap *image_heap;

void bare_heap_start(struct memory_range range)
{
	const struct target *target = bare_target();
	uint64_t secret = 0;

	error_ignore(target->ops->entropy(target->state, &secret, sizeof(secret)),
	             "without a secret broken headers are noticed all the same");
	image_heap = heap_init((void *)range.start, range.end - range.start, secret);
	if (image_heap == NULL)
		bug("heap: %zu bytes are too few for it", (size_t)(range.end - range.start));
}

static void *with_errno(void *block)
{
	if (__builtin_expect(block == NULL, 0))
		errno = ENOMEM;
	return block;
}

void *malloc(size_t size)
{
	return with_errno(heap_allocate(image_heap, size, HEAP_ALIGNMENT));
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return with_errno(NULL);
	void *block = heap_allocate(image_heap, bytes, HEAP_ALIGNMENT);

	return block != NULL ? memset(block, 0, bytes) : with_errno(NULL);
}

void *realloc(void *block, size_t size)
{
	return with_errno(heap_resize(image_heap, block, size));
}

void free(void *block)
{
	heap_free(image_heap, block);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
		return EINVAL;
	void *memory = heap_allocate(image_heap, size, alignment);

	if (memory == NULL)
		return ENOMEM;
	*block = memory;
	return 0;
}

void *memalign(size_t alignment, size_t size)
{
	if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
		errno = EINVAL;
		return NULL;
	}
	return with_errno(heap_allocate(image_heap, size, alignment));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

size_t malloc_usable_size(void *block)
{
	return heap_usable_size(image_heap, block);
}

void heap_image_statistics(struct heap_statistics *statistics)
{
	heap_statistics(image_heap, statistics);
}
