/* SPDX-License-Identifier: ISC */
/*
 * Buffers: budgets, references, views, and what ends the program.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <mirage/buffer.h>

static struct buffer_pool_statistics statistics_of(const struct buffer_pool *pool)
{
	struct buffer_pool_statistics statistics;

	buffer_pool_statistics(pool, &statistics);
	return statistics;
}

static int make_pool(void **state)
{
	return buffer_pool_new((struct buffer_pool **)state, 100, 2);
}

static int free_pool(void **state)
{
	buffer_pool_free(*state);
	return 0;
}

static struct buffer *take(struct buffer_pool *pool)
{
	struct buffer *buffer;

	assert_int_equal(buffer_new(&buffer, pool), 0);
	return buffer;
}

static void a_new_buffer_has_one_reference_and_its_pools_size(void **state)
{
	struct buffer *buffer = take(*state);

	assert_int_equal(buffer_references(buffer), 1);
	assert_int_equal(buffer_slice(buffer).length, 100);
	memset(buffer_slice(buffer).bytes, 0xff, 100);
	assert_int_equal((uintptr_t)buffer_slice(buffer).bytes % _Alignof(max_align_t), 0);
	buffer_release(buffer);
}

static void a_spent_budget_refuses_and_counts(void **state)
{
	struct buffer *first = take(*state);
	struct buffer *second = take(*state);
	struct buffer *third = NULL;

	assert_int_equal(buffer_new(&third, *state), -ENOBUFS);
	assert_int_equal(buffer_new(&third, *state), -ENOBUFS);
	assert_null(third);
	assert_int_equal(statistics_of(*state).refused, 2);
	assert_int_equal(statistics_of(*state).in_use, 2);
	buffer_release(first);
	third = take(*state);
	assert_int_equal(statistics_of(*state).in_use_max, 2);
	buffer_release(second);
	buffer_release(third);
	assert_int_equal(statistics_of(*state).in_use, 0);
	buffer_release(take(*state));
	assert_int_equal(statistics_of(*state).in_use_max, 2);
	assert_int_equal(statistics_of(*state).size, 100);
	assert_int_equal(statistics_of(*state).count_max, 2);
}

static void a_released_buffer_is_used_again(void **state)
{
	struct buffer *buffer = take(*state);

	buffer_release(buffer);
	assert_ptr_equal(take(*state), buffer);
	assert_int_equal(buffer_references(buffer), 1);
	buffer_release(buffer);
}

static void the_last_reference_releases(void **state)
{
	struct buffer *buffer = take(*state);

	assert_ptr_equal(buffer_acquire(buffer), buffer);
	assert_int_equal(buffer_references(buffer), 2);
	buffer_release(buffer);
	assert_int_equal(statistics_of(*state).in_use, 1);
	buffer_release(buffer);
	assert_int_equal(statistics_of(*state).in_use, 0);
}

static void views_share_bytes_and_keep_them(void **state)
{
	struct buffer *buffer = take(*state);
	struct view whole = view_of(buffer);
	struct view part;

	buffer_release(buffer);
	assert_int_equal(view_sub(&whole, 10, 20, &part), 0);
	assert_int_equal(buffer_references(buffer), 2);
	view_release(&whole);
	assert_null(whole.buffer);
	assert_int_equal(whole.slice.length, 0);
	part.slice.bytes[0] = 7;
	assert_int_equal(buffer_slice(buffer).bytes[10], 7);
	assert_int_equal(part.slice.length, 20);
	assert_int_equal(statistics_of(*state).in_use, 1);
	view_release(&part);
	assert_int_equal(statistics_of(*state).in_use, 0);
}

static void a_part_of_a_part_counts_from_the_part(void **state)
{
	struct buffer *buffer = take(*state);
	struct view whole = view_of(buffer);
	struct view part;
	struct view inner;

	assert_int_equal(view_sub(&whole, 10, 20, &part), 0);
	assert_int_equal(view_sub(&part, 5, 15, &inner), 0);
	assert_ptr_equal(inner.slice.bytes, buffer_slice(buffer).bytes + 15);
	view_release(&inner);
	view_release(&part);
	view_release(&whole);
	buffer_release(buffer);
}

static void a_view_past_the_end_is_refused_and_takes_no_reference(void **state)
{
	struct buffer *buffer = take(*state);
	struct view whole = view_of(buffer);
	struct view part = { .buffer = NULL };

	assert_int_equal(view_sub(&whole, 0, 101, &part), -ERANGE);
	assert_int_equal(view_sub(&whole, 101, 0, &part), -ERANGE);
	assert_int_equal(view_sub(&whole, SIZE_MAX, 2, &part), -ERANGE);
	assert_null(part.buffer);
	assert_int_equal(buffer_references(buffer), 2);
	view_release(&whole);
	buffer_release(buffer);
}

static void nothing_can_be_released(void **state)
{
	struct view empty = { .buffer = NULL };

	(void)state;
	buffer_release(NULL);
	view_release(&empty);
	view_release(&empty);
	buffer_pool_free(NULL);
}

static void impossible_pools_are_refused(void **state)
{
	struct buffer_pool *pool = NULL;

	(void)state;
	assert_int_equal(buffer_pool_new(&pool, 0, 1), -EINVAL);
	assert_int_equal(buffer_pool_new(&pool, 1, 0), -EINVAL);
	assert_int_equal(buffer_pool_new(&pool, SIZE_MAX, 1), -EINVAL);
	assert_int_equal(buffer_pool_new(&pool, SIZE_MAX / 2, 3), -EINVAL);
	assert_int_equal(buffer_pool_new(&pool, 2048, SIZE_MAX), -EINVAL);
	assert_null(pool);
}

static void a_large_budget_costs_nothing_until_used(void **state)
{
	struct buffer_pool *pool;

	(void)state;
	assert_int_equal(buffer_pool_new(&pool, 4096, (size_t)1 << 40), 0);
	buffer_release(take(pool));
	assert_int_equal(statistics_of(pool).in_use_max, 1);
	buffer_pool_free(pool);
}

/* Run `body` in a child; return the signal that ended it, or 0. */
static int signal_of(void (*body)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		close(STDERR_FILENO); /* its last words are not about this test */
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void free_pool_in_use(void)
{
	struct buffer_pool *pool;

	if (buffer_pool_new(&pool, 1, 1) != 0)
		_exit(1);
	take(pool);
	buffer_pool_free(pool);
}

static void release_twice(void)
{
	struct buffer_pool *pool;

	if (buffer_pool_new(&pool, 1, 1) != 0)
		_exit(1);
	struct buffer *buffer = take(pool);

	buffer_release(buffer);
	buffer_release(buffer);
}

static void acquire_released(void)
{
	struct buffer_pool *pool;

	if (buffer_pool_new(&pool, 1, 1) != 0)
		_exit(1);
	struct buffer *buffer = take(pool);

	buffer_release(buffer);
	buffer_acquire(buffer);
}

static void freeing_a_pool_in_use_aborts(void **state)
{
	(void)state;
	assert_int_equal(signal_of(free_pool_in_use), SIGABRT);
}

static void releasing_or_acquiring_a_released_buffer_aborts(void **state)
{
	(void)state;
	assert_int_equal(signal_of(release_twice), SIGABRT);
	assert_int_equal(signal_of(acquire_released), SIGABRT);
}

#define test_with_pool(test) cmocka_unit_test_setup_teardown(test, make_pool, free_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_with_pool(a_new_buffer_has_one_reference_and_its_pools_size),
		test_with_pool(a_spent_budget_refuses_and_counts),
		test_with_pool(a_released_buffer_is_used_again),
		test_with_pool(the_last_reference_releases),
		test_with_pool(views_share_bytes_and_keep_them),
		test_with_pool(a_part_of_a_part_counts_from_the_part),
		test_with_pool(a_view_past_the_end_is_refused_and_takes_no_reference),
		cmocka_unit_test(nothing_can_be_released),
		cmocka_unit_test(impossible_pools_are_refused),
		cmocka_unit_test(a_large_budget_costs_nothing_until_used),
		cmocka_unit_test(freeing_a_pool_in_use_aborts),
		cmocka_unit_test(releasing_or_acquiring_a_released_buffer_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
