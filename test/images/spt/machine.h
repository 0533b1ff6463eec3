/* SPDX-License-Identifier: ISC */
/*
 * What differs between processors: how the kernel is called and by which numbers, and how the image
 * starts.
 */
#ifndef MACHINE_H
#define MACHINE_H

#if defined(__x86_64__)

enum {
	CALL_READ = 0,
	CALL_WRITE = 1,
	CALL_PREAD = 17,
	CALL_PWRITE = 18,
	CALL_GETPID = 39,
	CALL_FORK = 57,
	CALL_CLOCK_GETTIME = 228,
	CALL_EXIT_GROUP = 231,
	CALL_EPOLL_PWAIT = 281,
	CALL_TIMERFD_SETTIME = 286,
	CALL_OPENAT = 257,
};

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
}

/*
 * The stack pointer as the tender sets it goes on as the second argument; the third is all the
 * registers that must be zero, or-ed together, and a word where the thread pointer points. rax may
 * have the entry point.
 */
__asm__(".globl _start\n"
        "_start:\n"
        "	or %fs:0x28, %rdx\n"
        "	or %rbx, %rdx\n"
        "	or %rcx, %rdx\n"
        "	or %rsi, %rdx\n"
        "	or %rbp, %rdx\n"
        "	or %r8, %rdx\n"
        "	or %r9, %rdx\n"
        "	or %r10, %rdx\n"
        "	or %r11, %rdx\n"
        "	or %r12, %rdx\n"
        "	or %r13, %rdx\n"
        "	or %r14, %rdx\n"
        "	or %r15, %rdx\n"
        "	mov %rsp, %rsi\n"
        "	and $~15, %rsp\n"
        "	call probe\n"
        "	ud2\n");

#elif defined(__aarch64__)

enum {
	CALL_READ = 63,
	CALL_WRITE = 64,
	CALL_PREAD = 67,
	CALL_PWRITE = 68,
	CALL_GETPID = 172,
	CALL_FORK = 220,
	CALL_CLOCK_GETTIME = 113,
	CALL_EXIT_GROUP = 94,
	CALL_EPOLL_PWAIT = 22,
	CALL_TIMERFD_SETTIME = 86,
	CALL_OPENAT = 56,
};

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
	                 : "+r"(x0)
	                 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
	                 : "memory");
	return x0;
}

__asm__(".globl _start\n"
        "_start:\n"
        "	orr x2, x2, x1\n"
        "	orr x2, x2, x3\n"
        "	orr x2, x2, x8\n"
        "	orr x2, x2, x19\n"
        "	orr x2, x2, x29\n"
        "	orr x2, x2, x30\n"
        "	mrs x1, tpidr_el0\n"
        "	ldr x1, [x1, #16]\n"
        "	orr x2, x2, x1\n"
        "	mov x1, sp\n"
        "	bl probe\n"
        "	brk 1\n");

#endif

static inline long call(long number, long a, long b, long c, long d)
{
	return call6(number, a, b, c, d, 0, 0);
}

#endif
