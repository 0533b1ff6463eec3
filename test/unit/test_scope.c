/* SPDX-License-Identifier: ISC */
/*
 * Scopes: waiting for all or the first, errors, cancellation.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/on_virtual.h"

/* Sleeps, then returns `result`; keeps what the sleep returned. */
struct job {
	nanoseconds sleep;
	int result;
	int slept;
};

static int job_main(void *argument)
{
	struct job *job = argument;

	job->slept = fiber_sleep(job->sleep);
	return job->slept != 0 ? job->slept : job->result;
}

static void start(struct scope *scope, struct job *job)
{
	job->slept = 1;
	assert_int_equal(fiber_start(scope, "job", job_main, job), 0);
}

static int all_main(void *argument)
{
	struct job jobs[] = { { 30, 0, 1 }, { 10, 5, 1 }, { 20, 0, 1 } };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(scope_wait_all(&scope, 0), 0); /* empty */
	for (size_t i = 0; i < 3; i++)
		start(&scope, &jobs[i]);
	assert_int_equal(scope_wait_all(&scope, 0), -ETIMEDOUT);
	assert_int_equal(scope_wait_all(&scope, 15), -ETIMEDOUT);
	assert_true(runtime_now() == 15);
	assert_int_equal(jobs[1].slept, 0);
	assert_int_equal(jobs[2].slept, 1);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_true(runtime_now() == 30);
	return scope_close(&scope);
}

static void waiting_for_all_ends_with_the_last(void **state)
{
	(void)state;
	on_virtual(all_main, NULL);
}

static int error_main(void *argument)
{
	struct job jobs[] = { { 30, 0, 1 }, { 10, -EIO, 1 }, { 20, -EPERM, 1 } };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	for (size_t i = 0; i < 3; i++)
		start(&scope, &jobs[i]);
	assert_int_equal(scope_wait_all(&scope, NEVER), -EIO);
	assert_true(runtime_now() == 10);
	assert_int_equal(jobs[0].slept, -ECANCELED);
	assert_int_equal(jobs[2].slept, -ECANCELED);
	assert_int_equal(scope_wait_all(&scope, NEVER), -EIO);
	assert_int_equal(scope_close(&scope), -EIO);
	assert_int_equal(scope_close(&scope), 0); /* as after scope_open() */
	return 0;
}

static void the_first_error_cancels_the_others(void **state)
{
	(void)state;
	on_virtual(error_main, NULL);
}

static int first_main(void *argument)
{
	struct job jobs[] = { { 30, 1, 1 }, { 10, 7, 1 }, { 20, -EIO, 1 } };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(scope_wait_first(&scope, NEVER), -EINVAL);
	for (size_t i = 0; i < 3; i++)
		start(&scope, &jobs[i]);
	assert_int_equal(scope_wait_first(&scope, 5), -ETIMEDOUT);
	assert_int_equal(scope_wait_first(&scope, NEVER), 7);
	assert_true(runtime_now() == 10);
	assert_int_equal(jobs[0].slept, -ECANCELED);
	assert_int_equal(jobs[2].slept, -ECANCELED);
	return scope_close(&scope);
}

static void waiting_for_the_first_cancels_the_rest(void **state)
{
	(void)state;
	on_virtual(first_main, NULL);
}

static int first_error_main(void *argument)
{
	struct job jobs[] = { { 10, -EIO, 1 }, { 20, 7, 1 } };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	start(&scope, &jobs[0]);
	start(&scope, &jobs[1]);
	assert_int_equal(scope_wait_first(&scope, NEVER), -EIO);
	assert_int_equal(scope_close(&scope), -EIO);
	return 0;
}

static void the_first_result_may_be_an_error(void **state)
{
	(void)state;
	on_virtual(first_error_main, NULL);
}

static int late_main(void *argument)
{
	struct job job = { 10, 0, 1 };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	scope_cancel(&scope);
	start(&scope, &job);
	assert_int_equal(scope_wait_all(&scope, NEVER), 0); /* errors after scope_cancel() */
	assert_int_equal(job.slept, -ECANCELED);
	assert_int_equal(scope_close(&scope), 0);
	start(&scope, &job); /* open again */
	assert_int_equal(scope_wait_all(&scope, NEVER), 0);
	assert_int_equal(job.slept, 0);
	return scope_close(&scope);
}

