/* SPDX-License-Identifier: ISC */
/* What failing_fiber.sh looks at: tests that fail and hang, in fibers, as tests should not. */
#include "on_virtual.h"

#include <unistd.h>

#include "targets/unix/unix_target.h"

static int fails(void *argument)
{
	assert_int_equal(fiber_yield(), 0);
	assert_string_equal((const char *)argument, "something else");
	return 0;
}

static int holds(void *argument)
{
	(void)argument;
	return fiber_yield();
}

static int hangs(void *argument)
{
	(void)argument;
	while (pause() < 0) /* a signal's handler ends it, or nothing does */
		continue;
	return 0;
}

static void in_unix(int (*entry)(void *argument))
{
	static char text[] = "this";
	struct runtime *runtime;

	assert_int_equal(runtime_new(&runtime, &unix_target, NULL), 0);
	assert_int_equal(runtime_run(runtime, entry, text), 0);
	runtime_free(runtime);
}

static void a_test_that_holds(void **state)
{
	(void)state;
	on_virtual(holds, NULL);
}

static void a_fiber_that_fails(void **state)
{
	(void)state;
	in_unix(fails);
}

static void a_fiber_that_hangs(void **state)
{
	(void)state;
	in_unix(hangs);
}

static int teardown(void **state)
{
	(void)state;
	print_message("torn down\n");
	return 0;
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest failing[] = {
		cmocka_unit_test(a_test_that_holds),
		cmocka_unit_test_teardown(a_fiber_that_fails, teardown),
		cmocka_unit_test(a_test_that_holds),
	};
	const struct CMUnitTest hanging[] = {
		cmocka_unit_test(a_test_that_holds),
		cmocka_unit_test(a_fiber_that_hangs),
		cmocka_unit_test(a_test_that_holds),
	};

	if (argc > 1 && strcmp(argv[1], "hang") == 0)
		return cmocka_run_group_tests(hanging, NULL, NULL);
	return cmocka_run_group_tests(failing, NULL, teardown);
}
