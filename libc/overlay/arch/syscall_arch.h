/* SPDX-License-Identifier: ISC */
/*
 * Every system call of the C library is a call of one C function, in place of the instruction that
 * enters a kernel: targets/bare/libc_system_call.h tells what that function owes.
 */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

long libc_system_call(long number, long a, long b, long c, long d, long e, long f);

static __inline long __syscall0(long n)
{
	return libc_system_call(n, 0, 0, 0, 0, 0, 0);
}

static __inline long __syscall1(long n, long a)
{
	return libc_system_call(n, a, 0, 0, 0, 0, 0);
}

static __inline long __syscall2(long n, long a, long b)
{
	return libc_system_call(n, a, b, 0, 0, 0, 0);
}

static __inline long __syscall3(long n, long a, long b, long c)
{
	return libc_system_call(n, a, b, c, 0, 0, 0);
}

static __inline long __syscall4(long n, long a, long b, long c, long d)
{
	return libc_system_call(n, a, b, c, d, 0, 0);
}

static __inline long __syscall5(long n, long a, long b, long c, long d, long e)
{
	return libc_system_call(n, a, b, c, d, e, 0);
}

static __inline long __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return libc_system_call(n, a, b, c, d, e, f);
}

#define IPC_64 0
