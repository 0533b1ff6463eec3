/* SPDX-License-Identifier: ISC */
/*
 * The unix target: console, clocks and entropy.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"

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

/* Run `body` in a child with these standard descriptors; returns its wait status. */
static int run_child(int (*body)(void), int input, int output, int error)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (input >= 0)
			dup2(input, STDIN_FILENO);
		if (output >= 0)
			dup2(output, STDOUT_FILENO);
		if (error >= 0)
			dup2(error, STDERR_FILENO);
		_exit(body());
	}
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

static void clocks_are_the_systems(void **state)
{
	struct timespec before;
	struct timespec after;

	(void)state;
	for (int i = 0; i < 2; i++) {
		clockid_t clock = i == 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;

		clock_gettime(clock, &before);
		nanoseconds now = i == 0 ? ops()->clock_monotonic(NULL) : ops()->clock_wall(NULL);

		clock_gettime(clock, &after);
		assert_true(now >=
		            (nanoseconds)before.tv_sec * 1000000000 + (nanoseconds)before.tv_nsec);
		assert_true(now <=
		            (nanoseconds)after.tv_sec * 1000000000 + (nanoseconds)after.tv_nsec);
	}
}

static void assert_offset(const char *zone, nanoseconds seconds, int32_t expected)
{
	int32_t offset_s = 1;

	setenv("TZ", zone, 1);
	tzset();
	assert_int_equal(ops()->utc_offset(NULL, seconds * 1000000000, &offset_s), 0);
	assert_int_equal(offset_s, expected);
}

static void the_time_zone_is_that_of_tz(void **state)
{
	(void)state;
	assert_offset("UTC0", 0, 0);
	assert_offset("XXX1", 1486551284, -3600);
	assert_offset("NPT-5:45", 1486551284, 20700);
	assert_offset("CET-1CEST,M3.5.0,M10.5.0/3", 1486551284, 3600);
	assert_offset("CET-1CEST,M3.5.0,M10.5.0/3", 1499000000, 7200);
	unsetenv("TZ");
	tzset();
}

static void entropy_fills_every_byte(void **state)
{
	enum {
		LENGTH = 33 << 20
	}; /* more than one getrandom() gives */
	uint8_t *bytes = calloc(LENGTH, 1);
	size_t zeros = 0;

	(void)state;
	assert_non_null(bytes);
	assert_int_equal(ops()->entropy(NULL, bytes, LENGTH), 0);
	for (size_t i = LENGTH - 100000; i < LENGTH; i++)
		zeros += bytes[i] == 0;
	assert_true(zeros > 200 && zeros < 700); /* 391 expected, sigma 20 */
	assert_int_equal(ops()->entropy(NULL, bytes, 0), 0);
	free(bytes);
}

static int write_much(void)
{
	enum {
		LENGTH = 1 << 20
	}; /* more than a pipe holds */
	char *text = malloc(LENGTH);

	for (size_t i = 0; i < LENGTH; i++)
		text[i] = (char)(i % 251);
	ops()->console_write(NULL, text, LENGTH);
	free(text);
	return 0;
}

