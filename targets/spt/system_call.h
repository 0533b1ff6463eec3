/* SPDX-License-Identifier: ISC */
/*
 * System calls of Linux, as far as the tender's filter lets them through (abi/spt.h).
 */
#ifndef TARGETS_SPT_SYSTEM_CALL_H
#define TARGETS_SPT_SYSTEM_CALL_H

#if defined(__x86_64__)
enum spt_system_call {
	SPT_READ = 0,
	SPT_WRITE = 1,
	SPT_PREAD64 = 17,
	SPT_PWRITE64 = 18,
	SPT_ARCH_PRCTL = 158,
	SPT_CLOCK_GETTIME = 228,
	SPT_EXIT_GROUP = 231,
	SPT_EPOLL_CTL = 233,
	SPT_EPOLL_PWAIT = 281,
	SPT_TIMERFD_SETTIME = 286,
};
#elif defined(__aarch64__)
enum spt_system_call {
	SPT_EPOLL_CTL = 21,
	SPT_EPOLL_PWAIT = 22,
	SPT_READ = 63,
	SPT_WRITE = 64,
	SPT_PREAD64 = 67,
	SPT_PWRITE64 = 68,
	SPT_TIMERFD_SETTIME = 86,
	SPT_EXIT_GROUP = 94,
	SPT_CLOCK_GETTIME = 113,
};
#else
#error "name this architecture's system calls"
#endif

/* The result, or a negative errno value: the kernel's own convention. */
long spt_system_call(long a, long b, long c, long d, long e, long f, enum spt_system_call number);

#endif
