/* SPDX-License-Identifier: ISC */
/*
 * Entry: the tender starts the processor here, in long mode, with the boot information's address in
 * rdi and the stack as after a call. The thread pointer is 0, and page 0 is no memory: C code with
 * a stack protector reads its canary through it, so it is pointed at something first.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined rip
	xorl	%ebp, %ebp
	cld
	fninit
	leaq	hvt_first_thread_block(%rip), %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	movl	$0xc0000100, %ecx		/* FS base */
	wrmsr
	jmp	hvt_start
	.cfi_endproc
	.size	_start, . - _start

	.section .bss
	.balign	16
hvt_first_thread_block:
	.skip	64

	.section .note.GNU-stack, "", @progbits
