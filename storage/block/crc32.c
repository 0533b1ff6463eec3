// SPDX-License-Identifier: ISC
/* Cyclic redundancy checks, by a table for half a byte: small, and no matter beside a disk. */
#include "storage/block/crc32.h"

/* The remainder of each half byte: the first entry is 0, the ninth the polynomial. */
static const uint32_t ieee[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

static const uint32_t castagnoli[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t update(const uint32_t table[16], uint32_t crc, const uint8_t *bytes, size_t length)
{
	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

uint32_t crc32_update(uint32_t crc, const void *bytes, size_t length)
{
	return update(ieee, crc, bytes, length);
}

uint32_t crc32c_update(uint32_t crc, const void *bytes, size_t length)
{
	return update(castagnoli, crc, bytes, length);
}

static void make_tables(const uint32_t half[16], uint32_t tables[8][256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		crc = crc >> 4 ^ half[crc & 15];
		tables[0][i] = crc >> 4 ^ half[crc & 15];
	}
	for (size_t ahead = 1; ahead < 8; ahead++)
		for (size_t i = 0; i < 256; i++) {
			uint32_t crc = tables[ahead - 1][i];

			tables[ahead][i] = crc >> 8 ^ tables[0][crc & 255];
		}
}

void crc32_tables_make(uint32_t tables[8][256])
{
	make_tables(ieee, tables);
}

void crc32c_tables_make(uint32_t tables[8][256])
{
	make_tables(castagnoli, tables);
}

static uint32_t get_le32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

uint32_t crc32_update_by(const uint32_t tables[8][256], uint32_t crc, const void *bytes,
                         size_t length)
{
	const uint8_t *next = bytes;

	crc = ~crc;
	for (; length >= 8; length -= 8, next += 8) {
		uint32_t low = get_le32(next) ^ crc, high = get_le32(next + 4);

		crc = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^
		      tables[5][low >> 16 & 255] ^ tables[4][low >> 24] ^ tables[3][high & 255] ^
		      tables[2][high >> 8 & 255] ^ tables[1][high >> 16 & 255] ^
		      tables[0][high >> 24];
	}
	for (; length > 0; length--)
		crc = crc >> 8 ^ tables[0][(crc ^ *next++) & 255];
	return ~crc;
}
