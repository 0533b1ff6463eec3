/* SPDX-License-Identifier: ISC */
/*
 * void spt_enter(uint64_t entry, uint64_t stack, uint64_t boot)
 *
 * Nothing of the tender stays in a register, but for x16, which has the entry point. The thread pointer
 * goes to zeros in the image's own memory, before the boot information, as on x86-64. The stack
 * pointer must be a multiple of 16 here, so it starts 16 bytes below the end, not 8.
 */
/* SPT_MEMORY_START; the architecture looks above its thread pointer. */
#define ZEROS	0x10000

	.text
	.globl	spt_enter
	.type	spt_enter, %function
spt_enter:
	mov	x16, x0
	and	x1, x1, #~15
	mov	sp, x1
	mov	x0, x2
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19
	mov	x\n, xzr
	.endr
	.irp	n, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	mov	x\n, xzr
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movi	v\n\().2d, #0
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	movi	v\n\().2d, #0
	.endr
	mov	x17, #ZEROS
	msr	tpidr_el0, x17
	mov	x17, xzr
	br	x16
	.size	spt_enter, . - spt_enter
	.section .note.GNU-stack, "", %progbits
