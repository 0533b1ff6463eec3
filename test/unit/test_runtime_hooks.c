/* SPDX-License-Identifier: ISC */
/*
 * Hooks of the run loop and of the end.
 */
#include "test/unit/on_virtual.h"

struct marker {
	struct runtime_hook hook;
	struct trace *trace;
	char name;
	struct runtime *remove_from; /* removes itself from there */
};

static void mark(void *context)
{
	struct marker *marker = context;

	trace_add(marker->trace, marker->name);
	if (marker->remove_from != NULL)
		runtime_remove_hook(marker->remove_from, &marker->hook);
}

/* An exit hook may block. */
static void mark_slowly(void *context)
{
	struct marker *marker = context;

	trace_add(marker->trace, '(');
	assert_string_equal(fiber_name(), "exit");
	assert_int_equal(fiber_sleep(duration_of_sec(1)), 0);
	trace_add(marker->trace, marker->name);
	trace_add(marker->trace, ')');
}

static struct marker marker_of(struct trace *trace, char name)
{
	return (struct marker){ .hook = { .call = mark }, .trace = trace, .name = name };
}

static int work_main(void *argument)
{
	trace_add(argument, 'm');
	return 7;
}

static int two_turns_main(void *argument)
{
	trace_add(argument, 'm');
	assert_int_equal(fiber_sleep(1), 0);
	trace_add(argument, 'm');
	return 0;
}

struct fixture {
	struct virtual_target target;
	struct runtime *runtime;
	struct trace trace;
	struct marker a, b, c;
};

static int setup(void **state)
{
	struct fixture *fixture = test_calloc(1, sizeof(*fixture));

	virtual_target_init(&fixture->target);
	assert_int_equal(runtime_new(&fixture->runtime, &fixture->target.target, NULL), 0);
	fixture->a = marker_of(&fixture->trace, 'a');
	fixture->b = marker_of(&fixture->trace, 'b');
	fixture->c = marker_of(&fixture->trace, 'c');
	fixture->a.hook.context = &fixture->a;
	fixture->b.hook.context = &fixture->b;
	fixture->c.hook.context = &fixture->c;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	runtime_free(fixture->runtime);
	virtual_target_fini(&fixture->target);
	test_free(fixture);
	return 0;
}

static void exit_hooks_run_newest_first_and_once(void **state)
{
	struct fixture *fixture = *state;

	runtime_at_exit(fixture->runtime, &fixture->a.hook);
	runtime_at_exit(fixture->runtime, &fixture->b.hook);
	runtime_at_exit(fixture->runtime, &fixture->c.hook);
	runtime_remove_hook(fixture->runtime, &fixture->b.hook);
	runtime_remove_hook(fixture->runtime, &fixture->b.hook);
	fixture->c.hook.call = mark_slowly;
	assert_int_equal(runtime_run(fixture->runtime, work_main, &fixture->trace), 7);
	assert_string_equal(fixture->trace.text, "m(c)a");
	assert_true(fixture->target.monotonic == duration_of_sec(1));
	assert_int_equal(runtime_run(fixture->runtime, work_main, &fixture->trace), 7);
	assert_string_equal(fixture->trace.text, "m(c)am");
}

static int fail_to_end(void *argument)
{
	(void)argument;
	return fiber_sleep_until(NEVER);
}

static void exit_hooks_run_after_a_deadlock(void **state)
{
	struct fixture *fixture = *state;

	runtime_at_exit(fixture->runtime, &fixture->a.hook);
	assert_int_equal(runtime_run(fixture->runtime, fail_to_end, NULL), -EDEADLK);
	assert_string_equal(fixture->trace.text, "a");
}

static void exit_hooks_need_a_stack(void **state)
{
	struct fixture *fixture = *state;

	runtime_at_exit(fixture->runtime, &fixture->a.hook);
	fixture->target.stack_budget = 1;
	fixture->target.stacks_mapped = 1;
	assert_int_equal(runtime_run(fixture->runtime, work_main, &fixture->trace), -ENOMEM);
	fixture->target.stacks_mapped = 0;
	assert_string_equal(fixture->trace.text, "");
}

static void turn_hooks_run_around_each_turn(void **state)
{
	struct fixture *fixture = *state;

	runtime_at_enter_turn(fixture->runtime, &fixture->a.hook);
	runtime_at_enter_turn(fixture->runtime, &fixture->b.hook);
	runtime_at_leave_turn(fixture->runtime, &fixture->c.hook);
	assert_int_equal(runtime_run(fixture->runtime, two_turns_main, &fixture->trace), 0);
	assert_string_equal(fixture->trace.text, "abmcabmc");
}

