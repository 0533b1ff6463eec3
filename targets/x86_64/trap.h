/* SPDX-License-Identifier: ISC */
/*
 * Traps: an exception in an image is a bug in it, and its end.
 */
#ifndef TARGETS_X86_64_TRAP_H
#define TARGETS_X86_64_TRAP_H

#include <stdint.h>

#include <mirage/attributes.h>

enum {
	TRAP_COUNT = 32,
	TRAP_ENTRY_SIZE = 16, /* bytes between two entries of trap_entries */
};

/* The registers at the exception, in the order in which trap_entry.S and the processor push them. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector;
	uint64_t error_code; /* 0 where the exception has none */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Where gates point: an entry for each vector. */
extern const char trap_entries[];

/* Called by trap_entry.S: report, then trap_end(). */
no_return void trap_handle(const struct trap_frame *frame);

/* End the instance after the report; `cr2` is the address of a page fault. The target's part. */
no_return void trap_end(const struct trap_frame *frame, uint64_t cr2);

#endif
