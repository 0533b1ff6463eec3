/* SPDX-License-Identifier: ISC */
/*
 * Entry: the tender jumps here with the boot information in rdi and the stack as after a call.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined rip
	xorl	%ebp, %ebp
	cld
	jmp	spt_start
	.cfi_endproc
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
