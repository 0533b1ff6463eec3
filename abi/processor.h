/* SPDX-License-Identifier: ISC */
/*
 * What the processor fixes, for images and tenders alike: how a call instruction looks, and how to
 * wait in a loop for another processor.
 */
#ifndef ABI_PROCESSOR_H
#define ABI_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)

enum {
	PROCESSOR_CALL_LENGTH_MAX = 7, /* bytes that have to be readable before an address */
};

/* Whether the instruction before `address` may be a call: relative, or FF /2 of any length. */
static inline bool processor_follows_call(uint64_t address)
{
	const uint8_t *end = (const uint8_t *)(uintptr_t)address;

	if (end[-5] == 0xe8)
		return true;
	for (int length = 2; length <= PROCESSOR_CALL_LENGTH_MAX; length++)
		if (end[-length] == 0xff && (end[1 - length] & 0x38) == 0x10)
			return true;
	return false;
}

/* In each turn of a loop that waits for what another processor writes. */
static inline void processor_pause(void)
{
	__builtin_ia32_pause();
}

#elif defined(__aarch64__)

enum {
	PROCESSOR_CALL_LENGTH_MAX = 4,
};

/* BL, or BLR. */
static inline bool processor_follows_call(uint64_t address)
{
	const uint32_t *end = (const uint32_t *)(uintptr_t)address;

	return address % sizeof(*end) == 0 &&
	       ((end[-1] & 0xfc000000) == 0x94000000 || (end[-1] & 0xfffffc1f) == 0xd63f0000);
}

static inline void processor_pause(void)
{
	__asm__ volatile("yield");
}

#endif

#endif
