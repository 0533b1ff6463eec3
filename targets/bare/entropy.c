/* SPDX-License-Identifier: ISC */
#include "targets/bare/entropy.h"

#include <errno.h>

#include "runtime/drbg.h"

enum {
	HARDWARE_NUMBERS_MAX = 16,
	RESEED_CALLS = 256,

	JITTER_SAMPLES = 2048, /* in one measurement */
	JITTER_ROUNDS_MAX = 32,
	JITTER_DIVISOR = 16, /* of the measured entropy, what is credited */
	VALUES = 256,        /* durations are told apart by their low 8 bits */
	PERIOD_MAX = 8,      /* of patterns that are looked for */
	WORK_SIZE = 256,
	EFFORT_MAX = 64,
};

static struct drbg generator;
static unsigned int calls; /* since the last seed */

void bare_entropy_mix(const void *bytes, size_t length, unsigned int bits)
{
	drbg_mix(&generator, bytes, length, bits);
}

/*
 * A seed from the hardware's source, with the times at which it came. Equal numbers in a row, of 64
 * bits each, are what broken sources give: nothing is mixed in then.
 */
__attribute__((cold)) static void gather_hardware(void)
{
	uint64_t drawn[2 * HARDWARE_NUMBERS_MAX];
	size_t count = 0;
	unsigned int bits = 0;

	while (count < HARDWARE_NUMBERS_MAX && bits < DRBG_SEED_BITS &&
	       entropy_hardware(&drawn[2 * count])) {
		if (count > 0 && drawn[2 * count] == drawn[2 * count - 2])
			return;
		drawn[2 * count + 1] = entropy_counter();
		count++;
		bits += entropy_hardware_bits();
	}
	drbg_mix(&generator, drawn, count * 2 * sizeof(drawn[0]), bits);
}

/* Work whose length depends on caches, pipelines and interrupts as much as on what it computes. */
static void work(uint8_t *memory, uint64_t seed, unsigned int effort)
{
	unsigned int steps = effort * (16 + (unsigned int)(seed & 15));

	for (unsigned int i = 0; i < steps; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		memory[seed >> 56] = (uint8_t)(memory[seed >> 48 & 0xff] + (seed >> 40));
	}
}

/* How often the best of several ways to guess the next duration was right. */
struct guesses {
	uint16_t seen[VALUES];       /* guess the commonest */
	uint16_t period[PERIOD_MAX]; /* guess the one so many before */
	uint64_t recent[PERIOD_MAX]; /* durations, by sample number */
	uint64_t change;             /* guess a change like the last */
	unsigned int steady;
	unsigned int best;
};

static unsigned int larger(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

__attribute__((cold)) static void guess(struct guesses *guesses, unsigned int sample,
                                        uint64_t duration)
{
	uint64_t *recent = guesses->recent;
	uint64_t change = duration - recent[(sample - 1) % PERIOD_MAX];

	guesses->best = larger(guesses->best, ++guesses->seen[duration % VALUES]);
	for (unsigned int period = 1; period <= PERIOD_MAX; period++)
		if (recent[(sample - period) % PERIOD_MAX] == duration)
			guesses->best = larger(guesses->best, ++guesses->period[period - 1]);
	if (change == guesses->change)
		guesses->best = larger(guesses->best, ++guesses->steady);
	guesses->change = change;
	recent[sample % PERIOD_MAX] = duration;
}

/*
 * Bits that samples are worth of which `guessed` can be guessed: log2(1/p) each where that is a
 * share of p, rounded down; below one bit, 1-p, which is less.
 */
__attribute__((cold)) static unsigned int worth_of(unsigned int guessed)
{
	unsigned int bits = 0;

	while (guessed << (bits + 1) <= JITTER_SAMPLES)
		bits++;
	return bits > 0 ? bits * JITTER_SAMPLES : JITTER_SAMPLES - guessed;
}

/* Mix durations in, and return what they may be credited. */
__attribute__((cold)) static unsigned int gather_jitter(unsigned int effort)
{
	struct guesses guesses = { .best = 0 };
	uint8_t memory[WORK_SIZE] = { 0 };
	uint64_t last = entropy_counter();

	for (unsigned int i = 0; i < JITTER_SAMPLES; i++) {
		work(memory, last ^ i, effort);
		uint64_t now = entropy_counter();

		guess(&guesses, i, now - last);
		memory[i % WORK_SIZE] ^= (uint8_t)(now - last);
		if (i % WORK_SIZE == WORK_SIZE - 1)
			drbg_mix(&generator, memory, sizeof(memory), 0);
		last = now;
	}
	return worth_of(guesses.best) / JITTER_DIVISOR;
}

/* With a coarse counter little can be seen of short work: it gets longer each time. */
__attribute__((cold)) static void seed(void)
{
	unsigned int effort = 1;

	gather_hardware();
	for (unsigned int i = 0; i < JITTER_ROUNDS_MAX && generator.bits < DRBG_SEED_BITS; i++) {
		unsigned int bits = gather_jitter(effort);

		drbg_mix(&generator, &bits, sizeof(bits), bits);
		effort = effort < EFFORT_MAX ? 2 * effort : EFFORT_MAX;
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
