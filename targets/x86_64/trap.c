// SPDX-License-Identifier: ISC
/*
 * The report of a trap: what, where, the registers, and who called whom as far as the stack tells.
 *
 * Frames have no frame pointers. A word on the stack that points behind a call instruction is a
 * return address, or was one; the report calls them likely callers.
 */
#include "targets/x86_64/trap.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "abi/processor.h"
#include "runtime/fiber_fault.h"
#include "targets/bare/memory.h"
#include "targets/bare/report.h"
#include "targets/x86_64/paging.h"
#include "targets/x86_64/registers.h"

enum {
	VECTOR_PAGE_FAULT = 14,
	CALLERS_MAX = 12,
	WORDS_MAX = 512, /* of the stack that are looked at */
};

static const char *trap_name(uint64_t vector)
{
	static const char names[TRAP_COUNT][4] = {
		"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "?",   "#TS",
		"#NP", "#SS", "#GP", "#PF", "?",   "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
		"?",   "?",   "?",   "?",   "?",   "?",   "#HV", "#VC", "#SX", "?",
	};

	return vector < TRAP_COUNT ? names[vector] : "?";
}

static bool in_text(uint64_t address)
{
	return address >= (uintptr_t)image_text_start + PROCESSOR_CALL_LENGTH_MAX &&
	       address < (uintptr_t)image_text_end;
}

/* A word of memory, and not of a page that is a guard: a trap in here would replace the report. */
static bool is_readable(uint64_t address)
{
	const struct memory_range memory = memory_of_image();

	return address % sizeof(uint64_t) == 0 && address >= (uintptr_t)image_rodata_end &&
	       address < memory.end && paging_maps(address);
}

static void report_callers(const struct trap_frame *frame)
{
	uint64_t at = frame->rsp;
	size_t callers = 0;
	char line[32 + CALLERS_MAX * 12];
	size_t length = 0;

	/* That of an overflowed stack points into the guard below it. */
	if (!is_readable(at))
		at = (at | (IMAGE_PAGE_SIZE - 1)) + 1;
	for (size_t i = 0; i < WORDS_MAX && callers < CALLERS_MAX && is_readable(at); i++) {
		uint64_t word = *(const uint64_t *)(uintptr_t)at;

		at += sizeof(word);
		if (!in_text(word) || !processor_follows_call(word))
			continue;
		length += (size_t)snprintf(line + length, sizeof(line) - length, " 0x%llx",
		                           (unsigned long long)word);
		callers++;
	}
	if (callers > 0)
		report("trap: likely callers, latest first:%.*s", (int)length, line);
}

static void report_registers(const struct trap_frame *f)
{
#define HEX(value) ((unsigned long long)(value))
	report("trap: rax=0x%llx rbx=0x%llx rcx=0x%llx rdx=0x%llx rsi=0x%llx rdi=0x%llx",
	       HEX(f->rax), HEX(f->rbx), HEX(f->rcx), HEX(f->rdx), HEX(f->rsi), HEX(f->rdi));
	report("trap: rbp=0x%llx r8=0x%llx r9=0x%llx r10=0x%llx r11=0x%llx r12=0x%llx", HEX(f->rbp),
	       HEX(f->r8), HEX(f->r9), HEX(f->r10), HEX(f->r11), HEX(f->r12));
	report("trap: r13=0x%llx r14=0x%llx r15=0x%llx", HEX(f->r13), HEX(f->r14), HEX(f->r15));
}

static void report_fault(uint64_t cr2)
{
	size_t stack_size;
	const char *fiber = fiber_of_fault((const void *)(uintptr_t)cr2, &stack_size);

	report("trap: cr2=0x%llx", HEX(cr2));
	if (fiber != NULL)
		report("fiber '%.100s' overflowed its stack of %zu KiB: start it with "
		       "fiber_start_sized() and a larger size",
		       fiber, stack_size / 1024);
}

void trap_handle(const struct trap_frame *frame)
{
	uint64_t cr2 = cr2_read();

	report("trap: type=%s ec=0x%llx rip=0x%llx rsp=0x%llx rflags=0x%llx",
	       trap_name(frame->vector), HEX(frame->error_code), HEX(frame->rip), HEX(frame->rsp),
	       HEX(frame->rflags));
	if (frame->vector == VECTOR_PAGE_FAULT)
		report_fault(cr2);
	report_registers(frame);
	report_callers(frame);
	report("trap: `mirage symbolise` turns these addresses into lines of source");
	trap_end(frame, cr2);
}
