/* The game, and how its state is kept: "LOTO", the high score, and a checksum of both. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	LOTTO_LENGTH = 12, /* bytes of a state on disk */
};

/* Put the state at the beginning of `bytes`, which has `size`, and zeroes behind it. */
void lotto_save(uint8_t *bytes, size_t size, uint32_t high_score);

/* Returns NULL and the high score, or what is wrong with the bytes. */
const char *lotto_load(const uint8_t *bytes, uint32_t *high_score);
