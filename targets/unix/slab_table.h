/* SPDX-License-Identifier: ISC */
/*
 * From an address to the slab of stacks that holds it. Private to stack.c.
 *
 * An array ordered by falling address, searched by halves. The kernel maps from the top down, so
 * a new slab usually goes to the end. Nothing is kept in the stacks themselves: an overflow or
 * a wild write cannot reach it.
 */
#ifndef TARGETS_UNIX_SLAB_TABLE_H
#define TARGETS_UNIX_SLAB_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

struct slab;

struct slab_table_entry {
	const uint8_t *base;
	struct slab *slab;
};

struct slab_table {
	struct slab_table_entry *entries;
	size_t count;
	size_t size;
};

/* -ENOMEM */
must_check int slab_table_insert(struct slab_table *table, const uint8_t *base, struct slab *slab);

/* Remove the slab at `base`, which is there. An empty table holds no memory. */
void slab_table_remove(struct slab_table *table, const uint8_t *base);

/* The slab with the highest base at or below `address`, or NULL. */
struct slab *slab_table_find(const struct slab_table *table, const void *address);

#endif