static void fibers_of_a_cancelled_scope_start_cancelled(void **state)
{
	(void)state;
	on_virtual(late_main, NULL);
}

/* Needs 100 ns to clean up, whatever happens. */
static int slow_to_end(void *argument)
{
	bool *cleaned = argument;
	int result = fiber_sleep_until(NEVER);

	fiber_shield();
	assert_int_equal(fiber_sleep(100), 0);
	fiber_unshield();
	*cleaned = true;
	return result;
}

static int nested(void *argument)
{
	bool *cleaned = argument;
	struct scope scope;

	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "slow", slow_to_end, cleaned), 0);
	assert_int_equal(scope_wait_all(&scope, NEVER), -ECANCELED);
	assert_int_equal(scope_wait_first(&scope, NEVER), -ECANCELED);
	assert_false(*cleaned); /* it runs on until the scope is closed */
	assert_int_equal(scope_close(&scope), 0);
	assert_true(*cleaned);
	assert_true(fiber_cancelled());
	return -ECANCELED;
}

static int nested_main(void *argument)
{
	bool cleaned = false;
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "nested", nested, &cleaned), 0);
	assert_int_equal(fiber_sleep(1), 0);
	assert_int_equal(scope_close(&scope), 0);
	assert_true(cleaned);
	assert_true(runtime_now() == 101);
	return 0;
}

static void closing_waits_even_when_cancelled(void **state)
{
	(void)state;
	on_virtual(nested_main, NULL);
}

/* A tree of scopes, three wide and four deep, all asleep; cancelled from the root. */
struct tree {
	int depth;
	int *ended;
};

static int tree_main(void *argument)
{
	const struct tree *tree = argument;
	struct tree below = { tree->depth - 1, tree->ended };
	struct scope scope;
	int result;

	scope_open(&scope);
	for (int i = 0; i < 3 && tree->depth > 0; i++)
		assert_int_equal(fiber_start(&scope, "tree", tree_main, &below), 0);
	if (tree->depth > 0)
		result = scope_wait_all(&scope, NEVER);
	else
		result = fiber_sleep_until(NEVER);
	assert_int_equal(result, -ECANCELED);
	scope_close(&scope);
	++*tree->ended;
	return result;
}

static int tree_root(void *argument)
{
	int ended = 0;
	struct tree tree = { 4, &ended };
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "tree", tree_main, &tree), 0);
	assert_int_equal(fiber_sleep(10), 0);
	assert_int_equal(scope_close(&scope), 0);
	assert_int_equal(ended, 1 + 3 + 9 + 27 + 81);
	return 0;
}

static void cancellation_reaches_the_leaves(void **state)
{
	(void)state;
	on_virtual(tree_root, NULL);
}

static int closes_others(void *argument)
{
	scope_close(argument);
	return 0;
}

static int stranger_main(void *argument)
{
	struct scope scope;

	(void)argument;
	scope_open(&scope);
	if (fiber_start(&scope, "stranger", closes_others, &scope) != 0)
		return 1;
	return scope_close(&scope);
}

static void closing_anothers_scope_is_a_bug(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		error_ignore(freopen("/dev/null", "w", stderr) == NULL, "then it is only loud");
		signal(SIGABRT, SIG_DFL);
		exit(on_virtual_result(stranger_main, NULL));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_for_all_ends_with_the_last),
		cmocka_unit_test(the_first_error_cancels_the_others),
		cmocka_unit_test(waiting_for_the_first_cancels_the_rest),
		cmocka_unit_test(the_first_result_may_be_an_error),
		cmocka_unit_test(fibers_of_a_cancelled_scope_start_cancelled),
		cmocka_unit_test(closing_waits_even_when_cancelled),
		cmocka_unit_test(cancellation_reaches_the_leaves),
		cmocka_unit_test(closing_anothers_scope_is_a_bug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
