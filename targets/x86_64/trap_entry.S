/* SPDX-License-Identifier: ISC */
/*
 * An entry for each exception: a zero where the processor pushes no error code, the vector, and on
 * to the common part, which saves the registers as struct trap_frame has them.
 */
	.text

/* Vectors with an error code: 8, 10 to 14, 17, 21, 29, 30. */
#define HAS_ERROR_CODE ((1 << 8) | (0x1f << 10) | (1 << 17) | (1 << 21) | (1 << 29) | (1 << 30))

	.globl	trap_entries
	.type	trap_entries, @object
	.balign	16
trap_entries:
	.set	vector, 0
	.rept	32
	.balign	16
	.if	(HAS_ERROR_CODE >> vector) & 1
	.else
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr
	.size	trap_entries, . - trap_entries

	.type	trap_common, @function
trap_common:
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	andq	$-16, %rsp
	callq	trap_handle
	ud2
	.size	trap_common, . - trap_common

	.section .note.GNU-stack, "", @progbits
