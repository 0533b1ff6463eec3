/* SPDX-License-Identifier: ISC */
#include "test/images/hvt/guest.h"

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t flags;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct frame {
	uint64_t number;
	uint64_t error;
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

enum {
	GATES = 32,
	PRESENT_INTERRUPT = 0x8e00,
	CODE_SELECTOR = 8,
};

static struct gate gates[GATES];

__attribute__((noreturn, used)) void trapped(const struct frame *frame);

/* Sixteen bytes each: a zero where the processor gives no error code, the number, the jump. */
__asm__(".text\n"
        ".balign 16\n"
        "trap_entries:\n"
        ".set number, 0\n"
        ".rept 32\n"
        ".balign 16\n"
        ".if !((0x60227d00 >> number) & 1)\n"
        "	push $0\n"
        ".endif\n"
        "	push $number\n"
        "	jmp trap_entry\n"
        ".set number, number + 1\n"
        ".endr\n"
        ".balign 16\n"
        "trap_entry:\n"
        "	mov %rsp, %rdi\n"
        "	and $-16, %rsp\n"
        "	call trapped\n");

extern const char trap_entries[];

void trapped(const struct frame *frame)
{
	static uint64_t cookie[HVT_COOKIE_SIZE / 8];
	uint64_t address;

	__asm__("mov %%cr2, %0" : "=r"(address));
	print_number("trap ", frame->number, "");
	print_number(" error ", frame->error, "");
	print_number(" address ", address, "\n");
	cookie[0] = address;
	cookie[1] = frame->error;
	cookie[2] = frame->rip;
	cookie[3] = frame->cs;
	cookie[4] = frame->rflags;
	cookie[5] = frame->rsp;
	cookie[6] = frame->ss;
	halt(255, cookie);
}

struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};

void catch_traps(void)
{
	/* The tender's are in a page that is not there for the guest. */
	static const uint64_t segments[] = { 0, 0x00af9b000000ffff, 0x00cf93000000ffff };
	const struct table segment_table = { sizeof(segments) - 1, (uintptr_t)segments };
	const struct table gate_table = { sizeof(gates) - 1, (uintptr_t)gates };

	for (size_t i = 0; i < GATES; i++) {
		uintptr_t entry = (uintptr_t)trap_entries + 16 * i;
		gates[i] = (struct gate){
			.offset_low = (uint16_t)entry,
			.selector = CODE_SELECTOR,
			.flags = PRESENT_INTERRUPT,
			.offset_middle = (uint16_t)(entry >> 16),
		};
	}
	__asm__ volatile("lgdt %0\n\tlidt %1" : : "m"(segment_table), "m"(gate_table));
}
