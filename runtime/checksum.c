/* SPDX-License-Identifier: ISC */
/* The Internet checksum, eight bytes at a time. */
#include <mirage/checksum.h>

#include <stdbool.h>

static inline uint64_t add_carry(uint64_t a, uint64_t b)
{
	uint64_t sum;
	bool carry = __builtin_add_overflow(a, b, &sum);

	return sum + carry;
}

static inline uint64_t load(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* The last one to seven bytes as the first of a word of zeros. */
static uint64_t load_rest(const uint8_t *bytes, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, bytes, length);
	return word;
}

/* 64 bits to 16: 2^16 is 1 in one's complement. Zero stays zero and nothing else becomes zero. */
static uint32_t fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint32_t)sum;
}

uint32_t checksum_add(uint32_t sum, const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint64_t a = sum, b = 0;

	while (length >= 32) { /* two chains, so that carries do not wait for each other */
		a = add_carry(a, load(next));
		b = add_carry(b, load(next + 8));
		a = add_carry(a, load(next + 16));
		b = add_carry(b, load(next + 24));
		next += 32;
		length -= 32;
	}
	for (; length >= 8; next += 8, length -= 8)
		a = add_carry(a, load(next));
	if (length > 0)
		a = add_carry(a, load_rest(next, length));
	return fold(add_carry(a, b));
}
