/* SPDX-License-Identifier: ISC */
/*
 * Around cmocka, in every unit test: a test that hangs is named, and an assertion that fails in a
 * fiber ends the program.
 *
 * cmocka leaves a failed test with longjmp(). From a fiber that abandons a runtime in the middle of
 * running: the next test would find it current, or wait for its fibers for ever. So cmocka says what
 * failed, and nothing runs after it.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

enum {
	TESTS_MAX = 256,
	SECONDS = 120, /* for each test; the machine may be busy */
	STACK_SPAN = 1 << 20,
};

int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
void __longjmp_chk(jmp_buf environment, int value) __attribute__((noreturn));

static struct {
	const struct CMUnitTest *tests;
	size_t begun;
	unsigned seconds;
	CMFixtureFunction teardown;
	pthread_t thread;
	uintptr_t stack; /* an address on it, above all frames of tests */
	bool abandoned;  /* a fiber was left in the middle of running */
} group;

static const struct CMUnitTest *current(void)
{
	return &group.tests[group.begun - 1];
}

/* Without the sanitizer, which believes to be on the stack of the fiber. */
__attribute__((no_sanitize_address)) static void leave(void)
{
	printf("Bail out! '%s' was left from a fiber: what comes after it was not run\n",
	       current()->name);
	fflush(NULL);
	_exit(EXIT_FAILURE);
}

static int begin(void **state)
{
	if (group.abandoned)
		leave();
	group.begun++;
	alarm(group.seconds);
	return current()->setup_func != NULL ? current()->setup_func(state) : 0;
}

static int end(void **state)
{
	alarm(0);
	return current()->teardown_func != NULL && !group.abandoned
	               ? current()->teardown_func(state)
	               : 0;
}

static int end_group(void **state)
{
	if (group.abandoned)
		leave();
	return group.teardown != NULL ? group.teardown(state) : 0;
}

static void too_long(int number)
{
	(void)number;
	printf("not ok - '%s' hangs: it takes more than %u s. It is here:\n", current()->name,
	       group.seconds);
	fflush(stdout);
	__sanitizer_print_stack_trace();
	_exit(EXIT_FAILURE);
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown)
{
	static struct CMUnitTest wrapped[TESTS_MAX];
	const char *seconds = getenv("UNIT_TEST_SECONDS");

	if (count > TESTS_MAX) {
		fprintf(stderr, "%s: more tests than run_group.c has room for\n", name);
		return EXIT_FAILURE;
	}
	memcpy(wrapped, tests, count * sizeof(*tests));
	for (size_t i = 0; i < count; i++) {
		wrapped[i].setup_func = begin;
		wrapped[i].teardown_func = end;
	}
	group.tests = tests;
	group.begun = 0;
	group.seconds = seconds != NULL ? (unsigned)atoi(seconds) : SECONDS;
	group.teardown = teardown;
	group.thread = pthread_self();
	group.stack = (uintptr_t)__builtin_frame_address(0);
	signal(SIGALRM, too_long);
	return __real__cmocka_run_group_tests(name, wrapped, count, setup, end_group);
}

/* How cmocka leaves a test: Debian's is compiled so that longjmp() has this name. */
void __longjmp_chk(jmp_buf environment, int value)
{
	void (*jump)(jmp_buf, int) = (void (*)(jmp_buf, int))(uintptr_t)dlsym(RTLD_NEXT, "longjmp");
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	if (pthread_equal(pthread_self(), group.thread) == 0) {
		fprintf(stderr, "'%s' failed in another thread\n", current()->name);
		abort();
	}
	if (here > group.stack || here < group.stack - STACK_SPAN) {
		group.abandoned = true;
		/* The sanitizer would clean the fiber's stack, and take frames to come for old ones. */
		__asan_unpoison_memory_region((void *)(group.stack - STACK_SPAN), STACK_SPAN);
	}
	jump(environment, value);
	abort();
}
