/* SPDX-License-Identifier: ISC */
/* RNDR and the virtual counter. */
#include "targets/bare/entropy.h"

enum {
	RNDR_TRIES = 10,
	RNDR_BITS = 32, /* it stretches a seed */
	ISAR0_RNDR_SHIFT = 60,
};

static bool has_rndr(void)
{
	uint64_t features;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(features));
	return features >> ISAR0_RNDR_SHIFT != 0;
}

bool entropy_hardware(uint64_t *number)
{
	bool valid = false;

	if (!has_rndr())
		return false;
	/* By its number, which assemblers for older processors take too: RNDR. */
	for (unsigned int i = 0; i < RNDR_TRIES && !valid; i++)
		__asm__ volatile("mrs %0, s3_3_c2_c4_0\n\tcset %w1, ne"
		                 : "=r"(*number), "=r"(valid)
		                 :
		                 : "cc");
	return valid;
}

unsigned int entropy_hardware_bits(void)
{
	return RNDR_BITS;
}

uint64_t entropy_counter(void)
{
	uint64_t counter;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(counter) : : "memory");
	return counter;
}
