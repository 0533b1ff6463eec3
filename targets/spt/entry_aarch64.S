/* SPDX-License-Identifier: ISC */
/*
 * Entry: the tender jumps here with the boot information in x0 and the stack 8 bytes below the end of
 * memory, which is not a multiple of 16 as a stack must be.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined x30
	mov	x29, xzr
	mov	x30, xzr
	sub	sp, sp, #8
	b	spt_start
	.cfi_endproc
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
