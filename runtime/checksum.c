/* SPDX-License-Identifier: ISC */
/* The Internet checksum, eight bytes at a time. */
#include <mirage/checksum.h>

static inline uint64_t load(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/*
 * The sum of the last one to seven bytes. Loaded in parts: a copy of unknown length into the word is a
 * loop of bytes, and the load of the word then waits for all of them.
 */
static inline uint64_t load_rest(const uint8_t *bytes, size_t length)
{
	uint32_t four = 0;
	uint16_t two = 0;

	if ((length & 4) != 0) {
		memcpy(&four, bytes, sizeof(four));
		bytes += 4;
	}
	if ((length & 2) != 0) {
		memcpy(&two, bytes, sizeof(two));
		bytes += 2;
	}
	uint64_t sum = (uint64_t)four + two;
	if ((length & 1) != 0) {
		const uint8_t padded[2] = { *bytes, 0 };
		uint16_t last;

		memcpy(&last, padded, sizeof(last));
		sum += last;
	}
	return sum;
}

uint32_t checksum_add(uint64_t sum, const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint64_t a = sum, b = 0;

	while (length >= 32) { /* two chains, so that carries do not wait for each other */
		a = checksum_carry(a, load(next));
		b = checksum_carry(b, load(next + 8));
		a = checksum_carry(a, load(next + 16));
		b = checksum_carry(b, load(next + 24));
		next += 32;
		length -= 32;
	}
	for (; length >= 8; next += 8, length -= 8)
		a = checksum_carry(a, load(next));
	if (length > 0)
		a = checksum_carry(a, load_rest(next, length));
	return checksum_fold(checksum_carry(a, b));
}
