// SPDX-License-Identifier: ISC
/*
 * Descriptor tables. Intel SDM volume 3, sections 3.4.5 (descriptors), 6.14 (gates in 64-bit mode),
 * 7.7 (task state).
 *
 * The selectors are those that the tenders start with, so the segment registers need no reload.
 */
#include "targets/x86_64/segments.h"

#include <assert.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "targets/x86_64/trap.h"

enum {
	SELECTOR_CODE = 0x08,
	SELECTOR_TASK = 0x18,
	TRAP_STACK_SIZE = 16 << 10, /* formatting a report takes most of it */
	GATE_INTERRUPT = 0x8e,
	VECTOR_NMI = 2,
	VECTOR_DOUBLE_FAULT = 8,
};

struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct task_state {
	uint32_t reserved0;
	uint64_t ring_stacks[3];
	uint64_t reserved1;
	uint64_t interrupt_stacks[7];
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t stack;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

static_assert(sizeof(struct task_state) == 104, "task state");
static_assert(sizeof(struct gate) == 16, "gate");

static uint64_t descriptors[5] = {
	0,
	UINT64_C(0x00af99000000ffff), /* code: 64-bit, ring 0 */
	UINT64_C(0x00cf93000000ffff), /* data */
	0,
	0, /* task, filled in below */
};

static struct task_state task;
static struct gate gates[TRAP_COUNT];

/* A fault while the first is reported must not overwrite its stack. */
static uint8_t trap_stack[TRAP_STACK_SIZE] __attribute__((aligned(16)));
static uint8_t fatal_stack[TRAP_STACK_SIZE] __attribute__((aligned(16)));

static void task_descriptor_set(void)
{
	uint64_t base = (uint64_t)(uintptr_t)&task;

	descriptors[SELECTOR_TASK / 8] = (sizeof(task) - 1) | (base & 0xffffff) << 16 |
	                                 UINT64_C(0x89) << 40 | (base >> 24 & 0xff) << 56;
	descriptors[SELECTOR_TASK / 8 + 1] = base >> 32;
}

static void gate_set(struct gate *gate, uint64_t handler, uint8_t stack)
{
	*gate = (struct gate){
		.offset_low = (uint16_t)handler,
		.selector = SELECTOR_CODE,
		.stack = stack,
		.type = GATE_INTERRUPT,
		.offset_middle = (uint16_t)(handler >> 16),
		.offset_high = (uint32_t)(handler >> 32),
	};
}

void segments_start(void)
{
	const struct table_register gdt = { sizeof(descriptors) - 1, (uintptr_t)descriptors };
	const struct table_register idt = { sizeof(gates) - 1, (uintptr_t)gates };

	task.interrupt_stacks[0] = (uintptr_t)(trap_stack + sizeof(trap_stack));
	task.interrupt_stacks[1] = (uintptr_t)(fatal_stack + sizeof(fatal_stack));
	task.io_map = sizeof(task);
	task_descriptor_set();
	for (unsigned vector = 0; vector < TRAP_COUNT; vector++)
		gate_set(&gates[vector],
		         (uintptr_t)trap_entries + (uintptr_t)vector * TRAP_ENTRY_SIZE,
		         vector == VECTOR_NMI || vector == VECTOR_DOUBLE_FAULT ? 2 : 1);
	__asm__ volatile("lgdt %0" : : "m"(gdt) : "memory");
	__asm__ volatile("lidt %0" : : "m"(idt) : "memory");
	__asm__ volatile("ltr %w0" : : "r"(SELECTOR_TASK) : "memory");
}
