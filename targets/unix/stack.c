/* SPDX-License-Identifier: ISC */
/*
 * Stacks, carved out of slabs.
 *
 * A process may have only some 65000 mappings (vm.max_map_count), so a mapping per stack would end
 * long before a million fibers. A slab is one mapping of up to 64 slots of one size; neighbouring
 * slabs even share the kernel's bookkeeping. Only touched pages cost memory:
 *
 *      slab  | slot 0           | slot 1           | …
 *            | guard | stack …  | guard | stack …  |
 *                    ^limit     ^top
 *
 * A released slot gives its pages back and is reused; a slab without stacks in use is unmapped.
 *
 * Guards.     MADV_GUARD_INSTALL (Linux 6.13) needs no mapping of its own. Before it, mprotect()
 *             splits the slab's mapping in three, so only the first GUARDS_BY_MPROTECT_MAX stacks
 *             are guarded so, and the others say `guarded = false`.
 * Huge pages. Refused: one touched stack would bring in thirty.
 */
#include "targets/unix/operations.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mirage/list.h>

#include "targets/unix/slab_table.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* linux/mman.h since 6.13 */
#endif

enum {
	SLOTS_MAX = 64,                /* bits of a mask */
	SLAB_SIZE_MAX = 16 << 20,      /* bytes, unless one slot is larger */
	GUARDS_BY_MPROTECT_MAX = 8192, /* each costs two of the mappings a process may have */
};

struct slab {
	struct list link; /* among the slabs of its class that have a free slot, or alone */
	struct slab_class *class;
	uint8_t *base;
	uint64_t free;    /* a bit per slot */
	uint64_t guarded; /* slots whose guard is in place; it stays when the stack goes */
	size_t guards_by_mprotect;
};

/* Slabs of one slot size. */
struct slab_class {
	struct list link; /* in `stacks.classes` */
	struct list partial;
	size_t slot_size; /* guard included */
	size_t slots;     /* per slab */
	size_t slabs;
};

/* Per thread: stacks are unmapped where they were mapped. */
static _Thread_local struct {
	struct list classes; /* zero until first used */
	struct slab_table slabs;
	size_t guards_by_mprotect;
	bool without_guard_install;
} stacks;

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Every slot of a slab, as a mask. */
static uint64_t slots_all(const struct slab_class *class)
{
	return UINT64_MAX >> (SLOTS_MAX - class->slots);
}

static struct slab_class *class_new(size_t slot_size)
{
	struct slab_class *class = malloc(sizeof(*class));

	if (class == NULL)
		return NULL;
	size_t slots = SLAB_SIZE_MAX / slot_size;

	*class = (struct slab_class){
		.slot_size = slot_size,
		.slots = slots == 0          ? 1
		         : slots < SLOTS_MAX ? slots
		                             : SLOTS_MAX,
	};
	list_init(&class->partial);
	list_append(&stacks.classes, &class->link);
	return class;
}

/* The class of this slot size; an image has few. */
static struct slab_class *class_find(size_t slot_size)
{
	if (stacks.classes.next == NULL)
		list_init(&stacks.classes);
	list_for_each(link, &stacks.classes) {
		struct slab_class *class = list_entry(link, struct slab_class, link);

		if (class->slot_size == slot_size)
			return class;
	}
	return class_new(slot_size);
}

static void class_free_if_unused(struct slab_class *class)
{
	if (class->slabs > 0)
		return;
	list_remove(&class->link);
	free(class);
}

