// SPDX-License-Identifier: ISC
/* The geometry of FAT volumes: reading it from the boot sector, and making one. */
#include "storage/fat/volume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/fat/boot_sector.h"
#include "storage/fat/table.h"
#include "storage/kv/little_endian.h"

static bool power_of_two(uint32_t number)
{
	return number != 0 && (number & (number - 1)) == 0;
}

static int bad(struct fat_volume *volume, const char *problem)
{
	volume->problem = problem;
	return -EBADMSG;
}

static int read_sizes(struct fat_volume *volume, const uint8_t *boot)
{
	uint32_t per_cluster = boot[BOOT_SECTORS_PER_CLUSTER];

	if (boot[BOOT_MARK] != 0x55 || boot[BOOT_MARK + 1] != 0xaa)
		return bad(volume, "no boot sector: its mark is missing");
	volume->sector_size = get_le16(boot + BOOT_SECTOR_SIZE);
	if (!power_of_two(volume->sector_size) || volume->sector_size < 512 ||
	    volume->sector_size > FAT_SECTOR_SIZE_MAX)
		return bad(volume, "no FAT volume: sectors of such a size cannot be");
	if (!power_of_two(per_cluster))
		return bad(volume, "no FAT volume: clusters of such a size cannot be");
	volume->cluster_size = volume->sector_size * per_cluster;
	volume->table_count = boot[BOOT_TABLES];
	if (volume->table_count == 0 || get_le16(boot + BOOT_RESERVED) == 0)
		return bad(volume, "no FAT volume: it has no table");
	return 0;
}

static enum fat_type type_of(uint64_t clusters)
{
	if (clusters <= FAT12_CLUSTERS_MAX)
		return FAT_12;
	return clusters <= FAT16_CLUSTERS_MAX ? FAT_16 : FAT_32;
}

/* Bytes that a table of entries for so many clusters takes. */
static uint64_t table_bytes(enum fat_type type, uint64_t clusters)
{
	return ((clusters + FAT_FIRST_CLUSTER) * (unsigned)type + 7) / 8;
}

static int read_regions(struct fat_volume *volume, const uint8_t *boot)
{
	uint64_t sector_size = volume->sector_size;
	uint64_t sectors = get_le16(boot + BOOT_SECTORS_16);
	uint64_t table_sectors = get_le16(boot + BOOT_TABLE_SECTORS_16);
	bool wide = table_sectors == 0;

	if (sectors == 0)
		sectors = get_le32(boot + BOOT_SECTORS_32);
	if (wide)
		table_sectors = get_le32(boot + BOOT_TABLE_SECTORS_32);
	volume->root_slots = get_le16(boot + BOOT_ROOT_SLOTS);
	volume->table_offset = get_le16(boot + BOOT_RESERVED) * sector_size;
	volume->table_size = table_sectors * sector_size;
	uint64_t root = volume->table_offset + volume->table_count * volume->table_size;
	uint64_t root_size = (uint64_t)volume->root_slots * SLOT_SIZE;

	volume->data_offset = root + (root_size + sector_size - 1) / sector_size * sector_size;
	volume->root_offset = wide ? 0 : root;
	if (sectors * sector_size > volume->medium.size)
		return bad(volume, "cut off: the device is smaller than the volume");
	if (volume->data_offset >= sectors * sector_size)
		return bad(volume, "no room for clusters");
	uint64_t clusters = (sectors * sector_size - volume->data_offset) / volume->cluster_size;

	if (clusters == 0 || clusters > FAT32_CLUSTERS_MAX)
		return bad(volume, "such a number of clusters cannot be");
	volume->cluster_count = (uint32_t)clusters;
	volume->type = wide ? FAT_32 : type_of(clusters);
	if (volume->type == FAT_32 && !wide)
		return bad(volume, "more clusters than a FAT16 volume can have");
	if (table_bytes(volume->type, clusters) > volume->table_size)
		return bad(volume, "the table is too small for the clusters");
	return 0;
}

