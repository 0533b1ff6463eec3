/* SPDX-License-Identifier: ISC */
/*
 * SHA-256 (FIPS 180-4), for digests of values. Not for secrets: nothing is wiped.
 */
#ifndef STORAGE_KV_SHA256_H
#define STORAGE_KV_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes so far */
	uint8_t block[64];
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const void *bytes, size_t length);
void sha256_final(struct sha256 *sha, uint8_t digest[32]);

#endif
