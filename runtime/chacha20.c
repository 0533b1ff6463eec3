/* SPDX-License-Identifier: ISC */
#include "runtime/chacha20.h"

#include <stddef.h>

enum {
	WORDS = 16,
	DOUBLE_ROUNDS = 10,
};

static uint32_t word_read(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static void word_write(uint8_t *bytes, uint32_t word)
{
	bytes[0] = (uint8_t)word;
	bytes[1] = (uint8_t)(word >> 8);
	bytes[2] = (uint8_t)(word >> 16);
	bytes[3] = (uint8_t)(word >> 24);
}

static uint32_t rotate(uint32_t word, unsigned int count)
{
	return word << count | word >> (32 - count);
}

/* RFC 8439, section 2.1. */
static void quarter_round(uint32_t *state, unsigned int a, unsigned int b, unsigned int c,
                          unsigned int d)
{
	state[a] += state[b];
	state[d] = rotate(state[d] ^ state[a], 16);
	state[c] += state[d];
	state[b] = rotate(state[b] ^ state[c], 12);
	state[a] += state[b];
	state[d] = rotate(state[d] ^ state[a], 8);
	state[c] += state[d];
	state[b] = rotate(state[b] ^ state[c], 7);
}

/* Section 2.3. */
void chacha20_block(uint8_t block[CHACHA20_BLOCK_SIZE], const uint8_t key[CHACHA20_KEY_SIZE],
                    uint32_t counter, const uint8_t nonce[CHACHA20_NONCE_SIZE])
{
	uint32_t start[WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	uint32_t state[WORDS];

	for (size_t i = 0; i < 8; i++)
		start[4 + i] = word_read(key + 4 * i);
	start[12] = counter;
	for (size_t i = 0; i < 3; i++)
		start[13 + i] = word_read(nonce + 4 * i);
	for (size_t i = 0; i < WORDS; i++)
		state[i] = start[i];
	for (unsigned int i = 0; i < DOUBLE_ROUNDS; i++) {
		for (unsigned int column = 0; column < 4; column++)
			quarter_round(state, column, 4 + column, 8 + column, 12 + column);
		for (unsigned int column = 0; column < 4; column++)
			quarter_round(state, column, 4 + (column + 1) % 4, 8 + (column + 2) % 4,
			              12 + (column + 3) % 4);
	}
	for (size_t i = 0; i < WORDS; i++)
		word_write(block + 4 * i, state[i] + start[i]);
}
