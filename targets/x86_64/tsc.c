// SPDX-License-Identifier: ISC
/*
 * The time stamp counter as nanoseconds: a multiplication by a fraction of 2^32. With 64 bits of
 * counter times 64 bits of fraction nothing overflows; the fraction's last bit is 1 ns in 4 s at
 * 1 GHz or more, and rounding it leaves the clock right to 0.25 ppm.
 */
#include "targets/x86_64/tsc.h"

#include "targets/x86_64/registers.h"

__extension__ typedef unsigned __int128 uint128;

static struct {
	uint64_t start;
	uint64_t latest;   /* of what was read */
	uint64_t fraction; /* nanoseconds per tick, times 2^32 */
} tsc;

void tsc_start(uint64_t frequency_hz)
{
	if (frequency_hz == 0)
		frequency_hz = 1000000000;
	tsc.fraction = (UINT64_C(1000000000) << 32) / frequency_hz;
	tsc.start = tsc.latest = tsc_read();
}

nanoseconds tsc_clock(void)
{
	uint64_t now = tsc_read();

	/* A guest that was suspended or moved may find the counter behind: time then stands still. */
	if (now > tsc.latest)
		tsc.latest = now;
	return (nanoseconds)((uint128)(tsc.latest - tsc.start) * tsc.fraction >> 32);
}
