/* SPDX-License-Identifier: ISC */
/*
 * The floor of the C library: what would be system calls on Linux.
 *
 * Model.      The library is built so that each of its system calls is a call of
 *             libc_system_call() with Linux's number and arguments (libc/overlay/arch/syscall_arch.h).
 *             It serves what means something in an image through the target's operations, and
 *             fails the rest. Nothing else in the library reaches outside: no member of libc.a
 *             contains a system call instruction, which test/unit/libc.sh proves.
 * Served.     write, writev to descriptors 1 and 2: the console, both the same; read, readv from 0:
 *             its input, blocking the fiber.
 *             clock_gettime, clock_getres: the target's clocks; time spent on the processor is taken
 *             to be all time since the clock's start. clock_nanosleep, nanosleep, sched_yield: the
 *             calling fiber, which cancelling interrupts once, as a signal would.
 *             getrandom: the target's entropy.
 *             exit, exit_group: the target's exit; tkill with SIGABRT, which is abort(): its abort.
 *             futex: a lock of another fiber's is looked at again every millisecond. Locks of
 *             <mirage/mutex.h> wake in turn; these are for code from elsewhere.
 *             sysinfo: the heap's size and what is free of it, for sysconf().
 *             uname, getpid and others with one answer; masking signals, of which there are none.
 * Context.    The one thread, from bare_library_start() on.
 */
#ifndef TARGETS_BARE_LIBC_SYSTEM_CALL_H
#define TARGETS_BARE_LIBC_SYSTEM_CALL_H

/* The result, or a negative errno value: -ENOSYS for what is not listed above. */
long libc_system_call(long number, long a, long b, long c, long d, long e, long f);

#endif