static int read_wide(struct fat_volume *volume, const uint8_t *boot)
{
	uint32_t info = get_le16(boot + BOOT_INFO);

	if (volume->type != FAT_32)
		return volume->root_slots > 0 ? 0 : bad(volume, "it has no root directory");
	volume->root_cluster = get_le32(boot + BOOT_ROOT_CLUSTER);
	if (!fat_is_cluster(volume, volume->root_cluster))
		return bad(volume, "it has no root directory");
	if (info != 0 && info != 0xffff &&
	    (uint64_t)(info + 1) * volume->sector_size <= volume->table_offset)
		volume->info_offset = (uint64_t)info * volume->sector_size;
	return 0;
}

static int read_boot_sector(struct fat_volume *volume)
{
	uint8_t *boot = malloc(BOOT_SIZE);

	if (boot == NULL)
		return -ENOMEM;
	int error = volume->medium.size < BOOT_SIZE
	                    ? bad(volume, "too small for a volume")
	                    : medium_read(&volume->medium, 0, boot, BOOT_SIZE);

	if (error == 0)
		error = read_sizes(volume, boot);
	if (error == 0)
		error = read_regions(volume, boot);
	if (error == 0)
		error = read_wide(volume, boot);
	free(boot);
	return error;
}

int fat_volume_open(struct fat_volume *volume, const struct block *block)
{
	*volume = (struct fat_volume){ .problem = NULL };
	int error = medium_open(&volume->medium, block);

	if (error == 0)
		error = read_boot_sector(volume);
	if (error == 0) {
		volume->window = malloc(volume->sector_size);
		volume->next_free = FAT_FIRST_CLUSTER;
		if (volume->window == NULL)
			error = -ENOMEM;
	}
	if (error != 0)
		fat_volume_close(volume);
	return error;
}

void fat_volume_close(struct fat_volume *volume)
{
	medium_close(&volume->medium);
	free(volume->window);
	volume->window = NULL;
}

uint64_t fat_cluster_offset(const struct fat_volume *volume, uint32_t cluster)
{
	return volume->data_offset + (uint64_t)(cluster - FAT_FIRST_CLUSTER) * volume->cluster_size;
}

/* ------------------------------------------------------------------ making one */

enum {
	FORMAT_SECTOR_SIZE = 512,
	FORMAT_PER_CLUSTER = 4,
	FORMAT_PER_CLUSTER_MAX = 64,
	FORMAT_ROOT_SLOTS = 512,
	FORMAT_MEDIA = 0xf8,
	FORMAT_RESERVED_32 = 32,
};

struct layout {
	enum fat_type type;
	uint64_t sectors;
	uint32_t per_cluster;
	uint32_t reserved;
	uint32_t tables;
	uint32_t root_slots;
	uint64_t table_sectors;
	uint64_t clusters;
};

/* The table grows with the clusters, which shrink with the table: settle both. */
static bool settle(struct layout *layout)
{
	uint64_t root = ((uint64_t)layout->root_slots * SLOT_SIZE + FORMAT_SECTOR_SIZE - 1) /
	                FORMAT_SECTOR_SIZE;

	layout->table_sectors = 1;
	for (int round = 0; round < 64; round++) {
		uint64_t fixed = layout->reserved + root + layout->tables * layout->table_sectors;

		if (layout->sectors < fixed + layout->per_cluster)
			return false;
		layout->clusters = (layout->sectors - fixed) / layout->per_cluster;
		uint64_t needed =
			(table_bytes(layout->type, layout->clusters) + FORMAT_SECTOR_SIZE - 1) /
			FORMAT_SECTOR_SIZE;

		if (needed <= layout->table_sectors)
			return true;
		layout->table_sectors = needed;
	}
	return false;
}

