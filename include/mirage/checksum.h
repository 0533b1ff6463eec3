/* SPDX-License-Identifier: ISC */
/*
 * The Internet checksum (RFC 1071): the sum of 16-bit words in one's complement.
 *
 * Sums are of the words as they lie in memory, so nothing is swapped on any machine: what
 * checksum_finish() returns is stored with checksum_store(), and numbers go into a sum with
 * checksum_add_number(). Bytes are added in pieces of even length; only the last may be odd.
 */
#ifndef MIRAGE_CHECKSUM_H
#define MIRAGE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Sums of 64 bits: added, and what is carried out of them is added too. */
static inline uint64_t checksum_carry(uint64_t a, uint64_t b)
{
	uint64_t sum;
	bool carry = __builtin_add_overflow(a, b, &sum);

	return sum + carry;
}

/*
 * A sum of 64 bits as one of 16: 2^16 is 1 in one's complement. Each step adds the halves, and the
 * carry of the low half's sum goes into the high one's. Zero stays zero and nothing else becomes zero.
 */
static inline uint32_t checksum_fold(uint64_t sum)
{
	sum += sum >> 32 | sum << 32;
	uint32_t half = (uint32_t)(sum >> 32);
	half += half >> 16 | half << 16;
	return half >> 16;
}

/*
 * Add `length` bytes to a sum, which starts as 0 and may be one of 64 bits. The result has at most 16.
 */
uint32_t checksum_add(uint64_t sum, const void *bytes, size_t length);

/* Add a number of 16 bits, which the protocol has in network order. The same. */
static inline uint32_t checksum_add_number(uint32_t sum, uint16_t number)
{
	const uint8_t bytes[2] = { (uint8_t)(number >> 8), (uint8_t)number };
	uint64_t wide = sum;
	uint16_t word;

	memcpy(&word, bytes, sizeof(word));
	wide += word;
	wide = (wide & 0xffff) + (wide >> 16);
	return (uint32_t)((wide & 0xffff) + (wide >> 16));
}

/* The checksum of what was added: the complement of the sum. Over bytes that contain their own
   right checksum it is 0. */
static inline uint16_t checksum_finish(uint32_t sum)
{
	return (uint16_t)~sum;
}

/* Put a sum or a checksum where it belongs. */
static inline void checksum_store(uint8_t *bytes, uint16_t checksum)
{
	memcpy(bytes, &checksum, sizeof(checksum));
}

#endif
