/* SPDX-License-Identifier: ISC */
/*
 * Stack switch for x86-64 (System V AMD64 psABI): rbx, rbp and r12 to r15 are the callee's to save.
 *
 * The way out is a jump, not a return: the return would be predicted to go back to this call's own
 * caller, which is wrong at every switch.
 */
	.text

	.globl	runtime_switch
	.type	runtime_switch, @function
runtime_switch:
	.cfi_startproc
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	popq	%rcx
	jmpq	*%rcx
	.cfi_endproc
	.size	runtime_switch, . - runtime_switch

/* entry in r12, its argument in rbx; an undefined return address ends backtraces here. */
	.globl	runtime_switch_start
	.type	runtime_switch_start, @function
runtime_switch_start:
	.cfi_startproc
	.cfi_undefined rip
	xorl	%ebp, %ebp
	movq	%rbx, %rdi
	callq	*%r12
	ud2
	.cfi_endproc
	.size	runtime_switch_start, . - runtime_switch_start

	.section .note.GNU-stack, "", @progbits
