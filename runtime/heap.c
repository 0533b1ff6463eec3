/* SPDX-License-Identifier: ISC */
/*
 * Two-level segregated fit.
 *
 * The region is cut into blocks without gaps, each a multiple of 16 bytes with one word in front
 * that has its size, two flags and a check over these, its place and the heap's secret:
 *
 *      word      payload, at a multiple of 16
 *     ┌────────┬───────────────────────────────┐
 *     │ used   │ the caller's                  │
 *     ├────────┼────────┬────────┬─────┬───────┤
 *     │ free   │ next   │ prev   │     │ size  │ ◄── so that the block behind can find it
 *     └────────┴────────┴────────┴─────┴───────┘
 *
 * Free blocks lie in lists: below 256 bytes one for each size, above that 16 for each power of two.
 * A bit for each list and one for each power of two tell which are not empty, so the list to take
 * from is found with two "count trailing zeros".
 *
 * Invariants, which heap_check() compares:
 *   1. Blocks follow each other from `first` to a used word of size 0 at the end.
 *   2. No two free blocks are neighbours.
 *   3. A block has PREVIOUS_FREE exactly if the one before it is free, whose last word is its size.
 *   4. A free block is in the list of its size, and nothing else is in a list.
 *   5. The bits are set exactly for lists that are not empty.
 */
#include <mirage/heap.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/bug.h"

enum {
	GRANULE = HEAP_ALIGNMENT,
	WORD = 8,
	BLOCK_MIN = 32,
	FINE_LOG2 = 4,
	FINE = 1 << FINE_LOG2, /* lists for each power of two */
	SMALL_LOG2 = 8,        /* below 2^8 bytes each size has its list */
	SIZE_LOG2_MAX = 46,
	COARSE_MAX = SIZE_LOG2_MAX - SMALL_LOG2 + 2,
};

#define SIZE_MAX_TOTAL   ((uint64_t)1 << SIZE_LOG2_MAX)
#define FLAG_FREE        ((uint64_t)1)
#define PREVIOUS_FREE    ((uint64_t)2)
#define FLAGS            (FLAG_FREE | PREVIOUS_FREE)
#define CHECK_SHIFT      48
#define CHECK_MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 divided by the golden ratio */

/* What was another type's memory a moment ago: the compiler may not assume that a store of the
   caller's and one of ours lie apart. */
typedef uint64_t __attribute__((may_alias)) footer;

struct block {
	uint64_t word;
	/* In free blocks only: */
	struct block *next;
	struct block *previous;
} __attribute__((may_alias));

struct heap {
	uint64_t secret;
	uint64_t coarse; /* bit for each power of two */
	size_t in_use;
	size_t ceiling;
	size_t peak;
	size_t size;
	size_t allocations;
	uint64_t refused;
	struct block *first;
	struct block *end; /* the word of size 0 */
	uint16_t fine[COARSE_MAX];
	struct block *lists[]; /* FINE for each power of two that the size needs */
};

struct list_index {
	unsigned coarse, fine;
};

static struct block *block_at(const struct block *block, size_t offset)
{
	return (struct block *)((uintptr_t)block + offset);
}

static void *payload_of(struct block *block)
{
	return (char *)block + WORD;
}

static struct block *block_of(const void *payload)
{
	return (struct block *)((uintptr_t)payload - WORD);
}

static uint64_t check_of(const struct heap *heap, const struct block *block, uint64_t content)
{
	uint64_t mixed = ((uint64_t)(uintptr_t)block ^ heap->secret) + content;

	return (mixed * CHECK_MULTIPLIER) >> CHECK_SHIFT << CHECK_SHIFT;
}

static void word_set(const struct heap *heap, struct block *block, uint64_t content)
{
	block->word = content | check_of(heap, block, content);
}

static bool word_intact(const struct heap *heap, const struct block *block)
{
	uint64_t content = block->word & ~(UINT64_MAX << CHECK_SHIFT);

	return block->word == (content | check_of(heap, block, content));
}

