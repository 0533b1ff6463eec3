/* SPDX-License-Identifier: ISC */
/*
 * Fibers' stacks: what survives a switch, sizes, reuse, overflow.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/fiber_fault.h"
#include "test/unit/on_virtual.h"

static int named(void *argument)
{
	assert_string_equal(fiber_name(), argument);
	assert_true(fiber_stack_left() > 100000 && fiber_stack_left() < (size_t)128 * 1024);
	return 0;
}

static int name_main(void *argument)
{
	char name[] = "reader 7";
	struct scope scope;

	(void)argument;
	assert_string_equal(fiber_name(), "main");
	assert_true(fiber_stack_left() < (size_t)64 * 1024);
	scope_open(&scope);
	assert_int_equal(fiber_start_sized(&scope, name, 4095, named, name), -EINVAL);
	assert_int_equal(fiber_start_sized(&scope, name, SIZE_MAX, named, name), -ENOMEM);
	assert_int_equal(fiber_start_sized(&scope, name, 100000, named, name), 0);
	return scope_close(&scope);
}

static void fibers_have_names_and_sizes(void **state)
{
	(void)state;
	on_virtual(name_main, NULL);
}

/* The callee-saved registers and what lies on the stack survive; floating point included. */
static int summer(void *argument)
{
	uint64_t *sum = argument, a = *sum, b = 3 * a, c = 5 * a, d = 7 * a, e = 11 * a;
	double x = 0.5 * (double)a, y = 0.25;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(fiber_yield(), 0);
		a += b ^ c;
		b += c ^ d;
		c += d ^ e;
		d += 1;
		e += 2;
		x += y;
	}
	*sum = a + b + c + d + e + (uint64_t)x;
	return 0;
}

static int registers_main(void *argument)
{
	uint64_t sums[20];
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (size_t i = 0; i < 20; i++) {
		sums[i] = 42 + (i & 1);
		assert_int_equal(fiber_start(&scope, "summer", summer, &sums[i]), 0);
	}
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	for (size_t i = 2; i < 20; i++)
		assert_true(sums[i] == sums[i - 2]);
	assert_true(sums[0] != sums[1]);
	return scope_close(&scope);
}

static void registers_survive_switches(void **state)
{
	(void)state;
	on_virtual(registers_main, NULL);
}

static int nothing(void *argument)
{
	(void)argument;
	return 0;
}

static int reuse_main(void *argument)
{
	const struct virtual_target *target = runtime_target(runtime_current())->state;
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(fiber_start(&scope, "short", nothing, NULL), 0);
		assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	}
	assert_int_equal(target->stacks_mapped, 2);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(fiber_start(&scope, "many", nothing, NULL), 0);
	assert_int_equal(target->stacks_mapped, 1001);
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(fiber_sleep(1), 0);
	assert_int_equal(target->stacks_mapped, 257); /* the pool's default, and ours */
	return 0;
}

static void stacks_are_reused_within_a_budget(void **state)
{
	(void)state;
	on_virtual(reuse_main, NULL);
}

static int waves_main(void *argument)
{
	const struct virtual_target *target = runtime_target(runtime_current())->state;
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (int wave = 0; wave < 5; wave++) {
		for (int i = 0; i < 600; i++)
			assert_int_equal(fiber_start(&scope, "many", nothing, NULL), 0);
		assert_int_equal(scope_wait_all(&scope, NEVER), 0);
		assert_in_range(target->stacks_mapped, 580, 601);
	}
	/* A fiber that stays busy gives back a few at a time. */
	for (int i = 0; i < 200000; i++)
		assert_int_equal(fiber_yield(), 0);
	assert_int_equal(target->stacks_mapped, 257);
	return scope_close(&scope);
}

static void stacks_over_the_budget_serve_the_next_wave(void **state)
{
	(void)state;
	on_virtual(waves_main, NULL);
}

/* The lowest word of the calling fiber's stack, which begins at a page. */
static void *stack_limit(void)
{
	uintptr_t about = (uintptr_t)__builtin_frame_address(0) - fiber_stack_left();

	return (void *)((about + 2048) & ~(uintptr_t)4095);
}

static int fault_main(void *argument)
{
	char *limit = stack_limit();
	size_t size = 0;

	(void)argument;
	assert_string_equal(fiber_of_fault(limit - 1, &size), "main");
	assert_int_equal(size, 64 * 1024);
	assert_string_equal(fiber_of_fault(limit - (size_t)64 * 1024, &size), "main");
	assert_null(fiber_of_fault(limit - (size_t)64 * 1024 - 1, &size));
	assert_null(fiber_of_fault(limit, &size));
	assert_null(fiber_of_fault(NULL, &size));
	return 0;
}

static void a_fault_below_the_stack_is_the_fibers(void **state)
{
	size_t size = 0;

	(void)state;
	assert_null(fiber_of_fault(&size, &size));
	on_virtual(fault_main, NULL);
}

/* As a deep call that comes back. */
static int overflower(void *argument)
{
	(void)argument;
	memset(stack_limit(), 0, sizeof(uint64_t));
	return fiber_yield();
}

static int overflow_main(void *argument)
{
	struct scope scope;

	scope_open(&scope);
	if (fiber_start_sized(&scope, argument, (size_t)16 * 1024, overflower, NULL) != 0)
		return 1;
	return scope_close(&scope);
}

static int overflow_and_end(void *argument)
{
	(void)argument;
	memset(stack_limit(), 0, sizeof(uint64_t));
	return 0;
}

static int overflow_end_main(void *argument)
{
	struct scope scope;

	scope_open(&scope);
	if (fiber_start(&scope, argument, overflow_and_end, NULL) != 0)
		return 1;
	return scope_close(&scope);
}

/* The message of a child that overflows in a fiber of this name. */
static void overflow_message(int (*entry)(void *argument), char *name, char *message, size_t size)
{
	int ends[2], status;
	size_t length = 0;
	ssize_t count;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		exit(on_virtual_result(entry, name));
	}
	close(ends[1]);
	while ((count = read(ends[0], message + length, size - 1 - length)) > 0)
		length += (size_t)count;
	message[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void an_overflow_names_the_fiber(void **state)
{
	char message[1024], name[] = "parser", long_name[600];

	(void)state;
	overflow_message(overflow_main, name, message, sizeof(message));
	assert_string_equal(message, "fiber 'parser' overflowed its stack of 16 KiB: start it with "
	                             "fiber_start_sized() and a larger size\n");
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	overflow_message(overflow_main, long_name, message, sizeof(message));
	assert_non_null(strstr(message, "nnn' overflowed its stack of 16 KiB"));
}

static void an_overflow_is_found_when_the_fiber_ends(void **state)
{
	char message[1024], name[] = "parser";

	(void)state;
	overflow_message(overflow_end_main, name, message, sizeof(message));
	assert_string_equal(message, "fiber 'parser' overflowed its stack of 64 KiB: start it with "
	                             "fiber_start_sized() and a larger size\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fibers_have_names_and_sizes),
		cmocka_unit_test(a_fault_below_the_stack_is_the_fibers),
		cmocka_unit_test(registers_survive_switches),
		cmocka_unit_test(stacks_are_reused_within_a_budget),
		cmocka_unit_test(stacks_over_the_budget_serve_the_next_wave),
		cmocka_unit_test(an_overflow_names_the_fiber),
		cmocka_unit_test(an_overflow_is_found_when_the_fiber_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