/* Map what a slab needs. Returns NULL without memory or mappings left. */
static uint8_t *slab_map(size_t length)
{
	void *base = mmap(NULL, length, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	error_ignore(madvise(base, length, MADV_NOHUGEPAGE),
	             "a kernel that has no huge pages uses none");
	return base;
}

/*
 * Neighbouring slabs share a mapping, so that unmapping one may split it; a process that has no
 * mapping left for that gets the memory back at least, if not the addresses.
 */
static void slab_unmap(void *base, size_t length)
{
	if (munmap(base, length) != 0)
		error_ignore(madvise(base, length, MADV_DONTNEED), "the last resort");
}

static struct slab *slab_new(struct slab_class *class)
{
	size_t length = class->slot_size * class->slots;
	struct slab *slab = malloc(sizeof(*slab));

	if (slab == NULL)
		return NULL;
	*slab = (struct slab){ .class = class, .free = slots_all(class), .base = slab_map(length) };
	if (slab->base == NULL)
		goto without_base;
	if (slab_table_insert(&stacks.slabs, slab->base, slab) != 0)
		goto without_entry;
	list_append(&class->partial, &slab->link);
	class->slabs++;
	return slab;

without_entry:
	slab_unmap(slab->base, length);
without_base:
	free(slab);
	return NULL;
}

static void slab_free(struct slab *slab)
{
	struct slab_class *class = slab->class;

	list_remove(&slab->link);
	slab_table_remove(&stacks.slabs, slab->base);
	slab_unmap(slab->base, class->slot_size * class->slots);
	stacks.guards_by_mprotect -= slab->guards_by_mprotect;
	free(slab);
	class->slabs--;
	class_free_if_unused(class);
}

/* Put a guard at `page`. Returns whether there is one. */
static bool guard_install(struct slab *slab, void *page)
{
	if (!stacks.without_guard_install) {
		if (madvise(page, page_size(), MADV_GUARD_INSTALL) == 0)
			return true;
		if (errno != EINVAL) /* no memory for this one; others may be luckier */
			return false;
		stacks.without_guard_install = true;
	}
	if (stacks.guards_by_mprotect >= GUARDS_BY_MPROTECT_MAX ||
	    mprotect(page, page_size(), PROT_NONE) != 0)
		return false;
	stacks.guards_by_mprotect++;
	slab->guards_by_mprotect++;
	return true;
}

/* Give out slot `index`. */
static struct stack slot_take(struct slab *slab, size_t index)
{
	uint64_t bit = UINT64_C(1) << index;
	uint8_t *slot = slab->base + index * slab->class->slot_size;

	slab->free &= ~bit;
	if (slab->free == 0)
		list_remove(&slab->link);
	if ((slab->guarded & bit) == 0 && guard_install(slab, slot))
		slab->guarded |= bit;
	return (struct stack){
		.limit = slot + page_size(),
		.top = slot + slab->class->slot_size,
		.guarded = (slab->guarded & bit) != 0,
	};
}

int unix_stack_map(void *state, size_t size, struct stack *stack)
{
	size_t page = page_size();

	(void)state;
	if (size > PTRDIFF_MAX / 2)
		return -ENOMEM;
	struct slab_class *class = class_find(page + (size + page - 1) / page * page);

	if (class == NULL)
		return -ENOMEM;
	struct slab *slab = list_empty(&class->partial)
	                            ? slab_new(class)
	                            : list_entry(class->partial.next, struct slab, link);

	if (slab == NULL) {
		class_free_if_unused(class);
		return -ENOMEM;
	}
	*stack = slot_take(slab, (size_t)__builtin_ctzll(slab->free));
	return 0;
}

void unix_stack_unmap(void *state, struct stack stack)
{
	struct slab *slab = slab_table_find(&stacks.slabs, stack.limit);
	size_t offset = (size_t)((uint8_t *)stack.limit - slab->base);
	uint64_t bit = UINT64_C(1) << (offset / slab->class->slot_size);

	(void)state;
	if (slab->free == 0)
		list_prepend(&slab->class->partial, &slab->link);
	slab->free |= bit;
	if (slab->free == slots_all(slab->class))
		slab_free(slab);
	else
		error_ignore(
			madvise(stack.limit, slab->class->slot_size - page_size(), MADV_DONTNEED),
			"then the pages stay until the slab goes");
}
