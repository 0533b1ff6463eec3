/* SPDX-License-Identifier: ISC */
/*
 * The unix target: waiting for deadlines and descriptors.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <mirage/fiber.h>
#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"
#include "targets/unix/unix_wait.h"

static const struct target_ops *ops(void)
{
	return unix_target.ops;
}

/* Run `entry` as the main fiber; a nonzero result fails the test. */
static int run_fiber(int (*entry)(void *argument), void *argument)
{
	struct runtime *runtime;
	int result = runtime_new(&runtime, &unix_target, NULL);

	if (result != 0)
		return result;
	result = runtime_run(runtime, entry, argument);
	runtime_free(runtime);
	return result;
}

static void run(int (*entry)(void *argument), void *argument)
{
	assert_int_equal(run_fiber(entry, argument), 0);
}

/* Run `body` in a child; returns its wait status. */
static int run_child(int (*body)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(body());
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void open_pipe(int ends[2])
{
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
}

static void close_pipe(int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static void waiting_never_ends_before_the_deadline(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		nanoseconds deadline = ops()->clock_monotonic(NULL) + (nanoseconds)i * 1777;

		ops()->wait(NULL, deadline);
		assert_true(ops()->clock_monotonic(NULL) >= deadline);
	}
	ops()->wait(NULL, 0); /* only looks */
	ops()->wait(NULL, 1);
}

static size_t open_descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static int sleep_only(void *argument)
{
	(void)argument;
	return fiber_sleep(duration_of_ms(1));
}

static int sleep_child(void)
{
	size_t before = open_descriptors();

	return run_fiber(sleep_only, NULL) == 0 && open_descriptors() == before ? 0 : 1;
}

static void without_descriptors_there_is_no_epoll(void **state)
{
	(void)state;
	assert_int_equal(run_child(sleep_child), 0);
}

/* Two fibers pass a byte to and fro through a socket pair. */
struct player {
	int fd;
	int rounds;
	bool serves;
};

static int player_main(void *argument)
{
	struct player *player = argument;
	char byte = 'x';

	if (player->serves && write(player->fd, &byte, 1) != 1)
		return -EIO;
	for (int i = 0; i < player->rounds; i++) {
		while (read(player->fd, &byte, 1) != 1) {
			int result = unix_wait_readable(player->fd, NEVER);

			if (result != 0)
				return result;
		}
		if (write(player->fd, &byte, 1) != 1)
			return -EIO;
	}
	return 0;
}

static int ping_pong(void *argument)
{
	int ends[2];
	struct scope scope;

	(void)argument;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	struct player players[] = { { ends[0], 500, true }, { ends[1], 500, false } };

	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "a", player_main, &players[0]), 0);
	assert_int_equal(fiber_start(&scope, "b", player_main, &players[1]), 0);
	assert_int_equal(scope_wait_all(&scope, deadline_after(runtime_now(), duration_of_sec(20))),
	                 0);
	assert_int_equal(scope_close(&scope), 0);
	assert_false(unix_wait_pending());
	close_pipe(ends);
	return 0;
}

static void fibers_wake_each_other_through_a_socket(void **state)
{
	(void)state;
	run(ping_pong, NULL);
}

struct waiting_fiber {
	int fd;
	bool writable;
	nanoseconds deadline;
	int result;
	bool ended;
};

static int waiting_main(void *argument)
{
	struct waiting_fiber *waiting = argument;

	waiting->result = waiting->writable ? unix_wait_writable(waiting->fd, waiting->deadline)
	                                    : unix_wait_readable(waiting->fd, waiting->deadline);
	waiting->ended = true;
	return 0;
}

static int several_waiters(void *argument)
{
	int ends[2];
	struct scope scope;

	(void)argument;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	struct waiting_fiber fibers[] = {
		{ .fd = ends[0], .deadline = NEVER },
		{ .fd = ends[0], .writable = true, .deadline = NEVER },
		{ .fd = ends[0], .deadline = NEVER },
	};

	scope_open(&scope);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fiber_start(&scope, "waiter", waiting_main, &fibers[i]), 0);
	assert_int_equal(fiber_sleep(duration_of_ms(5)), 0);
	assert_true(fibers[1].ended); /* writable at once; the readers wait on */
	assert_false(fibers[0].ended);
	assert_false(fibers[2].ended);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(scope_wait_all(&scope, deadline_after(runtime_now(), duration_of_sec(20))),
	                 0);
	assert_int_equal(scope_close(&scope), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(fibers[i].result, 0);
	close_pipe(ends);
	return 0;
}

