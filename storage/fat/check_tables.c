// SPDX-License-Identifier: ISC
/* What nobody has, and what should be the same. */
#include "storage/fat/check_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/fat/boot_sector.h"
#include "storage/fat/mend.h"
#include "storage/kv/little_endian.h"

static const struct check_place volume_itself = { .folder = CHECK_VOLUME, .name = "" };

/* ------------------------------------------------------------------ lost clusters */

/* What comes behind a cluster if it is in use and nobody has it, else FAT_FREE. */
static int lost_next(const struct check *check, uint32_t cluster, uint32_t *next)
{
	int error = 0;

	*next = FAT_FREE;
	if (!check_is_claimed(check, cluster))
		error = fat_table_get(check->volume, cluster, next);
	if (error == 0 && check_is_bad_mark(check->volume, *next))
		*next = FAT_FREE;
	return error;
}

/* Follow a chain that nobody has, as far as it leads to its own kind. */
static int report_lost(struct check *check, uint32_t first)
{
	uint32_t count = 0, at = first, next;
	int error = lost_next(check, at, &next);

	while (error == 0 && next != FAT_FREE) {
		check_claim(check, at);
		count++;
		at = next;
		if (!fat_is_cluster(check->volume, at))
			break;
		error = lost_next(check, at, &next);
	}
	if (error == 0)
		check_found(check, volume_itself, "lost-chain",
		            "%u cluster%s from %u on belong%s to nothing and cannot be used", count,
		            count == 1 ? "" : "s", first, count == 1 ? "s" : "");
	return error;
}

/* Mark what another lost cluster leads to: chains begin at the others. */
static int mark_followers(const struct check *check, uint8_t *follower)
{
	const struct fat_volume *volume = check->volume;
	int error = 0;

	for (uint32_t i = 0; i < volume->cluster_count && error == 0; i++) {
		uint32_t next;

		error = lost_next(check, FAT_FIRST_CLUSTER + i, &next);
		if (error == 0 && fat_is_cluster(volume, next))
			follower[next / 8] |= (uint8_t)(1u << next % 8);
	}
	return error;
}

int check_lost(struct check *check)
{
	const struct fat_volume *volume = check->volume;
	uint8_t *follower = calloc(1, ((size_t)volume->cluster_count + FAT_FIRST_CLUSTER) / 8 + 1);
	int error = follower != NULL ? mark_followers(check, follower) : -ENOMEM;

	/* Chains from their beginnings, then what has none: circles. */
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < volume->cluster_count && error == 0; i++) {
			uint32_t cluster = FAT_FIRST_CLUSTER + i, next;

			if (round == 0 && (follower[cluster / 8] & 1u << cluster % 8) != 0)
				continue;
			error = lost_next(check, cluster, &next);
			if (error == 0 && next != FAT_FREE)
				error = report_lost(check, cluster);
		}
	free(follower);
	return error;
}

/* ------------------------------------------------------------------ copies */

/* Compare a copy of the table with the first, sector by sector. */
static int compare_table(struct check *check, uint32_t copy, uint8_t *one, uint8_t *other)
{
	struct fat_volume *volume = check->volume;
	uint64_t size = volume->sector_size, first = 0, count = 0;
	int error = 0;

	for (uint64_t at = 0; at < volume->table_size && error == 0; at += size) {
		error = medium_read(&volume->medium, volume->table_offset + at, one, size);
		if (error == 0)
			error = medium_read(&volume->medium,
			                    volume->table_offset + copy * volume->table_size + at,
			                    other, size);
		if (error != 0 || memcmp(one, other, size) == 0)
			continue;
		if (count++ == 0)
			first = at / size;
	}
	if (error == 0 && count > 0)
		check_found(
			check, volume_itself, "tables-differ",
			"copy %u of the table differs from the first in %llu sector%s, from its "
			"sector %llu on",
			copy + 1, (unsigned long long)count, count == 1 ? "" : "s",
			(unsigned long long)first);
	return error;
}

/* FAT32 counts its free clusters in a sector of its own. */
static int check_count(struct check *check, uint8_t *info)
{
	struct fat_volume *volume = check->volume;
	uint32_t count;
	int error = medium_read(&volume->medium, volume->info_offset, info, BOOT_SIZE);

	if (error == 0)
		error = fat_count_free(volume, &count);
	if (error != 0)
		return error;
	uint32_t said = get_le32(info + INFO_FREE);

	if (get_le32(info + INFO_LEAD) != INFO_LEAD_MARK ||
	    get_le32(info + INFO_STRUCTURE) != INFO_STRUCTURE_MARK)
		check_found(check, volume_itself, "free-count",
		            "the sector with the count of free clusters is none");
	else if (said != INFO_UNKNOWN && said != count)
		check_found(check, volume_itself, "free-count",
		            "the volume says that %u clusters are free, but it is %u", said, count);
	return 0;
}

static int check_boot_copy(struct check *check, uint8_t *boot, uint8_t *copy)
{
	struct fat_volume *volume = check->volume;
	int error = medium_read(&volume->medium, 0, boot, BOOT_SIZE);
	uint32_t place = error == 0 ? get_le16(boot + BOOT_BACKUP) : 0;

	if (error != 0 || place == 0 || place == 0xffff)
		return error;
	if ((uint64_t)(place + 1) * volume->sector_size > volume->table_offset) {
		check_noted(check, volume_itself, "boot-copy",
		            "the copy of the boot sector would be in sector %u, in the table",
		            place);
		return 0;
	}
	error = medium_read(&volume->medium, (uint64_t)place * volume->sector_size, copy,
	                    BOOT_SIZE);
	if (error == 0 && memcmp(boot, copy, BOOT_SIZE) != 0)
		check_noted(check, volume_itself, "boot-copy",
		            "sector %u is no copy of the boot sector", place);
	return error;
}

static int check_state(struct check *check)
{
	bool moving;
	int error = fat_is_moving(check->volume, &moving);

	if (error == 0 && moving)
		check_noted(check, volume_itself, "unfinished-move",
		            "a directory was being moved, and may have two names: the next fat_rw "
		            "takes one away");
	return error;
}

int check_copies(struct check *check)
{
	const struct fat_volume *volume = check->volume;
	uint8_t *sectors = malloc((size_t)2 * volume->sector_size);
	uint8_t *other = sectors != NULL ? sectors + volume->sector_size : NULL;
	int error = sectors != NULL ? 0 : -ENOMEM;

	for (uint32_t i = 1; i < volume->table_count && error == 0; i++)
		error = compare_table(check, i, sectors, other);
	if (error == 0 && volume->info_offset != 0)
		error = check_count(check, sectors);
	if (error == 0 && volume->type == FAT_32)
		error = check_boot_copy(check, sectors, other);
	if (error == 0)
		error = check_state(check);
	free(sectors);
	return error;
}
