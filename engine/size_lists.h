/* SPDX-License-Identifier: ISC */
/*
 * The lists of a size report, private to size.c and size_read.c.
 */
#ifndef ENGINE_SIZE_LISTS_H
#define ENGINE_SIZE_LISTS_H

#include "engine/size.h"

/* In place of a part: link-time optimisation hides it, or memory is out. */
#define SIZE_PART_UNKNOWN SIZE_MAX

/* Room for one more zeroed item at the end of a list that grows by doubling; NULL if memory is out. */
void *size_list_append(void **items, size_t *count, size_t size);

#define SIZE_LIST_APPEND(items, count) \
	size_list_append((void **)&(items), &(count), sizeof(*(items)))

/* The part of this name, made if need be; SIZE_PART_UNKNOWN if memory is out. */
size_t size_part_named(struct size_report *report, const char *name);

/* The part that an object of the link belongs to, by the path that a map or readelf prints. */
size_t size_part_of_object(struct size_report *report, const char *path);

#endif
