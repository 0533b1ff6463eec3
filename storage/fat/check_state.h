/* SPDX-License-Identifier: ISC */
/*
 * What the parts of fat_check() share.
 */
#ifndef STORAGE_FAT_CHECK_STATE_H
#define STORAGE_FAT_CHECK_STATE_H

#include "storage/fat/check.h"
#include "storage/fat/table.h"

enum {
	CHECK_CROSSED_MAX = 64, /* cross-linked clusters whose first owner is looked for */
	CHECK_PATH_SIZE = 1024,
	CHECK_TEXT_SIZE = 256,
	CHECK_ROOT = 0, /* its place among the folders */
};

#define CHECK_VOLUME UINT32_MAX /* no folder: the volume itself */

/* A directory that was found, in the order in which they are looked through. */
struct check_folder {
	char *name;
	uint32_t parent; /* its place among the folders */
	uint32_t cluster;
	uint32_t slots;
};

struct check {
	struct fat_volume *volume;
	finding_report *report;
	void *context;
	uint8_t *claimed; /* a bit for each cluster that has an owner */
	struct check_folder *folders;
	size_t folder_count;
	size_t folder_room;
	uint32_t crossed[CHECK_CROSSED_MAX];
	size_t crossed_count;
	bool naming; /* all is known: only the first owners of what is crossed are told */
	char path[CHECK_PATH_SIZE];
	char text[CHECK_TEXT_SIZE];
};

/* What a finding is about: an entry of a folder, or with an empty name the folder itself. */
struct check_place {
	uint32_t folder;
	const char *name;
};

void check_found(struct check *check, struct check_place place, const char *kind,
                 const char *format, ...) printf_like(4, 5);

/* Something harmless. */
void check_noted(struct check *check, struct check_place place, const char *kind,
                 const char *format, ...) printf_like(4, 5);

static inline bool check_is_claimed(const struct check *check, uint32_t cluster)
{
	return (check->claimed[cluster / 8] & 1u << cluster % 8) != 0;
}

static inline void check_claim(struct check *check, uint32_t cluster)
{
	check->claimed[cluster / 8] |= (uint8_t)(1u << cluster % 8);
}

/* An entry of the table that says that its cluster cannot be used. */
static inline bool check_is_bad_mark(const struct fat_volume *volume, uint32_t next)
{
	return next == (volume->type == FAT_12   ? 0xff7
	                : volume->type == FAT_16 ? 0xfff7
	                                         : 0x0ffffff7);
}

/* Claim all that the directories lead to. */
must_check int check_tree(struct check *check);

/* What nobody claimed, the copies of the table and of the boot sector, and the count. */
must_check int check_lost(struct check *check);
must_check int check_copies(struct check *check);

#endif
