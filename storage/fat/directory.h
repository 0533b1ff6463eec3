/* SPDX-License-Identifier: ISC */
/*
 * Directories of FAT volumes: finding, adding, changing and deleting entries.
 */
#ifndef STORAGE_FAT_DIRECTORY_H
#define STORAGE_FAT_DIRECTORY_H

#include <mirage/kv_key.h>

#include "storage/fat/boot_sector.h"
#include "storage/fat/name.h"
#include "storage/fat/volume.h"

enum {
	FAT_SLOTS_MAX = 65536, /* in a directory */
	FAT_SLOTS_PER_ENTRY_MAX = 21,
};

struct fat_entry {
	uint32_t directory;  /* first cluster of the one it is in; 0: the fixed root */
	uint32_t slot;       /* of its own slot there */
	uint32_t slot_count; /* with those of the long name before it */
	bool is_directory;
	uint32_t cluster; /* the first of its own; 0: none */
	uint32_t size;
	nanoseconds modified;
};

/* The root directory, which has no entry. */
struct fat_entry fat_root(const struct fat_volume *volume);

/* A walk over a directory's entries. Large: keep it on the heap. */
struct fat_walk {
	struct fat_volume *volume;
	uint32_t directory;
	uint32_t next; /* slot */
	uint32_t end;  /* slots to look at: FAT_SLOTS_MAX unless changed */
	struct fat_entry entry;
	char name[FAT_NAME_SIZE];
	uint8_t slot[SLOT_SIZE]; /* the entry's own, as it is on the disk */
	bool long_is_bad;        /* it has a long name that is none, so `name` is the short one */
	uint32_t loose;          /* slots of long names so far that belong to no entry */
	uint16_t units[FAT_SLOTS_PER_ENTRY_MAX * LONG_UNITS]; /* private from here on */
	uint8_t expected;                                     /* order of the next long slot */
	uint8_t checksum;
	uint32_t long_count;
	uint32_t long_seen; /* long slots since the last that was none */
};

/* -ENOMEM. free() it. */
must_check int fat_walk_new(struct fat_walk **walk, struct fat_volume *volume, uint32_t directory);

/* 1: at `entry`, named `name`; 0: at the end. "." and "..", labels and free slots are passed over. */
must_check int fat_walk_next(struct fat_walk *walk);

/* The same with "." and ".." and whatever else no key can name. */
must_check int fat_walk_any(struct fat_walk *walk);

/*
 * Find what a key leads to, whatever the case of its letters. -ENOENT, -EBADMSG, and what the device
 * says.
 */
must_check int fat_find(struct fat_volume *volume, struct kv_key key, struct fat_entry *entry);

/*
 * Add an entry to a directory that has none of that name. Of `entry` everything but its place is
 * given. When it returns 0 the entry is flushed.
 *
 * -EINVAL, -ENAMETOOLONG  FAT cannot have the name
 * -ENOSPC
 */
must_check int fat_directory_add(struct fat_volume *volume, uint32_t directory, struct kv_key name,
                                 const struct fat_entry *entry);

/* Write an entry's cluster, size and time into its slot; not flushed. */
must_check int fat_entry_update(struct fat_volume *volume, const struct fat_entry *entry);

/* Take an entry out of its directory. Its clusters stay. Flushed. */
must_check int fat_entry_delete(struct fat_volume *volume, const struct fat_entry *entry);

/* The first bytes of a new directory's cluster: its entries for itself and its parent. */
void fat_directory_init(const struct fat_volume *volume, uint32_t parent, uint32_t cluster,
                        nanoseconds modified, uint8_t slots[2 * SLOT_SIZE]);

#endif
