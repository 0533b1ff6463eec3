// SPDX-License-Identifier: ISC
/*
 * GUID partition tables (UEFI 2.10, 5.3): a header in the second sector, an array of entries where
 * it says, and a copy of both at the end of the disk. Checksums cover header and array.
 */
#include <errno.h>
#include <string.h>

#include "storage/block/crc32.h"
#include "storage/block/partition_table.h"

enum {
	HEADER_SIZE_MIN = 92,
	ENTRY_SIZE_MIN = 128,
	ARRAY_SIZE_MAX = 1 << 20, /* bytes: eight times what 1024 entries take */
	NAME_OFFSET = 56,         /* in an entry */
	NAME_UNITS = 36,
};

struct header {
	uint64_t usable_first; /* sectors that partitions may have */
	uint64_t usable_last;
	uint64_t array; /* the sector where it begins */
	uint32_t entry_count;
	uint32_t entry_size;
	uint32_t array_crc;
};

static bool header_checksum_holds(uint8_t *sector, uint32_t size)
{
	uint32_t crc = get_le32(sector + 16);

	memset(sector + 16, 0, 4);
	return crc32_update(0, sector, size) == crc;
}

static uint64_t array_size(const struct header *header)
{
	return (uint64_t)header->entry_count * header->entry_size;
}

/* Within what the disk has, and small enough to go through. */
static bool header_makes_sense(const struct partition_walk *walk, const struct header *header)
{
	uint32_t sector_size = walk->info->sector_size;
	uint64_t count = walk->info->sector_count;

	if (header->entry_size < ENTRY_SIZE_MIN || header->entry_size > sector_size ||
	    (header->entry_size & (header->entry_size - 1)) != 0 ||
	    array_size(header) > ARRAY_SIZE_MAX)
		return false;
	return header->array >= 2 && header->array < count &&
	       array_size(header) <= (count - header->array) * sector_size &&
	       header->usable_first >= 2 && header->usable_last < count;
}

/* Read and check the header in `sector`. -EBADMSG. */
static int header_read(const struct partition_walk *walk, uint64_t sector, struct header *header)
{
	uint8_t *bytes = walk->sector;
	int result = partition_walk_read(walk, sector);

	if (result != 0)
		return result;
	uint32_t size = get_le32(bytes + 12);
	if (memcmp(bytes, "EFI PART", 8) != 0 || size < HEADER_SIZE_MIN ||
	    size > walk->info->sector_size || get_le64(bytes + 24) != sector ||
	    !header_checksum_holds(bytes, size))
		return -EBADMSG;
	*header = (struct header){
		.usable_first = get_le64(bytes + 40),
		.usable_last = get_le64(bytes + 48),
		.array = get_le64(bytes + 72),
		.entry_count = get_le32(bytes + 80),
		.entry_size = get_le32(bytes + 84),
		.array_crc = get_le32(bytes + 88),
	};
	return header_makes_sense(walk, header) ? 0 : -EBADMSG;
}

static int array_check(const struct partition_walk *walk, const struct header *header)
{
	uint64_t left = array_size(header);
	uint32_t crc = 0;

	for (uint64_t sector = header->array; left > 0; sector++) {
		size_t part =
			left < walk->info->sector_size ? (size_t)left : walk->info->sector_size;
		int result = partition_walk_read(walk, sector);

		if (result != 0)
			return result;
		crc = crc32_update(crc, walk->sector, part);
		left -= part;
	}
	return crc == header->array_crc ? 0 : -EBADMSG;
}

static size_t utf8_put(char *to, uint32_t code)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xe0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3f));
		to[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | code >> 18);
	to[1] = (char)(0x80 | (code >> 12 & 0x3f));
	to[2] = (char)(0x80 | (code >> 6 & 0x3f));
	to[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static bool is_high_surrogate(uint32_t unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low_surrogate(uint32_t unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* Halves of surrogate pairs become U+FFFD. Three bytes per unit always suffice. */
static void name_get(const uint8_t *bytes, char name[PARTITION_NAME_MAX + 1])
{
	size_t length = 0;

	for (size_t i = 0; i < NAME_UNITS; i++) {
		uint32_t unit = get_le16(bytes + 2 * i);
		uint32_t next = i + 1 < NAME_UNITS ? get_le16(bytes + 2 * i + 2) : 0;

		if (unit == 0)
			break;
		if (is_high_surrogate(unit) && is_low_surrogate(next)) {
			unit = 0x10000 + ((unit - 0xd800) << 10 | (next - 0xdc00));
			i++;
		} else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
			unit = 0xfffd;
		}
		length += utf8_put(name + length, unit);
	}
	name[length] = '\0';
}

static int visit(const struct partition_walk *walk, const struct header *header,
                 unsigned int number, const uint8_t *bytes)
{
	static const uint8_t unused[16];
	uint64_t first = get_le64(bytes + 32), last = get_le64(bytes + 40);
	struct partition partition = { .scheme = PARTITION_GPT, .number = number };

	if (memcmp(bytes, unused, sizeof(unused)) == 0)
		return 0;
	if (first < header->usable_first || last > header->usable_last || first > last)
		return -EBADMSG;
	partition.sector = first;
	partition.sector_count = last - first + 1;
	memcpy(partition.type, bytes, sizeof(partition.type));
	memcpy(partition.identity, bytes + 16, sizeof(partition.identity));
	name_get(bytes + NAME_OFFSET, partition.name);
	return walk->visit(walk->context, &partition);
}

static int array_walk(const struct partition_walk *walk, const struct header *header)
{
	uint32_t per_sector = walk->info->sector_size / header->entry_size;

	for (uint32_t i = 0; i < header->entry_count && i < PARTITION_NUMBER_MAX; i++) {
		int result = 0;

		/* Whoever is visited may read the disk, but not into this sector. */
		if (i % per_sector == 0)
			result = partition_walk_read(walk, header->array + i / per_sector);
		if (result == 0)
			result =
				visit(walk, header, i + 1,
			              walk->sector + (size_t)(i % per_sector) * header->entry_size);
		if (result != 0)
			return result;
	}
	return 0;
}

int partition_gpt_walk(const struct partition_walk *walk)
{
	const uint64_t places[] = { 1, walk->info->sector_count - 1 };
	int result = -EBADMSG;

	for (size_t i = 0; i < 2; i++) {
		struct header header;

		result = header_read(walk, places[i], &header);
		if (result == 0)
			result = array_check(walk, &header);
		if (result == 0)
			return array_walk(walk, &header);
		if (result != -EBADMSG && result != -EIO)
			break;
	}
	return result;
}
