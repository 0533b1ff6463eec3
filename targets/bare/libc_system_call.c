/* SPDX-License-Identifier: ISC */
#include "targets/bare/libc_system_call.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <mirage/fiber.h>
#include <mirage/heap.h>
#include <mirage/runtime.h>

#include "runtime/bug.h"
#include "targets/bare/start.h"

enum {
	/* Linux's, which the C library's headers do not have. */
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_OPERATION = 0x7f,

	PROCESS = 1, /* the one process and its one thread */
};

static const nanoseconds NS_PER_S = 1000000000;
static const nanoseconds FUTEX_PERIOD = 1000000;

static bool is_console(long descriptor)
{
	return descriptor >= STDIN_FILENO && descriptor <= STDERR_FILENO;
}

static long call_write(long descriptor, const struct iovec *parts, long count)
{
	const struct target *target = bare_target();
	long written = 0;

	if (descriptor != STDOUT_FILENO && descriptor != STDERR_FILENO)
		return -EBADF;
	for (long i = 0; i < count; i++) {
		if (parts[i].iov_len == 0)
			continue;
		target->ops->console_write(target->state, parts[i].iov_base, parts[i].iov_len);
		written += (long)parts[i].iov_len;
	}
	return written;
}

/* Into the first part that has room: a reader asks again for more. */
static long call_read(long descriptor, const struct iovec *parts, long count)
{
	const struct target *target = bare_target();

	if (descriptor != STDIN_FILENO)
		return -EBADF;
	if (target->ops->console_read == NULL)
		return -ENOTSUP;
	for (long i = 0; i < count; i++)
		if (parts[i].iov_len > 0)
			return target->ops->console_read(target->state, parts[i].iov_base,
			                                 parts[i].iov_len, NEVER);
	return 0;
}

static long call_ioctl(long descriptor, unsigned long request, void *argument)
{
	if (!is_console(descriptor))
		return -EBADF;
	if (request != TIOCGWINSZ)
		return -ENOTTY;
	/* A terminal of unknown size, so that standard output is written line by line. */
	memset(argument, 0, sizeof(struct winsize));
	return 0;
}

/* The clock's time, or NEVER for one that is not there. */
static nanoseconds clock_read(long clock)
{
	const struct target *target = bare_target();

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return target->ops->clock_wall(target->state);
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		return target->ops->clock_monotonic(target->state);
	default:
		return NEVER;
	}
}

static struct timespec timespec_of(nanoseconds time)
{
	return (struct timespec){ .tv_sec = (time_t)(time / NS_PER_S),
		                  .tv_nsec = (long)(time % NS_PER_S) };
}

static long call_clock_gettime(long clock, struct timespec *time)
{
	nanoseconds now = clock_read(clock);

	if (now == NEVER)
		return -EINVAL;
	*time = timespec_of(now);
	return 0;
}

static long call_clock_getres(long clock, struct timespec *resolution)
{
	if (clock_read(clock) == NEVER)
		return -EINVAL;
	if (resolution != NULL)
		*resolution = (struct timespec){ .tv_nsec = 1 };
	return 0;
}

/* Sleep, or let others run if the time has passed. */
static int sleep_or_yield(nanoseconds deadline)
{
	return deadline > clock_read(CLOCK_MONOTONIC) ? fiber_sleep_until(deadline) : fiber_yield();
}

/*
 * A cancelled fiber's waits do not wait, which code that knows nothing of fibers would answer with
 * another wait, for ever. So cancelling it ends the wait it is in, as a signal would, and no later
 * one.
 */
static long fiber_wait(nanoseconds deadline)
{
	if (!fiber_cancelled())
		return sleep_or_yield(deadline) == 0 ? 0 : -EINTR;
	fiber_shield();
	error_ignore(sleep_or_yield(deadline), "it cannot be cancelled here");
	fiber_unshield();
	return 0;
}

/* Until `deadline` on the monotonic clock: the calling fiber, or before there are any the image. */
static long sleep_until(nanoseconds deadline)
{
	const struct target *target = bare_target();

	if (runtime_current() != NULL)
		return fiber_wait(deadline);
	while (clock_read(CLOCK_MONOTONIC) < deadline)
		target->ops->wait(target->state, deadline);
	return 0;
}

static long call_clock_nanosleep(long clock, long flags, const struct timespec *request,
                                 struct timespec *left)
{
	nanoseconds now = clock_read(clock);

	if (now == NEVER || request->tv_sec < 0 || request->tv_nsec < 0 ||
	    (nanoseconds)request->tv_nsec >= NS_PER_S)
		return -EINVAL;
	nanoseconds time = deadline_after(duration_of_sec((uint64_t)request->tv_sec),
	                                  (nanoseconds)request->tv_nsec);

	if ((flags & TIMER_ABSTIME) != 0)
		time = time > now ? time - now : 0;
	nanoseconds deadline = deadline_after(clock_read(CLOCK_MONOTONIC), time);
	long result = sleep_until(deadline);

