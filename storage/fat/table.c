// SPDX-License-Identifier: ISC
/* The allocation tables, through a window of one sector. */
#include "storage/fat/table.h"

#include <errno.h>
#include <stdlib.h>

#include "storage/fat/boot_sector.h"
#include "storage/kv/little_endian.h"

#define WIDE_MASK 0x0fffffffu /* the upper four bits of FAT32's entries are not ours */

int fat_table_write(struct fat_volume *volume)
{
	int error = 0;

	for (uint32_t i = 0; volume->window_dirty && i < volume->table_count && error == 0; i++)
		error = medium_write(&volume->medium,
		                     volume->table_offset + i * volume->table_size +
		                             volume->window_sector * volume->sector_size,
		                     volume->window, volume->sector_size);
	if (error == 0)
		volume->window_dirty = false;
	else
		volume->window_held = volume->window_dirty = false; /* read it again */
	return error;
}

/* Bring the byte at `offset` of the table into the window. */
static int look_at(struct fat_volume *volume, uint64_t offset, uint8_t **byte)
{
	uint64_t sector = offset / volume->sector_size;
	int error = 0;

	if (!volume->window_held || volume->window_sector != sector) {
		error = fat_table_write(volume);
		if (error != 0)
			return error;
		volume->window_held = false;
		error = medium_read(&volume->medium,
		                    volume->table_offset + sector * volume->sector_size,
		                    volume->window, volume->sector_size);
		volume->window_held = error == 0;
		volume->window_sector = sector;
	}
	*byte = volume->window + offset % volume->sector_size;
	return error;
}

/* The 12 bits of an entry lie in two bytes, perhaps of two sectors. */
static int get_12(struct fat_volume *volume, uint32_t cluster, uint32_t *next)
{
	uint64_t offset = cluster + cluster / 2;
	uint8_t *byte;
	int error = look_at(volume, offset, &byte);
	uint32_t low = error == 0 ? *byte : 0;

	if (error == 0)
		error = look_at(volume, offset + 1, &byte);
	if (error != 0)
		return error;
	uint32_t pair = low | (uint32_t)*byte << 8;

	*next = cluster % 2 == 0 ? pair & 0xfff : pair >> 4;
	return 0;
}

static int set_12(struct fat_volume *volume, uint32_t cluster, uint32_t next)
{
	uint64_t offset = cluster + cluster / 2;
	uint32_t mask = cluster % 2 == 0 ? 0x0fff : 0xfff0;
	uint32_t pair = cluster % 2 == 0 ? next & 0xfff : (next & 0xfff) << 4;
	uint8_t *byte;

	for (unsigned i = 0; i < 2; i++, mask >>= 8, pair >>= 8) {
		int error = look_at(volume, offset + i, &byte);

		if (error != 0)
			return error;
		*byte = (uint8_t)((*byte & ~mask) | (pair & 0xff));
		volume->window_dirty = true;
	}
	return 0;
}

int fat_table_get(struct fat_volume *volume, uint32_t cluster, uint32_t *next)
{
	uint32_t end = volume->type == FAT_12   ? 0xff8
	               : volume->type == FAT_16 ? 0xfff8
	                                        : 0x0ffffff8;
	uint8_t *byte;
	int error;

	if (volume->type == FAT_12) {
		error = get_12(volume, cluster, next);
	} else {
		error = look_at(volume, (uint64_t)cluster * (unsigned)volume->type / 8, &byte);
		if (error == 0)
			*next = volume->type == FAT_16 ? get_le16(byte)
			                               : get_le32(byte) & WIDE_MASK;
	}
	if (error == 0 && *next >= end)
		*next = FAT_END;
	return error;
}

int fat_table_set(struct fat_volume *volume, uint32_t cluster, uint32_t next)
{
	uint8_t *byte;

	volume->chain_first = 0;
	if (volume->type == FAT_12)
		return set_12(volume, cluster, next);
	int error = look_at(volume, (uint64_t)cluster * (unsigned)volume->type / 8, &byte);

	if (error != 0)
		return error;
	if (volume->type == FAT_16)
		put_le16(byte, next & 0xffff);
	else
		put_le32(byte, (get_le32(byte) & ~WIDE_MASK) | next);
	volume->window_dirty = true;
	return 0;
}