static void several_fibers_may_wait_for_one_descriptor(void **state)
{
	(void)state;
	run(several_waiters, NULL);
}

static int deadlines_and_looks(void *argument)
{
	int ends[2];
	nanoseconds deadline = deadline_after(runtime_now(), duration_of_ms(3));

	(void)argument;
	open_pipe(ends);
	assert_int_equal(unix_wait_readable(ends[0], deadline), -ETIMEDOUT);
	assert_true(runtime_now() >= deadline);
	assert_int_equal(unix_wait_readable(ends[0], 0), -ETIMEDOUT);
	assert_int_equal(unix_wait_writable(ends[1], 0), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(unix_wait_readable(ends[0], 0), 0);
	assert_int_equal(unix_wait_readable(ends[0], NEVER), 0);
	close(ends[1]);
	assert_int_equal(unix_wait_readable(ends[0], NEVER), 0);
	close(ends[0]);
	assert_int_equal(unix_wait_readable(ends[0], NEVER), -EBADF);
	assert_int_equal(unix_wait_readable(-1, NEVER), -EBADF);
	assert_false(unix_wait_pending());
	return 0;
}

static void a_deadline_ends_a_wait_and_a_passed_one_looks(void **state)
{
	(void)state;
	run(deadlines_and_looks, NULL);
}

static int end_of_peer(void *argument)
{
	int ends[2];

	(void)argument;
	open_pipe(ends);
	close(ends[1]);
	assert_int_equal(unix_wait_readable(ends[0], NEVER), 0);
	close(ends[0]);
	open_pipe(ends);
	close(ends[0]);
	assert_int_equal(unix_wait_writable(ends[1], NEVER), 0);
	close(ends[1]);
	return 0;
}

static void the_peers_end_wakes_both_directions(void **state)
{
	(void)state;
	run(end_of_peer, NULL);
}

static int reused_number(void *argument)
{
	int first[2];
	int second[2];

	(void)argument;
	open_pipe(first);
	assert_int_equal(unix_wait_readable(first[0], runtime_now() + 1000000), -ETIMEDOUT);
	close_pipe(first);
	open_pipe(second);
	assert_int_equal(second[0], first[0]); /* the kernel gives the lowest free number */
	assert_int_equal(unix_wait_readable(second[0], runtime_now() + 1000000), -ETIMEDOUT);
	assert_int_equal(write(second[1], "x", 1), 1);
	assert_int_equal(unix_wait_readable(second[0], NEVER), 0);
	close_pipe(second);
	return 0;
}

static void a_reused_number_is_a_new_descriptor(void **state)
{
	(void)state;
	run(reused_number, NULL);
}

static int cancelled_wait(void *argument)
{
	int ends[2];
	struct scope scope;

	(void)argument;
	open_pipe(ends);
	struct waiting_fiber fiber = { .fd = ends[0], .deadline = NEVER };

	scope_open(&scope);
	assert_int_equal(fiber_start(&scope, "waiter", waiting_main, &fiber), 0);
	assert_int_equal(fiber_yield(), 0);
	assert_true(unix_wait_pending());
	assert_true(ops()->can_wake(NULL));
	scope_cancel(&scope);
	scope_close(&scope);
	assert_int_equal(fiber.result, -ECANCELED);
	assert_false(unix_wait_pending());
	close_pipe(ends);
	return 0;
}

static void cancelling_ends_a_wait(void **state)
{
	(void)state;
	run(cancelled_wait, NULL);
}

/* Make the kernel answer as one before 5.11. */
static bool forbid_epoll_pwait2(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int old_kernel_child(void)
{
	if (!forbid_epoll_pwait2())
		return 99;
	int result = run_fiber(ping_pong, NULL);

	return result != 0 ? 1 : run_fiber(deadlines_and_looks, NULL);
}

static void old_kernels_wait_as_well(void **state)
{
	int status = run_child(old_kernel_child);

	(void)state;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
		skip(); /* no seccomp here */
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_never_ends_before_the_deadline),
		cmocka_unit_test(without_descriptors_there_is_no_epoll),
		cmocka_unit_test(fibers_wake_each_other_through_a_socket),
		cmocka_unit_test(several_fibers_may_wait_for_one_descriptor),
		cmocka_unit_test(a_deadline_ends_a_wait_and_a_passed_one_looks),
		cmocka_unit_test(the_peers_end_wakes_both_directions),
		cmocka_unit_test(a_reused_number_is_a_new_descriptor),
		cmocka_unit_test(cancelling_ends_a_wait),
		cmocka_unit_test(old_kernels_wait_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
