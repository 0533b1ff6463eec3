/* SPDX-License-Identifier: ISC */
/*
 * The one system call instruction of an image. Linux takes the arguments in the registers of C's, but
 * the fourth in r10; the seventh argument, the number, comes on the stack.
 */
	.text
	.globl	spt_system_call
	.type	spt_system_call, @function
spt_system_call:
	.cfi_startproc
	movq	8(%rsp), %rax
	movq	%rcx, %r10
	syscall
	ret
	.cfi_endproc
	.size	spt_system_call, . - spt_system_call

	.section .note.GNU-stack, "", @progbits
