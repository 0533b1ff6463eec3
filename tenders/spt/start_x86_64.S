/* SPDX-License-Identifier: ISC */
/*
 * void spt_enter(uint64_t entry, uint64_t stack, uint64_t boot)
 *
 * Nothing of the tender stays in a register, but for rax, which has the entry point. The thread pointer
 * goes to zeros in the image's own memory, for code that looks there too early; the filter allows an
 * image to set it, so it allows us to.
 */
#include <asm/prctl.h>
#include <asm/unistd_64.h>

/* In the page that starts at SPT_MEMORY_START, before the boot information. */
#define ZEROS	0x10800

	.text
	.globl	spt_enter
	.type	spt_enter, @function
spt_enter:
	mov	%rdi, %r12
	mov	%rsi, %rsp
	mov	%rdx, %r13
	mov	$__NR_arch_prctl, %eax
	mov	$ARCH_SET_FS, %edi
	mov	$ZEROS, %esi
	syscall
	mov	%r12, %rax
	mov	%r13, %rdi
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
