/* SPDX-License-Identifier: ISC */
/*
 * What trap.c needs to know of the processor.
 */
#ifndef TENDERS_SPT_TRAP_CONTEXT_H
#define TENDERS_SPT_TRAP_CONTEXT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#if defined(__x86_64__)

static inline uint64_t trap_program_counter(const ucontext_t *context)
{
	return (uint64_t)context->uc_mcontext.gregs[REG_RIP];
}

static inline uint64_t trap_stack_pointer(const ucontext_t *context)
{
	return (uint64_t)context->uc_mcontext.gregs[REG_RSP];
}

/* Do what brings signal `number` again. */
static inline void trap_again(int number)
{
	if (number == SIGFPE)
		__asm__ volatile("xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
	else if (number == SIGILL)
		__asm__ volatile("ud2");
	else if (number == SIGTRAP)
		__asm__ volatile("int3");
	__asm__ volatile("movb $0, 0" : : : "memory");
}

#elif defined(__aarch64__)

static inline uint64_t trap_program_counter(const ucontext_t *context)
{
	return context->uc_mcontext.pc;
}

static inline uint64_t trap_stack_pointer(const ucontext_t *context)
{
	return context->uc_mcontext.sp;
}

/* Do what brings signal `number` again; dividing by zero is no trap here. */
static inline void trap_again(int number)
{
	if (number == SIGILL)
		__asm__ volatile("udf #0");
	else if (number == SIGTRAP)
		__asm__ volatile("brk #0");
	__asm__ volatile("mov x0, xzr; str wzr, [x0]" : : : "x0", "memory");
}

#endif

#endif
