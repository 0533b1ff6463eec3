/* SPDX-License-Identifier: ISC */
/*
 * Broken rules of fiber.h, timer.h and runtime.h end the instance with a line that says which.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mirage/channel.h>
#include <mirage/timer.h>

#include "test/unit/on_virtual.h"

/* A child that runs `entry` must say `expected` and abort. */
static void expect_bug(int (*entry)(void *argument), const char *expected)
{
	char message[512];
	size_t length = 0;
	ssize_t count;
	int ends[2], status;

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		alarm(30);
		exit(on_virtual_result(entry, NULL));
	}
	close(ends[1]);
	while ((count = read(ends[0], message + length, sizeof(message) - 1 - length)) > 0)
		length += (size_t)count;
	message[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_string_equal(message, expected);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#define BLOCKS "BUG: a hook or a timer's callback blocks: let it wake a fiber that does\n"

static void call_yield(void *context)
{
	(void)context;
	error_ignore(fiber_yield(), "it does not return");
}

static int yield_in_hook(void *argument)
{
	struct runtime_hook hook = { .call = call_yield };

	(void)argument;
	runtime_at_leave_turn(runtime_current(), &hook);
	return fiber_sleep(1);
}

static void a_hook_may_not_yield(void **state)
{
	(void)state;
	expect_bug(yield_in_hook, BLOCKS);
}

static void expired_sleeps(struct timer *timer)
{
	(void)timer;
	error_ignore(fiber_sleep(1), "it does not return");
}

static int sleep_in_timer(void *argument)
{
	struct timer timer;

	(void)argument;
	timer_init(&timer, expired_sleeps);
	timer_start(&timer, runtime_now() + 1);
	return fiber_sleep(2);
}

static void a_timer_may_not_sleep(void **state)
{
	(void)state;
	expect_bug(sleep_in_timer, BLOCKS);
}

/* What would block, but is told not to, may be called from a timer. */
struct ticker {
	struct timer timer;
	struct channel channel;
	int storage[1];
	int results[2];
};

static void expired_sends(struct timer *timer)
{
	struct ticker *ticker = list_entry(timer, struct ticker, timer);

	for (int i = 0; i < 2; i++)
		ticker->results[i] = channel_send(&ticker->channel, &i, 0);
}

static int send_in_timer(void *argument)
{
	struct ticker ticker = { .results = { 1, 1 } };
	int message = 7;

	(void)argument;
	assert_int_equal(channel_init(&ticker.channel, ticker.storage, sizeof(int), 1), 0);
	timer_init(&ticker.timer, expired_sends);
	timer_start(&ticker.timer, runtime_now() + 1);
	assert_int_equal(channel_receive(&ticker.channel, &message, NEVER), 0);
	assert_int_equal(message, 0);
	assert_int_equal(ticker.results[0], 0);
	assert_int_equal(ticker.results[1], -ETIMEDOUT);
	return 0;
}

static void a_timer_may_call_what_does_not_wait(void **state)
{
	(void)state;
	on_virtual(send_in_timer, NULL);
}

static int sleep_for_ever(void *argument)
{
	(void)argument;
	return fiber_sleep_until(NEVER);
}

static int leave_scope_open(void *argument)
{
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	return fiber_start(&scope, "orphan", sleep_for_ever, NULL);
}

static void a_fiber_may_not_end_before_its_own(void **state)
{
	(void)state;
	expect_bug(leave_scope_open, "BUG: fiber 'main' ended before the fibers that it started: "
	                             "call scope_close()\n");
}

static int leave_shield_up(void *argument)
{
	(void)argument;
	fiber_shield();
	fiber_shield();
	fiber_unshield();
	return 0;
}

static int unshield_only(void *argument)
{
	(void)argument;
	fiber_shield();
	fiber_unshield();
	fiber_unshield();
	return 0;
}

static void shields_must_be_paired(void **state)
{
	(void)state;
	expect_bug(leave_shield_up, "BUG: fiber 'main' ended without its last fiber_unshield()\n");
	expect_bug(unshield_only, "BUG: fiber_unshield() without fiber_shield() in fiber 'main'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hook_may_not_yield),
		cmocka_unit_test(a_timer_may_not_sleep),
		cmocka_unit_test(a_timer_may_call_what_does_not_wait),
		cmocka_unit_test(a_fiber_may_not_end_before_its_own),
		cmocka_unit_test(shields_must_be_paired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