/* Size and flags of a block whose word nobody has overwritten. */
static uint64_t word_get(const struct heap *heap, const struct block *block)
{
	if (__builtin_expect(!word_intact(heap, block), 0))
		bug("heap: what lies before the block at %p is overwritten, or it was freed before",
		    payload_of((struct block *)(uintptr_t)block));
	return block->word & ~(UINT64_MAX << CHECK_SHIFT);
}

static size_t size_in(uint64_t content)
{
	return (size_t)(content & ~FLAGS);
}

static unsigned log2_of(size_t size)
{
	return 63 - (unsigned)__builtin_clzll(size);
}

/* The list that a free block of `size` bytes belongs to. */
static struct list_index index_of(size_t size)
{
	if (size < (1U << SMALL_LOG2))
		return (struct list_index){ 0, (unsigned)(size / GRANULE) };
	unsigned log2 = log2_of(size);

	return (struct list_index){ log2 - SMALL_LOG2 + 1,
		                    (unsigned)(size >> (log2 - FINE_LOG2)) & (FINE - 1) };
}

static struct block **list_at(struct heap *heap, struct list_index index)
{
	return &heap->lists[index.coarse * FINE + index.fine];
}

static void list_insert(struct heap *heap, struct block *block, size_t size)
{
	struct list_index index = index_of(size);
	struct block **list = list_at(heap, index);

	block->previous = NULL;
	block->next = *list;
	if (*list != NULL)
		(*list)->previous = block;
	*list = block;
	heap->fine[index.coarse] |= (uint16_t)(1U << index.fine);
	heap->coarse |= (uint64_t)1 << index.coarse;
}

/* The neighbours of a free block in its list must agree. */
static void list_check(struct block *const *list, struct block *block)
{
	if (__builtin_expect((block->previous != NULL ? block->previous->next : *list) != block ||
	                             (block->next != NULL && block->next->previous != block),
	                     0))
		bug("heap: the free block at %p was written to", payload_of(block));
}

static void list_remove_block(struct heap *heap, struct block *block, size_t size)
{
	struct list_index index = index_of(size);
	struct block **list = list_at(heap, index);

	list_check(list, block);
	if (block->next != NULL)
		block->next->previous = block->previous;
	if (block->previous != NULL) {
		block->previous->next = block->next;
		return;
	}
	*list = block->next;
	if (*list != NULL)
		return;
	heap->fine[index.coarse] &= (uint16_t) ~(1U << index.fine);
	if (heap->fine[index.coarse] == 0)
		heap->coarse &= ~((uint64_t)1 << index.coarse);
}

/* The free block `from` becomes the one at `to`: mostly a large one that stays in its list. */
static void list_move(struct heap *heap, struct block *from, size_t from_size, struct block *to,
                      size_t to_size)
{
	struct list_index index = index_of(from_size), new_index = index_of(to_size);

	if (index.coarse != new_index.coarse || index.fine != new_index.fine) {
		list_remove_block(heap, from, from_size);
		list_insert(heap, to, to_size);
		return;
	}
	struct block **list = list_at(heap, index);
	struct block *next = from->next, *previous = from->previous;

	list_check(list, from);
	to->next = next;
	to->previous = previous;
	*(previous != NULL ? &previous->next : list) = to;
	if (next != NULL)
		next->previous = to;
}

/* A free block of at least `size` bytes, or NULL: the first of its own list, or of the next list in
   which all are large enough. */
static struct block *find(struct heap *heap, size_t size)
{
	struct list_index index = index_of(size);
	uint64_t coarse = heap->coarse >> index.coarse;

	if (coarse == 0)
		return NULL;
	struct block *own = *list_at(heap, index);

	/* Small ones are all of one size; take() looks at the word. */
	if (own != NULL && (index.coarse == 0 || size_in(word_get(heap, own)) >= size))
		return own;
	/* Two shifts, as index.fine may be the last bit. */
	unsigned fine = heap->fine[index.coarse] & (~0U << index.fine << 1);

