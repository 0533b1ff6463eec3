#include "lotto.h"

#include <string.h>

static const char magic[4] = "LOTO";

/* CRC-32 as of zlib and Ethernet. */
static uint32_t checksum(const uint8_t *bytes, size_t length)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

void lotto_save(uint8_t *bytes, size_t size, uint32_t high_score)
{
	memset(bytes, 0, size);
	memcpy(bytes, magic, sizeof(magic));
	put_u32(bytes + 4, high_score);
	put_u32(bytes + 8, checksum(bytes, 8));
}

const char *lotto_load(const uint8_t *bytes, uint32_t *high_score)
{
	if (memcmp(bytes, magic, sizeof(magic)) != 0)
		return "bad magic; is this lottery data?";
	if (get_u32(bytes + 8) != checksum(bytes, 8))
		return "bad checksum; possible data corruption";
	*high_score = get_u32(bytes + 4);
	return NULL;
}
