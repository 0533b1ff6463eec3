/* SPDX-License-Identifier: ISC */
/*
 * The unix target's stacks: guards, reuse, memory given back, many at once; and how an overflow
 * ends the process.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <mirage/fiber.h>
#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"

static int map(size_t size, struct stack *stack)
{
	return unix_target.ops->stack_map(unix_target.state, size, stack);
}

static void unmap(struct stack stack)
{
	unix_target.ops->stack_unmap(unix_target.state, stack);
}

static size_t mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	size_t lines = 0;
	int c;

	assert_non_null(maps);
	while ((c = getc(maps)) != EOF)
		lines += c == '\n';
	fclose(maps);
	return lines;
}

/* Bytes of address space. */
static size_t address_space(void)
{
	FILE *statm = fopen("/proc/self/statm", "r");
	size_t pages = 0;

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%zu", &pages), 1);
	fclose(statm);
	return pages * 4096;
}

/* Run `body` in a child, its output into `text`; returns its wait status. */
static int run_child(void (*body)(void), char *text, size_t size)
{
	int ends[2];
	size_t length = 0;
	ssize_t count;
	int status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();

	if (child == 0) {
		struct rlimit no_core = { 0, 0 };

		setrlimit(RLIMIT_CORE, &no_core);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		body();
		_exit(0);
	}
	close(ends[1]);
	while ((count = read(ends[0], text + length, size - 1 - length)) > 0)
		length += (size_t)count;
	text[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void a_stack_has_the_size_asked_for_and_is_aligned(void **state)
{
	static const size_t sizes[] = { 1, 4096, 4097, 65536, 100000, 1 << 20, 32 << 20 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct stack stack;

		assert_int_equal(map(sizes[i], &stack), 0);
		size_t size = (size_t)((char *)stack.top - (char *)stack.limit);

		assert_true(size >= sizes[i] && size < sizes[i] + 4096);
		assert_int_equal((uintptr_t)stack.top % 16, 0);
		memset(stack.limit, 0xa5, size); /* all of it is usable */
		unmap(stack);
	}
}

static void an_impossible_size_is_out_of_memory(void **state)
{
	struct stack stack;

	(void)state;
	assert_int_equal(map(SIZE_MAX, &stack), -ENOMEM);
	assert_int_equal(map(SIZE_MAX / 2, &stack), -ENOMEM);
	assert_int_equal(map((size_t)1 << 50, &stack), -ENOMEM);
	assert_int_equal(map(65536, &stack), 0);
	unmap(stack);
}

/* True if `address` cannot be read; asks the kernel rather than fault. */
static bool faults(const void *address)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	bool bad = write(ends[1], address, 1) < 0 && errno == EFAULT;

	close(ends[0]);
	close(ends[1]);
	return bad;
}

static void below_a_stack_is_a_guard_also_when_used_again(void **state)
{
	struct stack stacks[3];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(map(16384, &stacks[i]), 0);
			assert_true(stacks[i].guarded);
			assert_true(faults((char *)stacks[i].limit - 1));
			assert_false(faults(stacks[i].limit));
			assert_false(faults((char *)stacks[i].top - 1));
		}
		unmap(stacks[0]);
		unmap(stacks[2]);
		assert_int_equal(map(16384, &stacks[0]), 0);
		assert_true(faults((char *)stacks[0].limit - 1));
		unmap(stacks[0]);
		unmap(stacks[1]);
	}
}

static void a_released_stack_gives_its_memory_back(void **state)
{
	struct stack keeper;
	struct stack stack;

	(void)state;
	assert_int_equal(map(1 << 20, &keeper), 0); /* so that the slab stays */
	assert_int_equal(map(1 << 20, &stack), 0);
	memset(stack.limit, 1, 1 << 20);
	unmap(stack);

	unsigned char resident[256];
	size_t pages = 0;

	assert_int_equal(mincore(stack.limit, 1 << 20, resident), 0);
	for (size_t i = 0; i < 256; i++)
		pages += resident[i] & 1;
	assert_int_equal(pages, 0);
	unmap(keeper);
	assert_int_equal(mincore(stack.limit, 1 << 20, resident), -1); /* the slab is gone */
}

static void stacks_do_not_overlap(void **state)
{
	enum {
		COUNT = 300
	};
	static struct stack stacks[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		size_t size = i % 3 == 0 ? 4096 : i % 3 == 1 ? 65536 : 5000;

		assert_int_equal(map(size, &stacks[i]), 0);
		memset(stacks[i].limit, (int)i,
		       (size_t)((char *)stacks[i].top - (char *)stacks[i].limit));
	}
	for (size_t i = 0; i < COUNT; i++)
		for (const char *byte = stacks[i].limit; byte < (const char *)stacks[i].top;
		     byte += 64)
			assert_int_equal(*byte, (char)i);
	for (size_t i = 0; i < COUNT; i++)
		unmap(stacks[(i * 7) % COUNT]);
}