	if (fine == 0) {
		coarse = coarse >> 1 << 1;
		if (coarse == 0)
			return NULL;
		index.coarse += (unsigned)__builtin_ctzll(coarse);
		fine = heap->fine[index.coarse];
	}
	index.fine = (unsigned)__builtin_ctz(fine);
	return *list_at(heap, index);
}

/* The `size` bytes at `block` are a free block; its list and what lies behind know. */
static void set_free(struct heap *heap, struct block *block, size_t size)
{
	word_set(heap, block, size | FLAG_FREE);
	*(footer *)((char *)block_at(block, size) - WORD) = size;
}

/* Make the `size` bytes at `block` a free block, joined with a free one behind it. The block before
   it is in use. */
static void release(struct heap *heap, struct block *block, size_t size)
{
	struct block *next = block_at(block, size);
	uint64_t content = word_get(heap, next);

	if (content & FLAG_FREE) {
		list_move(heap, next, size_in(content), block, size + size_in(content));
		size += size_in(content); /* its word stays, and says that it is free */
	} else {
		word_set(heap, next, content | PREVIOUS_FREE);
		list_insert(heap, block, size);
	}
	set_free(heap, block, size);
}

/* Cut a used block of `size` bytes down to `keep` bytes if what is behind can be a block. */
static size_t trim(struct heap *heap, struct block *block, size_t size, size_t keep)
{
	if (size - keep < BLOCK_MIN)
		return size;
	uint64_t flags = block->word & PREVIOUS_FREE;

	word_set(heap, block, keep | flags);
	release(heap, block_at(block, keep), size - keep);
	return keep;
}

static void count_in(struct heap *heap, size_t size)
{
	heap->in_use += size;
	if (heap->in_use > heap->peak)
		heap->peak = heap->in_use;
}

/* Bytes of the block for a payload of `size`, or 0 if that is too much for any heap. */
static size_t block_size(size_t size)
{
	if (size > SIZE_MAX_TOTAL)
		return 0;
	size = (size + WORD + GRANULE - 1) & ~(size_t)(GRANULE - 1);
	return size < BLOCK_MIN ? BLOCK_MIN : size;
}

__attribute__((cold)) struct heap *heap_init(void *region, size_t size, uint64_t secret)
{
	uintptr_t start = ((uintptr_t)region + GRANULE - 1) & ~(uintptr_t)(GRANULE - 1);
	size_t skipped = start - (uintptr_t)region;

	if (size < skipped)
		return NULL;
	size -= skipped;
	if (size > SIZE_MAX_TOTAL)
		size = SIZE_MAX_TOTAL;
	if (size < sizeof(struct heap) + (size_t)2 * BLOCK_MIN)
		return NULL;
	struct heap *heap = (struct heap *)start;
	size_t lists = ((size_t)index_of(size).coarse + 1) * FINE;
	size_t head = sizeof(*heap) + lists * sizeof(heap->lists[0]);

	/* Payloads are aligned, so words lie 8 bytes before a multiple of 16. */
	head = ((head + WORD + GRANULE - 1) & ~(size_t)(GRANULE - 1)) - WORD;
	if (size < head + BLOCK_MIN + GRANULE)
		return NULL;
	memset(heap, 0, head);
	heap->secret = secret;
	heap->ceiling = SIZE_MAX;
	heap->first = block_at((struct block *)heap, head);
	heap->size = (size - head - WORD) & ~(size_t)(GRANULE - 1);
	heap->end = block_at(heap->first, heap->size);
	word_set(heap, heap->end, 0);
	release(heap, heap->first, heap->size);
	return heap;
}

/*
 * Take a free block out of its list as a used one of `wanted` bytes, or of all its size if the rest
 * cannot be a block. Returns its size.
 */
static size_t take(struct heap *heap, struct block *block, size_t wanted)
{
	size_t size = size_in(word_get(heap, block));
	struct block *next = block_at(block, size);

	if (size - wanted >= BLOCK_MIN) {
		struct block *rest = block_at(block, wanted);

		list_move(heap, block, size, rest, size - wanted);
		set_free(heap, rest, size - wanted);
		size = wanted;
	} else {
		list_remove_block(heap, block, size);
		word_set(heap, next, word_get(heap, next) & ~PREVIOUS_FREE);
	}
	word_set(heap, block, size);
	return size;
}

