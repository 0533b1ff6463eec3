/* SPDX-License-Identifier: ISC */
/* RDSEED, RDRAND and the time stamp counter. */
#include "targets/bare/entropy.h"

#include <cpuid.h>

enum {
	/* Either fails for a while when others draw from it too. */
	RDSEED_TRIES = 100,
	RDRAND_TRIES = 10,

	/* RDSEED's numbers are conditioned noise. RDRAND stretches a seed, so many of its numbers may
	   come from one; sixteen at 32 bits are still twice what is needed. */
	RDSEED_BITS = 64,
	RDRAND_BITS = 32,
};

enum source {
	SOURCE_UNKNOWN,
	SOURCE_NONE,
	SOURCE_RDRAND,
	SOURCE_RDSEED,
};

static enum source source;

static void find_source(void)
{
	unsigned int a, b, c, d;

	source = SOURCE_NONE;
	if (__get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_RDRND) != 0)
		source = SOURCE_RDRAND;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_RDSEED) != 0)
		source = SOURCE_RDSEED;
}

static bool read_rdseed(uint64_t *number)
{
	bool valid = false;

	for (unsigned int i = 0; i < RDSEED_TRIES && !valid; i++)
		__asm__ volatile("rdseed %0\n\tsetc %1\n\tpause"
		                 : "=r"(*number), "=qm"(valid)
		                 :
		                 : "cc");
	return valid;
}

static bool read_rdrand(uint64_t *number)
{
	bool valid = false;

	for (unsigned int i = 0; i < RDRAND_TRIES && !valid; i++)
		__asm__ volatile("rdrand %0\n\tsetc %1" : "=r"(*number), "=qm"(valid) : : "cc");
	return valid;
}

bool entropy_hardware(uint64_t *number)
{
	if (source == SOURCE_UNKNOWN)
		find_source();
	/* Once RDSEED has nothing left, the rest comes from RDRAND, which all that have RDSEED have. */
	if (source == SOURCE_RDSEED && !read_rdseed(number))
		source = SOURCE_RDRAND;
	else if (source == SOURCE_RDSEED)
		return true;
	return source == SOURCE_RDRAND && read_rdrand(number);
}

unsigned int entropy_hardware_bits(void)
{
	return source == SOURCE_RDSEED ? RDSEED_BITS : RDRAND_BITS;
}

uint64_t entropy_counter(void)
{
	uint32_t low, high;

	/* Not before all that comes before it is done. */
	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}