static bool try_type(struct layout *layout, const struct fat_format *format, enum fat_type type)
{
	static const uint64_t most[] = { [FAT_12] = FAT12_CLUSTERS_MAX,
		                         [FAT_16] = FAT16_CLUSTERS_MAX,
		                         [FAT_32] = FAT32_CLUSTERS_MAX };

	layout->type = type;
	layout->reserved = type == FAT_32 ? FORMAT_RESERVED_32 : 1;
	layout->root_slots = type == FAT_32            ? 0
	                     : format->root_slots != 0 ? (format->root_slots + 15) / 16 * 16
	                                               : FORMAT_ROOT_SLOTS;
	layout->per_cluster =
		format->sectors_per_cluster != 0 ? format->sectors_per_cluster : FORMAT_PER_CLUSTER;
	while (settle(layout)) {
		if (type_of(layout->clusters) == type && layout->clusters <= most[type])
			return true;
		if (type_of(layout->clusters) < type || format->sectors_per_cluster != 0 ||
		    layout->per_cluster == FORMAT_PER_CLUSTER_MAX)
			return false;
		/* FAT12 stays with the usual size; there is FAT16 for more. */
		if (type == FAT_12 && format->type == 0)
			return false;
		layout->per_cluster *= 2;
	}
	return false;
}

static bool find_layout(struct layout *layout, const struct fat_format *format)
{
	static const enum fat_type types[] = { FAT_12, FAT_16, FAT_32 };

	for (size_t i = 0; i < 3; i++)
		if ((format->type == 0 || format->type == types[i]) &&
		    try_type(layout, format, types[i]))
			return true;
	return false;
}

static void make_boot_sector(uint8_t *boot, const struct layout *layout, const char *maker,
                             bool without_label)
{
	memset(boot, 0, BOOT_SIZE);
	boot[0] = 0xeb; /* a jump to the next byte but one; nobody boots from this */
	boot[2] = 0x90;
	memset(boot + BOOT_MAKER, ' ', 8);
	memcpy(boot + BOOT_MAKER, maker, strnlen(maker, 8));
	put_le16(boot + BOOT_SECTOR_SIZE, FORMAT_SECTOR_SIZE);
	boot[BOOT_SECTORS_PER_CLUSTER] = (uint8_t)layout->per_cluster;
	put_le16(boot + BOOT_RESERVED, layout->reserved);
	boot[BOOT_TABLES] = (uint8_t)layout->tables;
	put_le16(boot + BOOT_ROOT_SLOTS, layout->root_slots);
	boot[BOOT_MEDIA] = FORMAT_MEDIA;
	put_le16(boot + BOOT_TRACK, 1);
	put_le16(boot + BOOT_HEADS, 1);
	put_le32(boot + BOOT_SECTORS_32, (uint32_t)layout->sectors);
	boot[BOOT_MARK] = 0x55;
	boot[BOOT_MARK + 1] = 0xaa;
	if (layout->type != FAT_32) {
		put_le16(boot + BOOT_TABLE_SECTORS_16, (uint32_t)layout->table_sectors);
		if (!without_label)
			boot[BOOT_EXTENDED_16] = 0x29;
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): a field, not a string */
		memcpy(boot + BOOT_LABEL_16,
		       layout->type == FAT_12 ? "NO NAME    FAT12   " : "NO NAME    FAT16   ", 19);
		return;
	}
	put_le32(boot + BOOT_TABLE_SECTORS_32, (uint32_t)layout->table_sectors);
	put_le32(boot + BOOT_ROOT_CLUSTER, FAT_FIRST_CLUSTER);
	put_le16(boot + BOOT_INFO, 1);
	put_le16(boot + BOOT_BACKUP, 6);
	boot[BOOT_DRIVE_32] = 0x80;
	boot[BOOT_EXTENDED_32] = 0x29;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): a field, not a string */
	memcpy(boot + BOOT_LABEL_32, "NO NAME    FAT32   ", 19);
}