	now = clock_read(CLOCK_MONOTONIC);
	if (result == -EINTR && left != NULL && (flags & TIMER_ABSTIME) == 0)
		*left = timespec_of(deadline > now ? deadline - now : 0);
	return result;
}

static long call_yield(void)
{
	return runtime_current() != NULL ? sleep_until(0) : 0;
}

static long call_getrandom(void *bytes, size_t length)
{
	const struct target *target = bare_target();
	int error = target->ops->entropy(target->state, bytes, length);

	return error != 0 ? error : (long)length;
}

/* A lock that another fiber holds. The caller looks at it, and at its deadline, again. */
static long call_futex(const volatile int *word, long operation, long value)
{
	switch (operation & FUTEX_OPERATION) {
	case FUTEX_WAKE:
		return 0;
	case FUTEX_WAIT:
		if (*word != value)
			return -EAGAIN;
		if (runtime_current() == NULL)
			bug("libc: a lock at %p is taken twice, and there is nobody to release it",
			    (const void *)(uintptr_t)word);
		return sleep_until(deadline_after(clock_read(CLOCK_MONOTONIC), FUTEX_PERIOD));
	default:
		return -ENOSYS;
	}
}

__attribute__((cold)) static long call_uname(struct utsname *name)
{
	*name = (struct utsname){ .sysname = "mirage", .nodename = "mirage" };
	snprintf(name->version, sizeof(name->version), "%s", bare_target()->name);
	return 0;
}

/* For sysconf(), which does not look at errors. */
__attribute__((cold)) static long call_sysinfo(struct sysinfo *info)
{
	struct heap_statistics heap;

	heap_image_statistics(&heap);
	*info = (struct sysinfo){
		.uptime = clock_read(CLOCK_MONOTONIC) / NS_PER_S,
		.totalram = heap.size,
		.freeram = heap.free,
		.procs = 1,
		.mem_unit = 1,
	};
	return 0;
}

/* What ulimit would set: nothing. */
__attribute__((cold)) static long call_prlimit(const struct rlimit *set, struct rlimit *limit)
{
	if (set != NULL)
		return -EPERM;
	if (limit != NULL)
		*limit = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	return 0;
}

static long call_kill(long signal)
{
	const struct target *target = bare_target();

	if (signal == SIGABRT)
		target->ops->abort(target->state);
	return -ENOSYS;
}

static void *pointer(long argument)
{
	return (void *)argument; /* as the kernel's callers pass them */
}

/* Calls that have one answer in an image. */
__attribute__((cold)) static long constant_call(long number)
{
	switch (number) {
	case SYS_getpid:
	case SYS_gettid:
	case SYS_set_tid_address:
		return PROCESS;
	case SYS_getppid:
	case SYS_getuid:
	case SYS_geteuid:
	case SYS_getgid:
	case SYS_getegid:
	case SYS_rt_sigprocmask:
		return 0;
	case SYS_lseek:
		return -ESPIPE;
	default:
		return -ENOSYS;
	}
}

long libc_system_call(long number, long a, long b, long c, long d, long e, long f)
{
	const struct target *target = bare_target();
	struct iovec part = { .iov_base = pointer(b), .iov_len = (size_t)c };

	(void)e, (void)f;
	switch (number) {
	case SYS_write:
		return call_write(a, &part, 1);
	case SYS_writev:
		return call_write(a, pointer(b), c);
	case SYS_read:
		return call_read(a, &part, 1);
	case SYS_readv:
		return call_read(a, pointer(b), c);
	case SYS_close:
		return is_console(a) ? 0 : -EBADF;
	case SYS_ioctl:
		return call_ioctl(a, (unsigned long)b, pointer(c));
	case SYS_clock_gettime:
		return call_clock_gettime(a, pointer(b));
	case SYS_clock_getres:
		return call_clock_getres(a, pointer(b));
	case SYS_clock_nanosleep:
		return call_clock_nanosleep(a, b, pointer(c), pointer(d));
	case SYS_nanosleep:
		return call_clock_nanosleep(CLOCK_MONOTONIC, 0, pointer(a), pointer(b));
	case SYS_sched_yield:
		return call_yield();
	case SYS_getrandom:
		return call_getrandom(pointer(a), (size_t)b);
	case SYS_futex:
		return call_futex(pointer(a), b, c);
	case SYS_uname:
		return call_uname(pointer(a));
	case SYS_sysinfo:
		return call_sysinfo(pointer(a));
	case SYS_prlimit64:
		return call_prlimit(pointer(c), pointer(d));
	case SYS_tkill:
		return call_kill(b);
	case SYS_exit:
	case SYS_exit_group:
		target->ops->exit(target->state, (int)a & 0xff);
	default:
		return constant_call(number);
	}
}
