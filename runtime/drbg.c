/* SPDX-License-Identifier: ISC */
#include "runtime/drbg.h"

#include <errno.h>
#include <string.h>

/* Streams for different purposes never meet: each has a nonce of its own. */
static const uint8_t NONCE_FILL[CHACHA20_NONCE_SIZE] = "fill";
static const uint8_t NONCE_MIX[CHACHA20_NONCE_SIZE] = "mix";

/* A counter has 32 bits; a longer request goes on with the next key. */
static const size_t FILL_MAX = (size_t)1 << 30;

/* memset() that the compiler cannot take for useless. */
static void wipe(void *bytes, size_t length)
{
	memset(bytes, 0, length);
	__asm__ volatile("" : : "r"(bytes) : "memory");
}

/*
 * Each 32 bytes of input are added to the key, then the key goes through the block function, which
 * nobody can run backwards. Padding the last part is harmless, as lengths are no secret and no
 * input is ever taken out again.
 */
void drbg_mix(struct drbg *drbg, const void *bytes, size_t length, unsigned int bits)
{
	const uint8_t *input = bytes;
	uint8_t block[CHACHA20_BLOCK_SIZE];

	for (size_t at = 0; at < length; at += CHACHA20_KEY_SIZE) {
		for (size_t i = 0; i < CHACHA20_KEY_SIZE && at + i < length; i++)
			drbg->key[i] ^= input[at + i];
		chacha20_block(block, drbg->key, 0, NONCE_MIX);
		memcpy(drbg->key, block, sizeof(drbg->key));
	}
	wipe(block, sizeof(block));
	drbg->bits = bits < DRBG_SEED_BITS - drbg->bits ? drbg->bits + bits : DRBG_SEED_BITS;
}

static void fill_some(struct drbg *drbg, uint8_t *bytes, size_t length)
{
	uint8_t block[CHACHA20_BLOCK_SIZE], next[CHACHA20_KEY_SIZE];
	uint32_t counter = 0;
	size_t used = sizeof(next); /* of the block */

	chacha20_block(block, drbg->key, counter++, NONCE_FILL);
	memcpy(next, block, sizeof(next));
	while (length > 0) {
		if (used == sizeof(block)) {
			chacha20_block(block, drbg->key, counter++, NONCE_FILL);
			used = 0;
		}
		size_t part = sizeof(block) - used < length ? sizeof(block) - used : length;

		memcpy(bytes, block + used, part);
		used += part;
		bytes += part;
		length -= part;
	}
	memcpy(drbg->key, next, sizeof(next));
	wipe(block, sizeof(block));
	wipe(next, sizeof(next));
}

int drbg_fill(struct drbg *drbg, void *bytes, size_t length)
{
	if (drbg->bits < DRBG_SEED_BITS)
		return -EAGAIN;
	uint8_t *next = bytes;

	do {
		size_t part = length < FILL_MAX ? length : FILL_MAX;

		fill_some(drbg, next, part);
		next += part;
		length -= part;
	} while (length > 0);
	return 0;
}
