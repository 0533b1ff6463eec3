/* SPDX-License-Identifier: ISC */
/*
 * void spt_enter(uint64_t entry, uint64_t stack, uint64_t boot)
 *
 * Nothing of the tender stays in a register, but for rax, which has the entry point.
 */
	.text
	.globl	spt_enter
	.type	spt_enter, @function
spt_enter:
	mov	%rdi, %rax
	mov	%rsi, %rsp
	mov	%rdx, %rdi
	xor	%ebx, %ebx
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%ebp, %ebp
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	xorps	%xmm\n, %xmm\n
	.endr
	cld
	jmp	*%rax
	.size	spt_enter, . - spt_enter
	.section .note.GNU-stack, "", @progbits
