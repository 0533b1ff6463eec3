/* SPDX-License-Identifier: ISC */
/*
 * The ChaCha20 block function of RFC 8439. Private to the runtime.
 */
#ifndef RUNTIME_CHACHA20_H
#define RUNTIME_CHACHA20_H

#include <stdint.h>

enum {
	CHACHA20_KEY_SIZE = 32,
	CHACHA20_NONCE_SIZE = 12,
	CHACHA20_BLOCK_SIZE = 64,
};

/* Block number `counter` of the stream for `key` and `nonce`. Takes the same time for any key. */
void chacha20_block(uint8_t block[CHACHA20_BLOCK_SIZE], const uint8_t key[CHACHA20_KEY_SIZE],
                    uint32_t counter, const uint8_t nonce[CHACHA20_NONCE_SIZE]);

#endif
