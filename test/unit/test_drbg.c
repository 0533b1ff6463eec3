/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/drbg.h"

static const uint8_t SEED[48] = "a seed of forty-eight bytes, which is no secret.";

static void nothing_comes_out_before_256_bits_went_in(void **state)
{
	struct drbg drbg = { .bits = 0 };
	uint8_t bytes[16] = { 0 };
	const uint8_t zeros[16] = { 0 };

	(void)state;
	assert_int_equal(drbg_fill(&drbg, bytes, sizeof(bytes)), -EAGAIN);
	drbg_mix(&drbg, SEED, sizeof(SEED), 0);
	assert_int_equal(drbg_fill(&drbg, bytes, sizeof(bytes)), -EAGAIN);
	drbg_mix(&drbg, SEED, 1, 255);
	assert_int_equal(drbg_fill(&drbg, bytes, sizeof(bytes)), -EAGAIN);
	assert_int_equal(drbg_fill(&drbg, bytes, 0), -EAGAIN);
	assert_memory_equal(bytes, zeros, sizeof(bytes));
	drbg_mix(&drbg, SEED, 1, 1);
	assert_int_equal(drbg_fill(&drbg, bytes, sizeof(bytes)), 0);
	assert_memory_not_equal(bytes, zeros, sizeof(bytes));
}

static void credit_does_not_overflow(void **state)
{
	struct drbg drbg = { .bits = 0 };
	uint8_t byte;

	(void)state;
	for (int i = 0; i < 3; i++) {
		drbg_mix(&drbg, SEED, sizeof(SEED), UINT32_MAX);
		assert_int_equal(drbg_fill(&drbg, &byte, 1), 0);
	}
}

/* The stream is ChaCha20's, its first 32 bytes are kept as the next key and never given. */
static void the_key_is_replaced_by_what_nobody_sees(void **state)
{
	struct drbg drbg = { .bits = 0 };
	uint8_t stream[4 * CHACHA20_BLOCK_SIZE], bytes[200];
	static const uint8_t nonce[CHACHA20_NONCE_SIZE] = "fill";

	(void)state;
	drbg_mix(&drbg, SEED, sizeof(SEED), 256);
	for (uint32_t i = 0; i < 4; i++)
		chacha20_block(stream + i * CHACHA20_BLOCK_SIZE, drbg.key, i, nonce);
	assert_int_equal(drbg_fill(&drbg, bytes, sizeof(bytes)), 0);
	assert_memory_equal(bytes, stream + CHACHA20_KEY_SIZE, sizeof(bytes));
	assert_memory_equal(drbg.key, stream, CHACHA20_KEY_SIZE);
}

static void two_requests_have_nothing_in_common(void **state)
{
	struct drbg drbg = { .bits = 0 };
	uint8_t first[32], second[32];

	(void)state;
	drbg_mix(&drbg, SEED, sizeof(SEED), 256);
	assert_int_equal(drbg_fill(&drbg, first, sizeof(first)), 0);
	assert_int_equal(drbg_fill(&drbg, second, sizeof(second)), 0);
	assert_memory_not_equal(first, second, sizeof(first));
}

/* Each bit of each byte that is mixed in changes what comes out, wherever it was. */
static void every_bit_of_a_seed_counts(void **state)
{
	uint8_t expected[32], bytes[32], seed[sizeof(SEED)];
	struct drbg drbg = { .bits = 0 };

	(void)state;
	drbg_mix(&drbg, SEED, sizeof(SEED), 256);
	assert_int_equal(drbg_fill(&drbg, expected, sizeof(expected)), 0);
	for (size_t bit = 0; bit < 8 * sizeof(SEED); bit++) {
		memcpy(seed, SEED, sizeof(seed));
		seed[bit / 8] ^= (uint8_t)(1U << bit % 8);
		memset(&drbg, 0, sizeof(drbg));
		drbg_mix(&drbg, seed, sizeof(seed), 256);
		assert_int_equal(drbg_fill(&drbg, bytes, sizeof(bytes)), 0);
		assert_memory_not_equal(bytes, expected, sizeof(bytes));
	}
}

static void mixing_does_not_undo_itself(void **state)
{
	struct drbg drbg = { .bits = 0 };
	uint8_t before[CHACHA20_KEY_SIZE];

	(void)state;
	drbg_mix(&drbg, SEED, 32, 256);
	memcpy(before, drbg.key, sizeof(before));
	drbg_mix(&drbg, SEED, 32, 0);
	assert_memory_not_equal(drbg.key, before, sizeof(before));
	drbg_mix(&drbg, SEED, 32, 0);
	assert_memory_not_equal(drbg.key, before, sizeof(before));
}

/* What a broken rotation or a block given twice would show: about as many ones as zeros. */
static void long_requests_look_random(void **state)
{
	struct drbg drbg = { .bits = 0 };
	static uint8_t bytes[100000];
	size_t ones = 0, count[256] = { 0 };

	(void)state;
	drbg_mix(&drbg, SEED, sizeof(SEED), 256);
	assert_int_equal(drbg_fill(&drbg, bytes, sizeof(bytes)), 0);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		ones += (size_t)__builtin_popcount(bytes[i]);
		count[bytes[i]]++;
	}
	assert_in_range(ones, 397000, 403000);
	for (size_t i = 0; i < 256; i++)
		assert_in_range(count[i], 270, 520);
	for (size_t i = 64; i + 64 <= sizeof(bytes); i += 64)
		assert_memory_not_equal(bytes + i - 64, bytes + i, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_comes_out_before_256_bits_went_in),
		cmocka_unit_test(credit_does_not_overflow),
		cmocka_unit_test(the_key_is_replaced_by_what_nobody_sees),
		cmocka_unit_test(two_requests_have_nothing_in_common),
		cmocka_unit_test(every_bit_of_a_seed_counts),
		cmocka_unit_test(mixing_does_not_undo_itself),
		cmocka_unit_test(long_requests_look_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
