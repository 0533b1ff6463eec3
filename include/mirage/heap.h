/* SPDX-License-Identifier: ISC */
/*
 * Heaps: memory of any size from one region, in constant time, with a hard ceiling.
 *
 * Model.      A heap is made in a region of memory and never grows beyond it. All of its state lies
 *             in the region. Free memory is kept in lists by size class (two-level segregated fit):
 *             allocating, freeing and resizing in place take a bounded number of steps, whatever
 *             the heap holds. Neighbours that are free are one block at once.
 * Cost.       8 bytes per allocation; sizes are rounded up to 24, 40, 56, … bytes. About 2 KiB per
 *             heap of a megabyte and 128 bytes for each doubling.
 * Limits.     Out of memory is NULL, never an abort. A block freed twice, a pointer that is not the
 *             heap's, and a header that was written over are bugs: they are noticed when the block
 *             or its neighbour is next freed or resized, and end the image with a message.
 * Context.    One instance; anywhere, also before the runtime runs. Nothing blocks.
 * See also.   malloc(): in a bare image it takes from the image's own heap, whose figures are
 *             heap_image_statistics(). Heaps of one's own are for budgets: what a library may use
 *             at most.
 */
#ifndef MIRAGE_HEAP_H
#define MIRAGE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

struct heap;

/* What every allocation is aligned to at least, in bytes. */
#define HEAP_ALIGNMENT 16

/*
 * Make a heap of `size` bytes at `region`, which may start and end anywhere and stays the heap's
 * until nobody uses it any more; there is nothing to undo. `secret` is any number that those who
 * can write beyond their blocks cannot guess (0 where it does not matter): it makes a forged header
 * as likely to be noticed as a broken one.
 *
 * Returns NULL if the region is too small to hold anything (less than about 3 KiB).
 */
struct heap *heap_init(void *region, size_t size, uint64_t secret);

/*
 * Take `size` bytes, aligned to `alignment` (a power of two; up to HEAP_ALIGNMENT is free of
 * charge), with unspecified contents. 0 bytes are a block like any other.
 *
 * Returns NULL if there is no free piece large enough, the ceiling would be passed, or `alignment`
 * is no power of two.
 */
must_check void *heap_allocate(struct heap *heap, size_t size, size_t alignment);

/* Give a block back. NULL is allowed. */
void heap_free(struct heap *heap, void *block);

/*
 * Change a block's size, in place if the memory behind it is free, else by moving it; the contents
 * up to the smaller of both sizes stay. Of the alignment only HEAP_ALIGNMENT is kept when it moves.
 *
 * Returns where the block is now, or NULL with the block as it was. A NULL block is allocated.
 */
must_check void *heap_resize(struct heap *heap, void *block, size_t size);

/* Bytes that may be used at `block`: at least what was asked for. 0 for NULL. */
size_t heap_usable_size(const struct heap *heap, const void *block);

/*
 * Let the heap hand out no more than `ceiling` bytes in all, its own 8 bytes per block included.
 * Blocks that pass it already stay. SIZE_MAX takes the limit away again.
 */
void heap_set_ceiling(struct heap *heap, size_t ceiling);

struct heap_statistics {
	size_t size;         /* bytes that can be handed out: in_use + free */
	size_t ceiling;      /* of in_use; SIZE_MAX: only the size counts */
	size_t in_use;       /* bytes handed out, with 8 bytes per block */
	size_t peak;         /* most in use at once */
	size_t free;         /* bytes not handed out */
	size_t largest_free; /* bytes that one allocation can have now */
	size_t allocations;  /* blocks handed out now */
	uint64_t refused;    /* allocations that got NULL */
};

/* Read the figures. Takes as long as there are free blocks of the largest size class. */
void heap_statistics(const struct heap *heap, struct heap_statistics *statistics);

/*
 * The figures of the heap that malloc() takes from. On a target where malloc() is the host's own
 * they are the host's, with what it does not tell left 0 (largest_free, allocations, peak).
 */
void heap_image_statistics(struct heap_statistics *statistics);

/*
 * Go through the whole heap and compare what is written in several places. 0, or -EUCLEAN if it
 * does not agree. For tests, and for those who look for whoever writes beyond a block.
 */
must_check int heap_check(const struct heap *heap);

#endif
