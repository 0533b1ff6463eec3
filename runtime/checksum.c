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

/*
 * The sum of the last one to seven bytes. Loaded in parts: a copy of unknown
 * length into the word is a loop of bytes, and the
 * load of the word then waits for all of them.
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

/*
 * 64 bits to 16: 2^16 is 1 in one's complement. Each step adds the halves, and the carry of the low
 * half's sum goes into the high one's. Zero stays zero and nothing else becomes zero.
 */
static inline uint32_t fold(uint64_t sum)
{
	sum += sum >> 32 | sum << 32;
	uint32_t half = (uint32_t)(sum >> 32);
	half += half >> 16 | half << 16;
	return half >> 16;
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