/* A nonblocking pipe, a reader slower than the writer: nothing may be lost or reordered. */
static void output_is_whole_and_in_order_on_a_nonblocking_pipe(void **state)
{
	int ends[2];
	uint8_t bytes[5000];
	size_t total = 0;
	ssize_t count;

	(void)state;
	open_pipe(ends);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	pid_t child = fork();

	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		_exit(write_much());
	}
	close(ends[1]);
	while ((count = read(ends[0], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < count; i++, total++)
			assert_int_equal(bytes[i], total % 251);
	assert_int_equal(total, 1 << 20);
	close(ends[0]);
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int write_to_nobody(void)
{
	unix_prepare();
	ops()->console_write(NULL, "a\n", 2);
	ops()->console_write(NULL, "b\n", 2);
	return 42;
}

/* What a child that writes to `output` says on standard error. */
static void collect_complaint(int output, char *text, size_t size)
{
	int error[2];

	open_pipe(error);
	int status = run_child(write_to_nobody, -1, output, error[1]);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
	close(output);
	close(error[1]);
	ssize_t length = read(error[0], text, size - 1);

	assert_true(length >= 0);
	text[length] = '\0';
	close(error[0]);
}

static void a_reader_that_left_does_not_kill_and_is_not_reported(void **state)
{
	int output[2];
	char text[256];

	(void)state;
	open_pipe(output);
	close(output[0]);
	collect_complaint(output[1], text, sizeof(text));
	assert_string_equal(text, "");
}

static void a_console_that_fails_does_not_kill_and_is_reported_once(void **state)
{
	char text[256];

	(void)state;
	collect_complaint(open("/dev/full", O_WRONLY), text, sizeof(text));
	assert_string_equal(text, "standard output cannot be written; console output is dropped\n");
}

/* What a child reads from its console must be "hello" and the end. */
static int read_hello(void *argument)
{
	char text[16];
	size_t length = 0;

	(void)argument;
	for (;;) {
		ssize_t count = ops()->console_read(NULL, text + length, 2, NEVER);

		if (count < 0)
			return (int)-count;
		if (count == 0)
			return length == 5 && memcmp(text, "hello", 5) == 0 ? 0 : 200;
		length += (size_t)count;
		if (length > 5)
			return 201;
	}
}

static int read_hello_child(void)
{
	return run_fiber(read_hello, NULL);
}

static void input_may_be_a_pipe_or_a_file_or_missing(void **state)
{
	int ends[2];
	FILE *file = tmpfile();

	(void)state;
	open_pipe(ends);
	assert_int_equal(write(ends[1], "hello", 5), 5);
	close(ends[1]);
	assert_int_equal(run_child(read_hello_child, ends[0], -1, -1), 0);
	assert_int_equal(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0); /* the shell's descriptor */
	close(ends[0]);

	assert_non_null(file);
	fputs("hello", file);
	rewind(file);
	assert_int_equal(run_child(read_hello_child, fileno(file), -1, -1), 0);
	fclose(file);
}

static int read_closed(void *argument)
{
	char byte;

	(void)argument;
	return ops()->console_read(NULL, &byte, 1, NEVER) == -ENOTSUP ? 0 : 1;
}

static int read_closed_child(void)
{
	close(STDIN_FILENO);
	unix_prepare();
	return run_fiber(read_closed, NULL);
}

static void a_closed_input_is_not_supported_and_its_number_stays_taken(void **state)
{
	(void)state;
	assert_int_equal(run_child(read_closed_child, -1, -1, -1), 0);
}

static int read_deadline(void *argument)
{
	char byte;
	nanoseconds deadline = deadline_after(runtime_now(), duration_of_ms(5));

	(void)argument;
	if (ops()->console_read(NULL, &byte, 1, deadline) != -ETIMEDOUT)
		return 1;
	return runtime_now() >= deadline ? 0 : 2;
}

static int read_deadline_child(void)
{
	return run_fiber(read_deadline, NULL);
}

static void reading_ends_at_its_deadline(void **state)
{
	int ends[2];

	(void)state;
	open_pipe(ends);
	assert_int_equal(run_child(read_deadline_child, ends[0], -1, -1), 0);
	close_pipe(ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_are_the_systems),
		cmocka_unit_test(the_time_zone_is_that_of_tz),
		cmocka_unit_test(entropy_fills_every_byte),
		cmocka_unit_test(output_is_whole_and_in_order_on_a_nonblocking_pipe),
		cmocka_unit_test(a_reader_that_left_does_not_kill_and_is_not_reported),
		cmocka_unit_test(a_console_that_fails_does_not_kill_and_is_reported_once),
		cmocka_unit_test(input_may_be_a_pipe_or_a_file_or_missing),
		cmocka_unit_test(a_closed_input_is_not_supported_and_its_number_stays_taken),
		cmocka_unit_test(reading_ends_at_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
