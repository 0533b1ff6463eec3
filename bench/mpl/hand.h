/* SPDX-License-Identifier: ISC */
/*
 * What somebody who writes packet code by hand has at hand.
 */
#ifndef BENCH_MPL_HAND_H
#define BENCH_MPL_HAND_H

#include <errno.h>
#include <string.h>

#include <mirage/checksum.h>

#include "bench/mpl/message.h"

static inline uint16_t load16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t load32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void store16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void store32(uint8_t *at, uint32_t value)
{
	store16(at, (uint16_t)(value >> 16));
	store16(at + 2, (uint16_t)value);
}

/* The pseudo header's sum from registers: nothing is laid out to be added. */
static inline uint64_t pseudo_ipv4(struct ipv4_address source, struct ipv4_address destination,
                                   uint8_t protocol, size_t length)
{
	uint32_t from, to;

	memcpy(&from, &source, sizeof(from));
	memcpy(&to, &destination, sizeof(to));
	return (uint64_t)from + to + __builtin_bswap16(protocol) +
	       __builtin_bswap16((uint16_t)length);
}

#endif
