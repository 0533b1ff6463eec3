/* SPDX-License-Identifier: ISC */
/*
 * A deterministic generator of unpredictable bytes, for targets without a kernel that has one.
 *
 * Model.      The state is a ChaCha20 key. Each request draws a stream from it, of which the first
 *             32 bytes replace the key and the rest is the caller's ("fast key erasure"): whoever
 *             reads the state later cannot compute what was given before. Sources are mixed in at
 *             any time with an estimate of what they are worth. Until their estimates reach 256
 *             bits nothing comes out; from then on each mixing adds and none takes away, so a
 *             source may be worthless or known to others as long as one is not.
 * Context.    One instance; not concurrent. Nothing blocks.
 */
#ifndef RUNTIME_DRBG_H
#define RUNTIME_DRBG_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "runtime/chacha20.h"

enum {
	DRBG_SEED_BITS = 256,
};

/* All fields are private; zeroed is a generator without a seed. */
struct drbg {
	uint8_t key[CHACHA20_KEY_SIZE];
	unsigned int bits; /* credited so far, up to DRBG_SEED_BITS */
};

/*
 * Mix in `length` bytes that an attacker has `bits` bits of uncertainty about. The estimate is the
 * caller's: 0 for what helps only perhaps.
 */
void drbg_mix(struct drbg *drbg, const void *bytes, size_t length, unsigned int bits);

/*
 * Fill `bytes`. 0, or -EAGAIN while less than DRBG_SEED_BITS have been mixed in; then nothing is
 * written.
 */
must_check int drbg_fill(struct drbg *drbg, void *bytes, size_t length);

#endif
