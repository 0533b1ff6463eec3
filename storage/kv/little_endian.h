/* SPDX-License-Identifier: ISC */
/*
 * Numbers in bytes, least first, at any address.
 */
#ifndef STORAGE_KV_LITTLE_ENDIAN_H
#define STORAGE_KV_LITTLE_ENDIAN_H

#include <stdint.h>

static inline uint16_t get_le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *bytes)
{
	return get_le16(bytes) | (uint32_t)get_le16(bytes + 2) << 16;
}

static inline void put_le16(uint8_t *bytes, uint32_t number)
{
	bytes[0] = (uint8_t)number;
	bytes[1] = (uint8_t)(number >> 8);
}

static inline void put_le32(uint8_t *bytes, uint32_t number)
{
	put_le16(bytes, number & 0xffff);
	put_le16(bytes + 2, number >> 16);
}

#endif
