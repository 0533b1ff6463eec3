/* SPDX-License-Identifier: ISC */
/*
 * A target for tests of what lies under bare images: a static program for Linux with nothing of the
 * host's C library. System calls are made here and nowhere else.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include <mirage/runtime.h>

#include "targets/bare/entropy.h"
#include "targets/bare/guard.h"
#include "targets/bare/libc_block.h"
#include "targets/bare/malloc.h"
#include "targets/bare/report.h"
#include "targets/bare/stack.h"
#include "targets/bare/start.h"

#define no_stack_protector __attribute__((no_stack_protector))

static const size_t MEMORY_SIZE = (size_t)64 << 20;

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tand $-16, %rsp\n\tcall linux_start\n");

no_stack_protector static long system_call(long number, long a, long b, long c, long d, long e,
                                           long f)
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

no_stack_protector void libc_set_thread_pointer(uintptr_t pointer)
{
	const long SET_FS = 0x1002;

	system_call(SYS_arch_prctl, SET_FS, (long)pointer, 0, 0, 0, 0);
}
#else
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tbl linux_start\n");

no_stack_protector static long system_call(long number, long a, long b, long c, long d, long e,
                                           long f)
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

no_stack_protector void libc_set_thread_pointer(uintptr_t pointer)
{
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(pointer));
}
#endif

static void console_write(void *state, const void *bytes, size_t length)
{
	(void)state;
	system_call(SYS_write, 1, (long)bytes, (long)length, 0, 0, 0);
}

static ssize_t console_read(void *state, void *bytes, size_t length, nanoseconds deadline)
{
	(void)state, (void)deadline;
	return system_call(SYS_read, 0, (long)bytes, (long)length, 0, 0, 0);
}

static nanoseconds clock_read(long clock)
{
	struct timespec now = { 0 };

	system_call(SYS_clock_gettime, clock, (long)&now, 0, 0, 0, 0);
	return (nanoseconds)now.tv_sec * 1000000000 + (nanoseconds)now.tv_nsec;
}

static nanoseconds clock_monotonic(void *state)
{
	(void)state;
	return clock_read(CLOCK_MONOTONIC);
}

static nanoseconds clock_wall(void *state)
{
	(void)state;
	return clock_read(CLOCK_REALTIME);
}

static void wait_until(void *state, nanoseconds deadline)
{
	struct timespec until = { .tv_sec = (time_t)(deadline / 1000000000),
		                  .tv_nsec = (long)(deadline % 1000000000) };

	(void)state;
	system_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)&until, 0, 0, 0);
}

static no_return void leave(void *state, int status)
{
	(void)state;
	for (;;)
		system_call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

static no_return void leave_at_once(void *state)
{
	leave(state, 134);
}

static const struct target_ops operations = {
	.console_write = console_write,
	.console_read = console_read,
	.clock_monotonic = clock_monotonic,
	.clock_wall = clock_wall,
	.entropy = bare_entropy,
	.wait = wait_until,
	.stack_map = bare_stack_map,
	.stack_unmap = bare_stack_unmap,
	.exit = leave,
	.abort = leave_at_once,
};

static const struct target linux_target = { .name = "linux", .ops = &operations };

const size_t guard_size = 0;

bool guard_install(void *page)
{
	(void)page;
	return false;
}

void guard_remove(void *page)
{
	(void)page;
}

const struct target *bare_target(void)
{
	return &linux_target;
}

void report(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

/* The template of thread-local variables, as the program's own header tells. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

no_stack_protector static struct libc_tls find_tls(void)
{
	const char *file = (const char *)&__ehdr_start;
	const Elf64_Phdr *header = (const void *)(file + __ehdr_start.e_phoff);

	for (unsigned int i = 0; i < __ehdr_start.e_phnum; i++)
		if (header[i].p_type == PT_TLS)
			return (struct libc_tls){ (const void *)header[i].p_vaddr,
				                  header[i].p_filesz, header[i].p_memsz,
				                  header[i].p_align };
	return (struct libc_tls){ .start = NULL };
}

typedef void constructor(void);
extern constructor *const __init_array_start[], *const __init_array_end[];

int libc_program_start(void);

static int program(void *argument)
{
	(void)argument;
	return libc_program_start();
}

static int run(void)
{
	struct runtime *runtime;

	if (runtime_new(&runtime, &linux_target, NULL) != 0)
		return 1;
	int result = runtime_run(runtime, program, NULL);

	runtime_free(runtime);
	return result;
}

no_return no_stack_protector void linux_start(void);

void linux_start(void)
{
	struct libc_tls tls = find_tls();
	unsigned char canary[sizeof(uintptr_t)];
	uintptr_t memory =
		(uintptr_t)system_call(SYS_mmap, 0, (long)MEMORY_SIZE, PROT_READ | PROT_WRITE,
	                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	libc_block_init((void *)memory, &tls, "linux");
	if (bare_entropy(NULL, canary, sizeof(canary)) != 0)
		leave(NULL, 1);
	libc_block_set_canary(canary);
	bare_heap_start(
		(struct memory_range){ memory + libc_block_size(&tls), memory + MEMORY_SIZE });
	for (constructor *const *each = __init_array_start; each < __init_array_end; each++)
		(*each)();
	exit(run());
}
