/* SPDX-License-Identifier: ISC */
/*
 * Stack switch for aarch64 (AAPCS64): x19 to x29, the link register, and the low halves of v8 to
 * v15 are the callee's to save.
 */
	.text

	.globl	runtime_switch
	.type	runtime_switch, %function
runtime_switch:
	.cfi_startproc
	sub	sp, sp, #160
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #160
	br	x30
	.cfi_endproc
	.size	runtime_switch, . - runtime_switch

/* entry in x20, its argument in x19. */
	.globl	runtime_switch_start
	.type	runtime_switch_start, %function
runtime_switch_start:
	.cfi_startproc
	.cfi_undefined x30
	mov	x29, xzr
	mov	x0, x19
	blr	x20
	brk	#0
	.cfi_endproc
	.size	runtime_switch_start, . - runtime_switch_start

	.section .note.GNU-stack, "", %progbits
