/* SPDX-License-Identifier: ISC */
/*
 * The time stamp counter as a clock, for targets that are told its frequency.
 */
#ifndef TARGETS_X86_64_TSC_H
#define TARGETS_X86_64_TSC_H

#include <stdint.h>

#include <mirage/duration.h>

/* Start the clock at 0. Called once, at boot. A frequency of 0 is taken for 1 GHz. */
void tsc_start(uint64_t frequency_hz);

/* Nanoseconds since tsc_start(). */
nanoseconds tsc_clock(void);

#endif
