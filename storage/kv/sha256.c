// SPDX-License-Identifier: ISC
/* SHA-256, after FIPS 180-4. The names of variables are the standard's. */
#include "storage/kv/sha256.h"

#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned bits)
{
	return x >> bits | x << (32 - bits);
}

static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t W[64];
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

	for (size_t t = 0; t < 16; t++)
		W[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (unsigned t = 16; t < 64; t++) {
		uint32_t s0 = rotate(W[t - 15], 7) ^ rotate(W[t - 15], 18) ^ W[t - 15] >> 3;
		uint32_t s1 = rotate(W[t - 2], 17) ^ rotate(W[t - 2], 19) ^ W[t - 2] >> 10;

		W[t] = W[t - 16] + s0 + W[t - 7] + s1;
	}
	for (unsigned t = 0; t < 64; t++) {
		uint32_t S1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		uint32_t T1 = h + S1 + ((e & f) ^ (~e & g)) + K[t] + W[t];
		uint32_t S0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		uint32_t T2 = S0 + ((a & b) ^ (a & c) ^ (b & c));

		h = g;
		g = f;
		f = e;
		e = d + T1;
		d = c;
		c = b;
		b = a;
		a = T1 + T2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void sha256_init(struct sha256 *sha)
{
	static const uint32_t H0[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(sha->state, H0, sizeof(H0));
	sha->length = 0;
}

void sha256_update(struct sha256 *sha, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;
	size_t held = sha->length % sizeof(sha->block);

	sha->length += length;
	if (held > 0) {
		size_t room = sizeof(sha->block) - held;
		size_t taken = length < room ? length : room;

		memcpy(sha->block + held, from, taken);
		if (taken < room)
			return;
		compress(sha->state, sha->block);
		from += taken;
		length -= taken;
	}
	for (; length >= sizeof(sha->block); length -= sizeof(sha->block)) {
		compress(sha->state, from);
		from += sizeof(sha->block);
	}
	if (length > 0)
		memcpy(sha->block, from, length);
}

void sha256_final(struct sha256 *sha, uint8_t digest[32])
{
	uint64_t bits = sha->length * 8;
	uint8_t end[72] = { 0x80 };
	/* A one bit, zeros up to 8 bytes before a whole block, the length in bits. */
	size_t zeros = (sizeof(sha->block) + 55 - sha->length % 64) % 64;

	for (unsigned i = 0; i < 8; i++)
		end[1 + zeros + i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_update(sha, end, 1 + zeros + 8);
	for (unsigned i = 0; i < 32; i++)
		digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}