/* Give back what lies before the first payload in `block` that is aligned; returns its block. */
static struct block *align(struct heap *heap, struct block *block, size_t *size, size_t alignment)
{
	uintptr_t payload = (uintptr_t)payload_of(block);
	uintptr_t aligned = (payload + alignment - 1) & ~(uintptr_t)(alignment - 1);

	if (aligned == payload)
		return block;
	if (aligned - payload < BLOCK_MIN)
		aligned += alignment;
	size_t before = aligned - payload;
	struct block *kept = block_at(block, before);

	*size -= before;
	word_set(heap, kept, *size);
	release(heap, block, before);
	return kept;
}

void *heap_allocate(struct heap *heap, size_t size, size_t alignment)
{
	size_t wanted = block_size(size);
	size_t search = wanted;

	if ((alignment & (alignment - 1)) != 0 || alignment > SIZE_MAX_TOTAL)
		wanted = 0;
	else if (alignment > GRANULE)
		search = wanted + alignment + BLOCK_MIN;
	struct block *block = NULL;

	if (wanted != 0 && wanted <= heap->ceiling && heap->in_use <= heap->ceiling - wanted)
		block = find(heap, search);
	if (block == NULL) {
		heap->refused++;
		return NULL;
	}
	size_t taken = take(heap, block, search);

	if (alignment > GRANULE) {
		block = align(heap, block, &taken, alignment);
		taken = trim(heap, block, taken, wanted);
	}
	count_in(heap, taken);
	heap->allocations++;
	return payload_of(block);
}

/* The block of a payload that a caller gave, with its size and flags. */
static struct block *used_block(const struct heap *heap, const void *payload, uint64_t *content)
{
	struct block *block = block_of(payload);

	if (__builtin_expect((uintptr_t)payload % GRANULE != 0 || block < heap->first ||
	                             block >= heap->end,
	                     0))
		bug("heap: %p is not a block of this heap", payload);
	*content = word_get(heap, block);
	if (__builtin_expect((*content & FLAG_FREE) != 0, 0))
		bug("heap: the block at %p was freed before", payload);
	return block;
}

void heap_free(struct heap *heap, void *payload)
{
	if (payload == NULL)
		return;
	uint64_t content;
	struct block *block = used_block(heap, payload, &content);
	size_t size = size_in(content);

	heap->in_use -= size;
	heap->allocations--;
	if (content & PREVIOUS_FREE) {
		size_t before = (size_t) * (footer *)((char *)block - WORD);
		struct block *previous = (struct block *)((uintptr_t)block - before);

		if (__builtin_expect(before > (uintptr_t)block - (uintptr_t)heap->first ||
		                             word_get(heap, previous) != (before | FLAG_FREE),
		                     0))
			bug("heap: the free block before %p was written to", payload);
		list_remove_block(heap, previous, before);
		block->word = 0;
		block = previous;
		size += before;
	}
	release(heap, block, size);
}

/* Make a used block `wanted` bytes without moving it. */
static bool resize_in_place(struct heap *heap, struct block *block, uint64_t content, size_t wanted)
{
	size_t size = size_in(content);
	size_t was = size;

	if (size < wanted) {
		struct block *next = block_at(block, size);
		uint64_t behind = word_get(heap, next);

		if (!(behind & FLAG_FREE) || size + size_in(behind) < wanted ||
		    wanted > heap->ceiling || heap->in_use - was > heap->ceiling - wanted)
			return false;
		size += take(heap, next, wanted - size);
		next->word = 0;
		word_set(heap, block, size | (content & PREVIOUS_FREE));
	}
	size = trim(heap, block, size, wanted);
	heap->in_use -= was;
	count_in(heap, size);
	return true;
}