static void twenty_thousand_stacks_come_and_go(void **state)
{
	enum {
		COUNT = 20000
	};
	struct stack *stacks = calloc(COUNT, sizeof(*stacks));
	size_t mappings_before = mappings();
	size_t space_before = address_space();

	(void)state;
	assert_non_null(stacks);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(map(65536, &stacks[i]), 0);
	assert_true(stacks[COUNT - 1].guarded);
	assert_true(mappings() < mappings_before + COUNT / 16);
	assert_true(address_space() > space_before + (size_t)COUNT * 65536);
	for (size_t i = 0; i < COUNT; i += 2) /* in an order that leaves holes */
		unmap(stacks[i]);
	for (size_t i = 1; i < COUNT; i += 2)
		unmap(stacks[i]);
	free(stacks);
	assert_true(address_space() < space_before + (size_t)COUNT * 65536 / 16);
}

/* Make the kernel answer as one before 6.13: madvise(…, MADV_GUARD_INSTALL) is -EINVAL. */
static void forbid_guard_install(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(99);
}

static void old_kernel_body(void)
{
	enum {
		COUNT = 20000
	};
	static struct stack stacks[COUNT];
	size_t guarded = 0;

	forbid_guard_install();
	for (size_t i = 0; i < COUNT; i++) {
		if (map(16384, &stacks[i]) != 0)
			_exit(1);
		guarded += stacks[i].guarded;
		if (stacks[i].guarded != faults((char *)stacks[i].limit - 1))
			_exit(2);
	}
	for (size_t i = 0; i < COUNT; i++)
		unmap(stacks[i]);
	for (size_t i = 0; i < 100; i++) /* the guards' budget came back with the slabs */
		if (map(16384, &stacks[i]) != 0 || !stacks[i].guarded)
			_exit(3);
	printf("%zu", guarded);
	fflush(stdout);
}

static void without_guard_install_the_first_8192_stacks_are_guarded(void **state)
{
	char text[64];
	int status = run_child(old_kernel_body, text, sizeof(text));

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
		skip(); /* no seccomp here */
	assert_int_equal(status, 0);
	assert_string_equal(text, "8192");
}

/* Overflow on purpose, and not in a way the compiler turns into a loop. */
static __attribute__((noinline, no_sanitize("address"))) int descend(int depth)
{
	volatile char frame[512];

	frame[0] = (char)depth;
	return depth == 0 ? 0 : descend(depth - 1) + frame[0];
}

static int greedy_fiber(void *argument)
{
	return descend(*(int *)argument) & 1;
}

static int overflow_main(void *argument)
{
	struct scope scope;
	int depth = 1000000;

	(void)argument;
	scope_open(&scope);
	if (fiber_start_sized(&scope, "greedy", 32768, greedy_fiber, &depth) != 0)
		return 1;
	return scope_wait_all(&scope, NEVER);
}

static void overflow_body(void)
{
	struct runtime *runtime;

	unix_prepare();
	if (runtime_new(&runtime, &unix_target, NULL) != 0)
		_exit(1);
	_exit(runtime_run(runtime, overflow_main, NULL));
}

static void an_overflow_names_its_fiber_and_dies_of_sigsegv(void **state)
{
	char text[512];
	int status = run_child(overflow_body, text, sizeof(text));

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_string_equal(text, "fiber 'greedy' overflowed its stack of 32 KiB: "
	                          "start it with fiber_start_sized() and a larger size\n");
}

static int wild_main(void *argument)
{
	(void)argument;
	*(volatile char *)(uintptr_t)0x10 = 1;
	return 0;
}

static __attribute__((no_sanitize("address", "undefined"))) void wild_body(void)
{
	struct runtime *runtime;

	unix_prepare();
	if (runtime_new(&runtime, &unix_target, NULL) != 0)
		_exit(1);
	_exit(runtime_run(runtime, wild_main, NULL));
}

static void kill_body(void)
{
	unix_prepare();
	raise(SIGSEGV);
	_exit(0);
}

static void other_faults_die_of_their_signal_without_a_word(void **state)
{
	char text[512];
	int status = run_child(wild_body, text, sizeof(text));

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_string_equal(text, "");
	status = run_child(kill_body, text, sizeof(text));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stack_has_the_size_asked_for_and_is_aligned),
		cmocka_unit_test(an_impossible_size_is_out_of_memory),
		cmocka_unit_test(below_a_stack_is_a_guard_also_when_used_again),
		cmocka_unit_test(a_released_stack_gives_its_memory_back),
		cmocka_unit_test(stacks_do_not_overlap),
		cmocka_unit_test(twenty_thousand_stacks_come_and_go),
		cmocka_unit_test(without_guard_install_the_first_8192_stacks_are_guarded),
		cmocka_unit_test(an_overflow_names_its_fiber_and_dies_of_sigsegv),
		cmocka_unit_test(other_faults_die_of_their_signal_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
