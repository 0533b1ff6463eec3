/* SPDX-License-Identifier: ISC */
/*
 * Privileged instructions, one function each. Intel SDM volume 2; numbers from volume 4.
 */
#ifndef TARGETS_X86_64_REGISTERS_H
#define TARGETS_X86_64_REGISTERS_H

#include <stdint.h>

enum {
	MSR_EFER = 0xc0000080,
	MSR_FS_BASE = 0xc0000100,
	EFER_NXE = 1 << 11,
	CR0_WP = 1 << 16,
};

static inline uint64_t msr_read(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
	                 :
	                 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
	                 : "memory");
}

static inline uint64_t cr2_read(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

static inline void cr3_write(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline void page_invalidate(uintptr_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline uint64_t tsc_read(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

#endif