static void a_hook_may_remove_itself(void **state)
{
	struct fixture *fixture = *state;

	fixture->a.remove_from = fixture->runtime;
	runtime_at_enter_turn(fixture->runtime, &fixture->a.hook);
	runtime_at_enter_turn(fixture->runtime, &fixture->b.hook);
	assert_int_equal(runtime_run(fixture->runtime, two_turns_main, &fixture->trace), 0);
	assert_string_equal(fixture->trace.text, "abmbm");
}

struct digit {
	struct trace *trace;
	char name;
};

static int yield_thrice(void *argument)
{
	const struct digit *digit = argument;

	for (int i = 0; i < 3; i++) {
		trace_add(digit->trace, digit->name);
		assert_int_equal(fiber_yield(), 0);
	}
	return 0;
}

static int digits_main(void *argument)
{
	struct digit digits[3];
	struct scope scope;

	trace_add(argument, 'm');
	scope_open(&scope);
	for (size_t i = 0; i < 3; i++) {
		digits[i] = (struct digit){ .trace = argument, .name = (char)('1' + i) };
		assert_int_equal(fiber_start(&scope, "digit", yield_thrice, &digits[i]), 0);
	}
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	trace_add(argument, 'm');
	return scope_close(&scope);
}

static void a_turn_is_a_round_of_ready_fibers(void **state)
{
	struct fixture *fixture = *state;

	runtime_at_enter_turn(fixture->runtime, &fixture->a.hook);
	runtime_at_leave_turn(fixture->runtime, &fixture->c.hook);
	assert_int_equal(runtime_run(fixture->runtime, digits_main, &fixture->trace), 0);
	assert_string_equal(fixture->trace.text, "amc"
	                                         "a123c"
	                                         "a123c"
	                                         "a123c"
	                                         "ac" /* they end */
	                                         "amc");
}

static void count(void *context)
{
	++*(uint64_t *)context;
}

static int yield_thrice_silently(void *argument)
{
	(void)argument;
	for (int i = 0; i < 3; i++)
		assert_int_equal(fiber_yield(), 0);
	return 0;
}

static int thousand_main(void *argument)
{
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(fiber_start(&scope, "one", yield_thrice_silently, NULL), 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	return scope_close(&scope);
}

/* Longer than what runs between two looks at timers, which are no ends of turns. */
static void long_turns_are_whole_with_hooks_and_without(void **state)
{
	struct fixture *fixture = *state;
	uint64_t entered = 0;
	struct runtime_hook hook = { .call = count, .context = &entered };
	struct runtime_statistics statistics;

	assert_int_equal(runtime_run(fixture->runtime, thousand_main, NULL), 0);
	runtime_statistics(fixture->runtime, &statistics);
	assert_int_equal(statistics.turns, 1 + 4 + 1);
	runtime_at_enter_turn(fixture->runtime, &hook);
	assert_int_equal(runtime_run(fixture->runtime, thousand_main, NULL), 0);
	runtime_statistics(fixture->runtime, &statistics);
	assert_int_equal(statistics.turns, 2 * (1 + 4 + 1));
	assert_int_equal(entered, 1 + 4 + 1);
	runtime_remove_hook(fixture->runtime, &hook);
}

/* Removes `b`, whose storage is then the test's again. */
static void remove_b(void *context)
{
	struct fixture *fixture = context;

	trace_add(&fixture->trace, 'r');
	runtime_remove_hook(fixture->runtime, &fixture->b.hook);
	memset(&fixture->b, 0, sizeof(fixture->b));
}

static void a_hook_may_remove_the_next(void **state)
{
	struct fixture *fixture = *state;

	fixture->a.hook = (struct runtime_hook){ .call = remove_b, .context = fixture };
	runtime_at_enter_turn(fixture->runtime, &fixture->a.hook);
	runtime_at_enter_turn(fixture->runtime, &fixture->b.hook);
	runtime_at_enter_turn(fixture->runtime, &fixture->c.hook);
	assert_int_equal(runtime_run(fixture->runtime, two_turns_main, &fixture->trace), 0);
	assert_string_equal(fixture->trace.text, "rcmrcm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(exit_hooks_run_newest_first_and_once, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(exit_hooks_run_after_a_deadlock, setup, teardown),
		cmocka_unit_test_setup_teardown(exit_hooks_need_a_stack, setup, teardown),
		cmocka_unit_test_setup_teardown(turn_hooks_run_around_each_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(a_turn_is_a_round_of_ready_fibers, setup, teardown),
		cmocka_unit_test_setup_teardown(long_turns_are_whole_with_hooks_and_without, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_hook_may_remove_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hook_may_remove_the_next, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