void *heap_resize(struct heap *heap, void *payload, size_t size)
{
	if (payload == NULL)
		return heap_allocate(heap, size, GRANULE);
	uint64_t content;
	struct block *block = used_block(heap, payload, &content);
	size_t wanted = block_size(size);

	if (wanted == 0) {
		heap->refused++;
		return NULL;
	}
	if (resize_in_place(heap, block, content, wanted))
		return payload;
	void *moved = heap_allocate(heap, size, GRANULE);

	if (moved == NULL)
		return NULL;
	memcpy(moved, payload, size_in(content) - WORD);
	heap_free(heap, payload);
	return moved;
}

size_t heap_usable_size(const struct heap *heap, const void *payload)
{
	if (payload == NULL)
		return 0;
	uint64_t content;

	(void)used_block(heap, payload, &content);
	return size_in(content) - WORD;
}

void heap_set_ceiling(struct heap *heap, size_t ceiling)
{
	heap->ceiling = ceiling;
}

__attribute__((cold)) static size_t largest_free(const struct heap *heap)
{
	size_t largest = 0;

	if (heap->coarse == 0)
		return 0;
	unsigned coarse = log2_of(heap->coarse);
	unsigned fine = log2_of(heap->fine[coarse]);

	for (const struct block *at = heap->lists[coarse * FINE + fine]; at != NULL; at = at->next)
		if (size_in(word_get(heap, at)) > largest)
			largest = size_in(word_get(heap, at));
	return largest - WORD;
}

__attribute__((cold)) void heap_statistics(const struct heap *heap,
                                           struct heap_statistics *statistics)
{
	*statistics = (struct heap_statistics){
		.size = heap->size,
		.ceiling = heap->ceiling,
		.in_use = heap->in_use,
		.peak = heap->peak,
		.free = heap->size - heap->in_use,
		.largest_free = largest_free(heap),
		.allocations = heap->allocations,
		.refused = heap->refused,
	};
}

static bool in_list(const struct heap *heap, const struct block *block, size_t size)
{
	struct list_index index = index_of(size);
	const struct block *at = heap->lists[index.coarse * FINE + index.fine];

	while (at != NULL && at != block)
		at = at->next;
	return at == block && (heap->fine[index.coarse] >> index.fine & 1) != 0 &&
	       (heap->coarse >> index.coarse & 1) != 0;
}

static size_t count_listed(const struct heap *heap)
{
	size_t count = 0;
	size_t lists =
		(size_t)((uintptr_t)heap->first - (uintptr_t)heap->lists) / sizeof(heap->lists[0]);

	for (size_t i = 0; i < lists / FINE * FINE; i++) {
		if ((heap->lists[i] != NULL) != ((heap->fine[i / FINE] >> i % FINE & 1) != 0))
			return SIZE_MAX;
		for (const struct block *at = heap->lists[i]; at != NULL; at = at->next)
			count++;
	}
	return count;
}

__attribute__((cold)) int heap_check(const struct heap *heap)
{
	const struct block *block = heap->first;
	size_t in_use = 0, allocations = 0, free_blocks = 0;
	bool before_free = false;

	while (block != heap->end) {
		uint64_t content = block->word & ~(UINT64_MAX << CHECK_SHIFT);
		size_t size = size_in(content);

		if (!word_intact(heap, block) || size < BLOCK_MIN ||
		    size > (uintptr_t)heap->end - (uintptr_t)block ||
		    before_free != ((content & PREVIOUS_FREE) != 0))
			return -EUCLEAN;
		bool is_free = (content & FLAG_FREE) != 0;
		const struct block *next = block_at(block, size);

		if (is_free && (before_free || !in_list(heap, block, size) ||
		                *(const footer *)((const char *)next - WORD) != size))
			return -EUCLEAN;
		in_use += is_free ? 0 : size;
		allocations += !is_free;
		free_blocks += is_free;
		before_free = is_free;
		block = next;
	}
	if (!word_intact(heap, block) || before_free != ((block->word & PREVIOUS_FREE) != 0) ||
	    in_use != heap->in_use || allocations != heap->allocations ||
	    free_blocks != count_listed(heap))
		return -EUCLEAN;
	return 0;
}
