/* SPDX-License-Identifier: ISC */
#include "targets/bare/entropy.h"

#include <errno.h>

#include "runtime/drbg.h"

enum {
	HARDWARE_NUMBERS = 16,
	HARDWARE_REPEATS_MAX =
		2, /* equal numbers in a row, of 64 bits each, tell of a broken source */
	RESEED_CALLS = 256,

	JITTER_SAMPLES = 2048, /* in one measurement */
	JITTER_ROUNDS_MAX = 32,
	JITTER_DIVISOR = 16, /* of the measured entropy, what is credited */
	JITTER_VALUES = 256, /* durations are told apart by their low 8 bits */
	WORK_SIZE = 256,
};

static struct drbg generator;
static unsigned int calls; /* since the last seed */

void bare_entropy_mix(const void *bytes, size_t length, unsigned int bits)
{
	drbg_mix(&generator, bytes, length, bits);
}

/* What the hardware's source gives, unless it is stuck. */
static void gather_hardware(void)
{
	uint64_t numbers[HARDWARE_NUMBERS];
	unsigned int count = 0, repeats = 1;

	while (count < HARDWARE_NUMBERS && entropy_hardware(&numbers[count])) {
		repeats = count > 0 && numbers[count] == numbers[count - 1] ? repeats + 1 : 1;
		if (repeats >= HARDWARE_REPEATS_MAX)
			return;
		count++;
	}
	drbg_mix(&generator, numbers, count * sizeof(numbers[0]), count * entropy_hardware_bits());
}

/* Work whose length depends on caches, pipelines and interrupts as much as on what it computes. */
static uint64_t work(uint8_t *memory, uint64_t seed)
{
	unsigned int steps = 16 + (unsigned int)(seed & 15);

	for (unsigned int i = 0; i < steps; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		memory[seed >> 56] = (uint8_t)(memory[seed >> 48 & 0xff] + (seed >> 40));
	}
	return seed;
}

/*
 * Take samples and return bits of entropy in all of them, by the commonest value: with a share p of
 * the samples it is a guess that is right with probability p, that is log2(1/p) bits each, rounded
 * down. Samples that a steady change explains (a second difference of 0) count as the commonest.
 */
static unsigned int gather_jitter(void)
{
	uint8_t memory[WORK_SIZE] = { 0 };
	uint16_t seen[JITTER_VALUES] = { 0 };
	uint64_t last = entropy_counter(), last_duration = 0, last_change = 0;
	unsigned int commonest = 0, steady = 0;

	for (unsigned int i = 0; i < JITTER_SAMPLES; i++) {
		work(memory, last ^ i);
		uint64_t now = entropy_counter();
		uint64_t duration = now - last, change = duration - last_duration;
		unsigned int count = ++seen[duration % JITTER_VALUES];

		commonest = count > commonest ? count : commonest;
		steady += change == 0 || change == last_change;
		memory[i % WORK_SIZE] ^= (uint8_t)duration;
		if (i % WORK_SIZE == WORK_SIZE - 1)
			drbg_mix(&generator, memory, sizeof(memory), 0);
		last = now;
		last_duration = duration;
		last_change = change;
	}
	unsigned int guessed = commonest > steady ? commonest : steady, bits = 0;

	while (guessed << (bits + 1) <= JITTER_SAMPLES)
		bits++;
	return bits * JITTER_SAMPLES / JITTER_DIVISOR;
}

static void seed(void)
{
	gather_hardware();
	unsigned int bits = gather_jitter();

	if (generator.bits >= DRBG_SEED_BITS)
		return;
	for (unsigned int i = 0; i < JITTER_ROUNDS_MAX && generator.bits < DRBG_SEED_BITS; i++) {
		drbg_mix(&generator, &bits, sizeof(bits), bits);
		bits = gather_jitter();
	}
}

int bare_entropy(void *state, void *bytes, size_t length)
{
	uint64_t now;

	(void)state;
	if (generator.bits < DRBG_SEED_BITS) {
		seed();
	} else if (++calls >= RESEED_CALLS) {
		gather_hardware();
		now = entropy_counter();
		drbg_mix(&generator, &now, sizeof(now), 0);
		calls = 0;
	}
	return drbg_fill(&generator, bytes, length) == 0 ? 0 : -EIO;
}