static void make_info_sector(uint8_t *info, uint64_t clusters)
{
	memset(info, 0, BOOT_SIZE);
	put_le32(info + INFO_LEAD, INFO_LEAD_MARK);
	put_le32(info + INFO_STRUCTURE, INFO_STRUCTURE_MARK);
	put_le32(info + INFO_FREE, (uint32_t)clusters - 1); /* the root directory has one */
	put_le32(info + INFO_NEXT, FAT_FIRST_CLUSTER + 1);
	info[BOOT_MARK] = 0x55;
	info[BOOT_MARK + 1] = 0xaa;
}

/* The entries of the two clusters that there are not, and of FAT32's root directory. */
static int write_tables(struct medium *medium, const struct layout *layout)
{
	uint8_t first[12];
	size_t length = layout->type == FAT_12 ? 3 : layout->type == FAT_16 ? 4 : 12;
	int error = 0;

	memset(first, 0xff, sizeof(first));
	first[0] = FORMAT_MEDIA;
	if (layout->type == FAT_32)
		first[3] = first[7] = first[11] = 0x0f;
	for (uint32_t i = 0; i < layout->tables && error == 0; i++)
		error = medium_write(
			medium, (layout->reserved + i * layout->table_sectors) * FORMAT_SECTOR_SIZE,
			first, length);
	return error;
}

static int write_wide(struct medium *medium, const struct layout *layout, uint8_t *sector)
{
	int error = medium_write(medium, 6 * (uint64_t)FORMAT_SECTOR_SIZE, sector, BOOT_SIZE);

	if (error != 0)
		return error;
	make_info_sector(sector, layout->clusters);
	error = medium_write(medium, FORMAT_SECTOR_SIZE, sector, BOOT_SIZE);
	return error != 0
	               ? error
	               : medium_write(medium, 7 * (uint64_t)FORMAT_SECTOR_SIZE, sector, BOOT_SIZE);
}

static int write_volume(struct medium *medium, const struct layout *layout,
                        const struct fat_format *format)
{
	const char *maker = format->maker != NULL ? format->maker : "ocamlfat";
	uint64_t root = (uint64_t)layout->root_slots * SLOT_SIZE;
	uint64_t front =
		(layout->reserved + layout->tables * layout->table_sectors) * FORMAT_SECTOR_SIZE;
	uint8_t *sector = malloc(BOOT_SIZE);
	int error = sector != NULL ? 0 : -ENOMEM;

	if (layout->type == FAT_32)
		root = (uint64_t)layout->per_cluster * FORMAT_SECTOR_SIZE;
	if (error == 0)
		error = medium_zero(medium, 0, front + root);
	if (error == 0)
		error = write_tables(medium, layout);
	if (error == 0) {
		make_boot_sector(sector, layout, maker, format->without_label);
		error = medium_write(medium, 0, sector, BOOT_SIZE);
	}
	if (error == 0 && layout->type == FAT_32)
		error = write_wide(medium, layout, sector);
	free(sector);
	return error == 0 ? medium_flush(medium) : error;
}

int fat_format(const struct block *block, const struct fat_format *format)
{
	struct medium medium;
	int error = medium_open(&medium, block);
	struct layout layout = {
		.sectors = medium.size / FORMAT_SECTOR_SIZE,
		.tables = format->table_count != 0 ? format->table_count : 1,
	};

	if (layout.sectors > UINT32_MAX)
		layout.sectors = UINT32_MAX;
	if (error == 0 &&
	    ((format->sectors_per_cluster != 0 &&
	      (!power_of_two(format->sectors_per_cluster) || format->sectors_per_cluster > 128)) ||
	     format->root_slots > 65520 || layout.tables > 255 || !find_layout(&layout, format)))
		error = -EINVAL;
	if (error == 0)
		error = write_volume(&medium, &layout, format);
	medium_close(&medium);
	return error;
}