int fat_chain_at(struct fat_volume *volume, uint32_t first, uint32_t index, uint32_t *cluster)
{
	uint32_t at = first, done = 0;

	if (index >= volume->cluster_count || !fat_is_cluster(volume, first))
		return -EBADMSG;
	if (volume->chain_first == first && volume->chain_index <= index) {
		at = volume->chain_cluster;
		done = volume->chain_index;
	}
	for (; done < index; done++) {
		uint32_t next;
		int error = fat_table_get(volume, at, &next);

		if (error == 0 && next == FAT_END)
			error = -ENODATA;
		else if (error == 0 && !fat_is_cluster(volume, next))
			error = -EBADMSG;
		if (error != 0)
			return error;
		at = next;
	}
	volume->chain_first = first;
	volume->chain_index = index;
	volume->chain_cluster = *cluster = at;
	return 0;
}

int fat_find_free(struct fat_volume *volume, uint32_t count, uint32_t **clusters)
{
	uint32_t found = 0, at = volume->next_free;
	int error = 0;

	*clusters = NULL;
	if (count > volume->cluster_count)
		return -ENOSPC;
	uint32_t *list = calloc(count, sizeof(*list));

	if (list == NULL)
		return -ENOMEM;
	for (uint32_t seen = 0; seen < volume->cluster_count && found < count && error == 0;
	     seen++, at++) {
		uint32_t next = FAT_END;

		if (!fat_is_cluster(volume, at))
			at = FAT_FIRST_CLUSTER;
		error = fat_table_get(volume, at, &next);
		if (error == 0 && next == FAT_FREE)
			list[found++] = at;
	}
	if (error == 0 && found < count)
		error = -ENOSPC;
	if (error == 0)
		*clusters = list;
	else
		free(list);
	return error;
}

int fat_chain_make(struct fat_volume *volume, const uint32_t *clusters, uint32_t count)
{
	int error = 0;

	for (uint32_t i = 0; i < count && error == 0; i++)
		error = fat_table_set(volume, clusters[i],
		                      i + 1 < count ? clusters[i + 1] : FAT_END);
	volume->next_free = clusters[count - 1] + 1;
	volume->free_change -= count;
	return error == 0 ? fat_table_write(volume) : error;
}

int fat_chain_free(struct fat_volume *volume, uint32_t first)
{
	int error = 0;

	for (uint32_t at = first, next; error == 0 && fat_is_cluster(volume, at); at = next) {
		error = fat_table_get(volume, at, &next);
		if (error != 0 || next == FAT_FREE)
			break;
		error = fat_table_set(volume, at, FAT_FREE);
		volume->free_change++;
	}
	return error == 0 ? fat_table_write(volume) : error;
}

int fat_count_free(struct fat_volume *volume, uint32_t *count)
{
	int error = 0;

	*count = 0;
	for (uint32_t i = 0; i < volume->cluster_count && error == 0; i++) {
		uint32_t next = FAT_END;

		error = fat_table_get(volume, FAT_FIRST_CLUSTER + i, &next);
		*count += error == 0 && next == FAT_FREE;
	}
	return error;
}

/* The count is a hint: if it makes no sense it is left alone. */
static int write_free_count(struct fat_volume *volume)
{
	uint8_t numbers[8], mark[4];
	int error = medium_read(&volume->medium, volume->info_offset + INFO_STRUCTURE, mark, 4);

	if (error == 0)
		error = medium_read(&volume->medium, volume->info_offset + INFO_FREE, numbers, 8);
	if (error != 0 || get_le32(mark) != INFO_STRUCTURE_MARK)
		return error;
	int64_t count = (int64_t)get_le32(numbers) + volume->free_change;

	if (get_le32(numbers) > volume->cluster_count || count < 0 || count > volume->cluster_count)
		count = INFO_UNKNOWN;
	put_le32(numbers, (uint32_t)count);
	put_le32(numbers + 4, volume->next_free);
	return medium_write(&volume->medium, volume->info_offset + INFO_FREE, numbers, 8);
}

int fat_flush(struct fat_volume *volume)
{
	int error = fat_table_write(volume);

	if (error == 0 && volume->info_offset != 0 && volume->free_change != 0)
		error = write_free_count(volume);
	volume->free_change = 0;
	return error == 0 ? medium_flush(&volume->medium) : error;
}
