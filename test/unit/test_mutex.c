/* SPDX-License-Identifier: ISC */
/*
 * Mutexes: exclusion, order of hand-over, deadlines, cancellation, misuse.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mirage/mutex.h>

#include "test/unit/on_virtual.h"

struct contender {
	struct mutex *mutex;
	struct trace *trace;
	char name;
	nanoseconds deadline;
	int result;
};

static int contender_main(void *argument)
{
	struct contender *self = argument;

	self->result = mutex_lock(self->mutex, self->deadline);
	if (self->result != 0)
		return 0;
	trace_add(self->trace, self->name);
	fiber_shield();
	assert_int_equal(fiber_sleep(10), 0);
	fiber_unshield();
	trace_add(self->trace, '.'); /* nobody came between */
	mutex_unlock(self->mutex);
	return 0;
}

static void start(struct scope *scope, struct contender *contender)
{
	contender->result = 1;
	assert_int_equal(fiber_start(scope, "contender", contender_main, contender), 0);
}

static int order_main(void *argument)
{
	struct mutex mutex;
	struct trace trace = { .length = 0 };
	struct contender contenders[] = { { &mutex, &trace, 'a', NEVER, 1 },
		                          { &mutex, &trace, 'b', NEVER, 1 },
		                          { &mutex, &trace, 'c', NEVER, 1 } };
	struct scope scope;

	(void)argument;
	mutex_init(&mutex);
	assert_int_equal(mutex_lock(&mutex, 0), 0); /* free: does not wait */
	assert_int_equal(mutex_lock(&mutex, NEVER), -EDEADLK);
	scope_open(&scope);
	for (size_t i = 0; i < 3; i++)
		start(&scope, &contenders[i]);
	assert_int_equal(fiber_yield(), 0);
	mutex_unlock(&mutex);
	/* Handed over already: who comes now waits its turn. */
	assert_int_equal(mutex_lock(&mutex, 0), -ETIMEDOUT);
	assert_int_equal(mutex_lock(&mutex, NEVER), 0);
	assert_string_equal(trace.text, "a.b.c.");
	mutex_unlock(&mutex);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	return scope_close(&scope);
}

static void the_mutex_is_handed_over_in_order(void **state)
{
	(void)state;
	on_virtual(order_main, NULL);
}

static int give_up_main(void *argument)
{
	struct mutex mutex;
	struct trace trace = { .length = 0 };
	struct contender hasty = { &mutex, &trace, 'h', 5, 1 },
			 cancelled = { &mutex, &trace, 'c', NEVER, 1 },
			 last = { &mutex, &trace, 'l', NEVER, 1 };
	struct scope scope, doomed;

	(void)argument;
	mutex_init(&mutex);
	scope_open(&scope);
	scope_open(&doomed);
	assert_int_equal(mutex_lock(&mutex, NEVER), 0);
	start(&scope, &hasty);
	start(&doomed, &cancelled);
	start(&scope, &last);
	assert_int_equal(fiber_sleep_until(10), 0);
	assert_int_equal(scope_close(&doomed), 0);
	mutex_unlock(&mutex);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(hasty.result, -ETIMEDOUT);
	assert_int_equal(cancelled.result, -ECANCELED);
	assert_string_equal(trace.text, "l.");
	return scope_close(&scope);
}

static void who_gives_up_is_passed_over(void **state)
{
	(void)state;
	on_virtual(give_up_main, NULL);
}

/* Cancelled between the hand-over and its turn: it holds the mutex all the same. */
static int handed_main(void *argument)
{
	struct mutex mutex;
	struct trace trace = { .length = 0 };
	struct contender heir = { &mutex, &trace, 'h', NEVER, 1 };
	struct scope scope;

	(void)argument;
	mutex_init(&mutex);
	scope_open(&scope);
	assert_int_equal(mutex_lock(&mutex, NEVER), 0);
	start(&scope, &heir);
	assert_int_equal(fiber_yield(), 0);
	mutex_unlock(&mutex);
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(heir.result, 0);
	assert_string_equal(trace.text, "h.");
	assert_int_equal(mutex_lock(&mutex, 0), 0);
	mutex_unlock(&mutex);
	return 0;
}

static void a_hand_over_is_not_lost_to_cancellation(void **state)
{
	(void)state;
	on_virtual(handed_main, NULL);
}

static int misuse_main(void *argument)
{
	struct mutex mutex;

	(void)argument;
	mutex_init(&mutex);
	mutex_unlock(&mutex);
	return 0;
}

static void unlocking_what_one_does_not_hold_is_a_bug(void **state)
{
	int ends[2], status;
	char message[200] = "";

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		exit(on_virtual_result(misuse_main, NULL));
	}
	close(ends[1]);
	assert_true(read(ends[0], message, sizeof(message) - 1) > 0);
	close(ends[0]);
	assert_string_equal(message,
	                    "BUG: mutex_unlock() by a fiber that does not hold the mutex\n");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mutex_is_handed_over_in_order),
		cmocka_unit_test(who_gives_up_is_passed_over),
		cmocka_unit_test(a_hand_over_is_not_lost_to_cancellation),
		cmocka_unit_test(unlocking_what_one_does_not_hold_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
