/* SPDX-License-Identifier: ISC */
/*
 * Unpredictable bytes for an image: a generator (runtime/drbg.h), seeded when it is first asked from
 * the processor's own random numbers and from how long things take.
 *
 * Sources.  RDSEED and RDRAND, or RNDR, where the processor has them and they do not repeat
 *           themselves, with the times at which their numbers come. Else the jitter of a counter
 *           around work of varying length, measured by how well durations can be guessed, and
 *           credited a sixteenth of that. Drivers may add more (bare_entropy_mix()). Without 256
 *           bits in all nothing is given.
 * See also. docs/decisions/0016-entropy-without-a-kernel.md
 */
#ifndef TARGETS_BARE_ENTROPY_H
#define TARGETS_BARE_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

/*
 * The `entropy` operation of targets: fill `bytes`. The first call gathers a seed, which takes
 * microseconds with a hardware source and milliseconds without.
 *
 * -EIO  there is no seed; nothing was written. The next call tries again.
 */
must_check int bare_entropy(void *state, void *bytes, size_t length);

/* Mix in what a driver has: `bits` is what an attacker cannot know of it. */
void bare_entropy_mix(const void *bytes, size_t length, unsigned int bits);

/* The processor's part: entropy_x86_64.c, entropy_aarch64.c. */

/* A number of the processor's random source, or false if it has none, or none now. */
bool entropy_hardware(uint64_t *number);

/* Bits that each such number is worth. */
unsigned int entropy_hardware_bits(void);

/* A counter that is as fine as the processor has one. */
uint64_t entropy_counter(void);

#endif
