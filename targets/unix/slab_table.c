/* SPDX-License-Identifier: ISC */
/*
 * From an address to the slab of stacks that holds it.
 */
#include "targets/unix/slab_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_SIZE = 16,
};

/* The index of the first entry whose base is at or below `address`; count if there is none. */
static size_t position(const struct slab_table *table, const uint8_t *address)
{
	size_t low = 0;
	size_t high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)table->entries[middle].base <= (uintptr_t)address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int table_grow(struct slab_table *table)
{
	size_t size = table->size == 0 ? FIRST_SIZE : table->size * 2;
	struct slab_table_entry *entries =
		reallocarray(table->entries, size, sizeof(table->entries[0]));

	if (entries == NULL)
		return -ENOMEM;
	table->entries = entries;
	table->size = size;
	return 0;
}

int slab_table_insert(struct slab_table *table, const uint8_t *base, struct slab *slab)
{
	size_t index = position(table, base);

	if (table->count == table->size && table_grow(table) != 0)
		return -ENOMEM;
	memmove(&table->entries[index + 1], &table->entries[index],
	        (table->count - index) * sizeof(table->entries[0]));
	table->entries[index] = (struct slab_table_entry){ .base = base, .slab = slab };
	table->count++;
	return 0;
}

void slab_table_remove(struct slab_table *table, const uint8_t *base)
{
	size_t index = position(table, base);

	table->count--;
	memmove(&table->entries[index], &table->entries[index + 1],
	        (table->count - index) * sizeof(table->entries[0]));
	if (table->count == 0) {
		free(table->entries);
		*table = (struct slab_table){ .entries = NULL };
	}
}

struct slab *slab_table_find(const struct slab_table *table, const void *address)
{
	size_t index = position(table, address);

	return index < table->count ? table->entries[index].slab : NULL;
}
