/* SPDX-License-Identifier: ISC */
/*
 * Running images on the virtual target: requests, bad arguments, devices, jobs, statuses.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/fiber.h>
#include <mirage/image.h>
#include <mirage/log.h>
#include <mirage/runtime.h>
#include <mirage/virtual_target.h>

enum {
	ARGUMENT_GREETING = IMAGE_ARGUMENTS,
	ARGUMENT_PORTS,
	ARGUMENT_COUNT,
};

static const struct argument arguments[ARGUMENT_COUNT] = {
	[IMAGE_ARGUMENT_LOGS] = { .names = "logs,l", .type = ARGUMENT_STRING, .doc = "Logs." },
	[IMAGE_ARGUMENT_NAME] = { .names = "name", .type = ARGUMENT_STRING, .doc = "Name." },
	[IMAGE_ARGUMENT_DELAY] = { .names = "delay", .type = ARGUMENT_DURATION, .doc = "Delay." },
	[ARGUMENT_GREETING] = { .names = "greeting",
	                        .type = ARGUMENT_STRING,
	                        .value = "Hello World!",
	                        .doc = "How to say hello.",
	                        .section = "APPLICATION OPTIONS" },
	[ARGUMENT_PORTS] = { .names = "ports", .type = ARGUMENT_INT, .list = true },
};

static struct argument_value values[ARGUMENT_COUNT];
static struct virtual_target virtual;

/* What happened, in order: a letter per event. */
static char trace[32];
static size_t traced;

static void note(char letter)
{
	assert_true(traced + 1 < sizeof(trace));
	trace[traced++] = letter;
	trace[traced] = '\0';
}

static int set_up(void **state)
{
	(void)state;
	virtual_target_init(&virtual);
	traced = 0;
	trace[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	virtual_target_fini(&virtual);
	return 0;
}

static const char *output(void)
{
	return virtual.output == NULL ? "" : virtual.output;
}

static void assert_output_contains(const char *text)
{
	if (strstr(output(), text) == NULL)
		fail_msg("'%s' is not in '%s'", text, output());
}

static void assert_output_lacks(const char *text)
{
	if (strstr(output(), text) != NULL)
		fail_msg("'%s' is in '%s'", text, output());
}

/* Run an image with these devices and jobs; `option` is its only argument, or NULL. */
static int run(const struct image_device *devices, size_t device_count,
               const struct image_job *jobs, size_t job_count, const char *option)
{
	const struct image image_of_test = {
		.name = "hello",
		.version = "0.1.0",
		.arguments = arguments,
		.argument_count = ARGUMENT_COUNT,
		.values = values,
		.devices = devices,
		.device_count = device_count,
		.jobs = jobs,
		.job_count = job_count,
	};
	const char *const argv[] = { "/some/where/dist/hello", option, NULL };

	return image_run(&image_of_test, &virtual.target, option == NULL ? 1 : 2, argv);
}

static int run_jobs(const struct image_job *jobs, size_t job_count)
{
	return run(NULL, 0, jobs, job_count, NULL);
}

static int ok_job(void)
{
	note('o');
	return 0;
}

static int run_with(const char *option)
{
	static const struct image_job jobs[] = { { "ok", ok_job } };

	return run(NULL, 0, jobs, 1, option);
}

static void an_image_whose_jobs_end_well_ends_with_0(void **state)
{
	(void)state;
	assert_int_equal(run_with(NULL), IMAGE_EXIT_SUCCESS);
	assert_string_equal(trace, "o");
	assert_string_equal(output(), "");
}

static void an_image_without_jobs_ends_at_once(void **state)
{
	(void)state;
	assert_int_equal(run_jobs(NULL, 0), IMAGE_EXIT_SUCCESS);
}

static void help_is_a_page_and_status_63(void **state)
{
	(void)state;
	assert_int_equal(run_with("--help"), IMAGE_EXIT_HELP);
	assert_string_equal(trace, "");
	assert_output_contains("NAME\n       hello - ");
	assert_output_contains("\nSYNOPSIS\n       hello [OPTION]…\n");
	assert_output_contains("\nAPPLICATION OPTIONS\n");
	assert_output_contains("--greeting=");
	assert_output_contains("(absent=Hello World!)");
	assert_output_contains("\nEXIT STATUS\n");
	assert_output_contains(" 63 ");
	assert_output_contains(" 64 ");
	assert_int_equal(output()[virtual.output_length - 1], '\n');
}

static void the_page_fits_80_columns(void **state)
{
	size_t column = 0;

	(void)state;
	assert_int_equal(run_with("--help"), IMAGE_EXIT_HELP);
	for (const char *next = output(); *next != '\0'; next++) {
		column = *next == '\n' ? 0 : column + ((*next & 0xc0) != 0x80);
		assert_true(column <= 80);
	}
}

static void version_is_one_line_and_status_63(void **state)
{
	(void)state;
	assert_int_equal(run_with("--version"), IMAGE_EXIT_HELP);
	assert_string_equal(output(), "hello 0.1.0\n");
	assert_string_equal(trace, "");
}

static void a_bad_argument_is_one_sentence_and_status_64(void **state)
{
	static const char last[] = "\nTry 'hello --help' for more information.\n";

	(void)state;
	assert_int_equal(run_with("--greting=x"), IMAGE_EXIT_ARGUMENT);
	assert_string_equal(trace, "");
	assert_memory_equal(output(), "hello: ", 7);
	assert_ptr_equal(strchr(output(), '\n'), strstr(output(), last));
	assert_string_equal(strchr(output(), '\n'), last);
}

static void a_bad_threshold_list_is_a_bad_argument(void **state)
{
	(void)state;
	assert_int_equal(run_with("--logs=info,block:loud,quiet"), IMAGE_EXIT_ARGUMENT);
	assert_string_equal(trace, "");
	assert_memory_equal(output(), "hello: ", 7);
	assert_output_contains("'block:loud'");
	assert_output_contains("\nTry 'hello --help' for more information.\n");
	assert_output_lacks("quiet'");
}

static void an_operand_is_a_bad_argument(void **state)
{
	(void)state;
	assert_int_equal(run_with("surprise"), IMAGE_EXIT_ARGUMENT);
	assert_string_equal(trace, "");
}

static int values_job(void)
{
	assert_string_equal(values[ARGUMENT_GREETING].string, "Hello World!");
	assert_int_equal(values[ARGUMENT_PORTS].count, 3);
	assert_int_equal(values[ARGUMENT_PORTS].items[2].integer, 443);
	return 0;
}

static void jobs_find_their_arguments_in_the_values(void **state)
{
	static const struct image_job jobs[] = { { "values", values_job } };

	(void)state;
	assert_int_equal(run(NULL, 0, jobs, 1, "--ports=22,80,443"), IMAGE_EXIT_SUCCESS);
}

static int log_job(void)
{
	log_error("error");
	log_warning("warning");
	log_info("info");
	return 0;
}

static void thresholds_are_set_before_the_jobs(void **state)
{
	static const struct image_job jobs[] = { { "log", log_job } };

	(void)state;
	assert_int_equal(run(NULL, 0, jobs, 1, "--logs=application:warning,foo:info"),
	                 IMAGE_EXIT_SUCCESS);
	assert_output_contains("WARNING: foo is not a valid log source.\n");
	assert_output_contains("WRN [application] warning\n");
	assert_output_lacks("INF [application]");
}

static nanoseconds started;

static int clock_job(void)
{
	started = runtime_now();
	return 0;
}

static void a_delay_passes_before_anything_starts(void **state)
{
	static const struct image_job jobs[] = { { "clock", clock_job } };

	(void)state;
	assert_int_equal(run(NULL, 0, jobs, 1, "--delay=1.5s"), IMAGE_EXIT_SUCCESS);
	assert_true(started >= duration_of_ms(1500));
	assert_true(started < duration_of_ms(1600));
}

static int connect_a(void)
{
	note('a');
	return 0;
}

static int connect_b(void)
{
	note('b');
	return fiber_sleep(1000); /* connecting may block */
}

static int connect_fails(void)
{
	note('f');
	return -ENODEV;
}

static void disconnect_a(void)
{
	note('A');
}

static void disconnect_b(void)
{
	note('B');
}

static void disconnect_unreached(void)
{
	note('!');
}

static void devices_connect_in_order_and_disconnect_in_reverse(void **state)
{
	static const struct image_device devices[] = {
		{ "a", connect_a, disconnect_a },
		{ "silent", NULL, NULL },
		{ "b", connect_b, disconnect_b },
	};
	static const struct image_job jobs[] = { { "ok", ok_job } };

	(void)state;
	assert_int_equal(run(devices, 3, jobs, 1, NULL), IMAGE_EXIT_SUCCESS);
	assert_string_equal(trace, "aboBA");
}

static void a_device_that_fails_ends_the_image_and_disconnects_the_others(void **state)
{
	static const struct image_device devices[] = {
		{ "a", connect_a, disconnect_a },
		{ "b", connect_b, disconnect_b },
		{ "disk", connect_fails, disconnect_unreached },
		{ "after", connect_a, disconnect_unreached },
	};
	static const struct image_job jobs[] = { { "ok", ok_job } };

	(void)state;
	assert_int_equal(run(devices, 4, jobs, 1, NULL), IMAGE_EXIT_FAILURE);
	assert_string_equal(trace, "abfBA");
	assert_output_contains("ERR ");
	assert_output_contains("device disk did not connect: No such device\n");
}

static int failing_job(void)
{
	note('x');
	return -ECONNREFUSED;
}

static int endless_job(void)
{
	note('e');
	int result = fiber_sleep_until(NEVER);

	note(result == -ECANCELED ? 'c' : '?');
	return result;
}

static void a_failing_job_cancels_the_others_and_makes_status_1(void **state)
{
	static const struct image_job jobs[] = { { "endless", endless_job },
		                                 { "fragile", failing_job } };

	(void)state;
	assert_int_equal(run_jobs(jobs, 2), IMAGE_EXIT_FAILURE);
	assert_string_equal(trace, "exc");
	assert_output_contains("job fragile failed: Connection refused\n");
	assert_output_lacks("endless");
}

static int status_3_job(void)
{
	note('3');
	return 3;
}

static int status_7_job(void)
{
	note('7');
	return fiber_sleep(1000) == 0 ? 7 : 0;
}

static int status_256_job(void)
{
	return 256;
}

static void the_first_status_that_is_not_0_is_the_images(void **state)
{
	static const struct image_job jobs[] = { { "seven", status_7_job },
		                                 { "three", status_3_job },
		                                 { "ok", ok_job } };

	(void)state;
	assert_int_equal(run_jobs(jobs, 3), 3);
	assert_string_equal(trace, "73o");
	assert_string_equal(output(), "");
}

static void a_failure_beats_a_status(void **state)
{
	static const struct image_job jobs[] = { { "three", status_3_job },
		                                 { "fragile", failing_job } };

	(void)state;
	assert_int_equal(run_jobs(jobs, 2), IMAGE_EXIT_FAILURE);
}

static void a_result_that_is_no_status_is_a_failure(void **state)
{
	static const struct image_job jobs[] = { { "endless", endless_job },
		                                 { "odd", status_256_job } };

	(void)state;
	assert_int_equal(run_jobs(jobs, 2), IMAGE_EXIT_FAILURE);
	assert_output_contains("job odd returned 256");
	assert_string_equal(trace, "ec");
}

static void jobs_that_nothing_can_wake_end_with_1(void **state)
{
	static const struct image_job jobs[] = { { "endless", endless_job } };

	(void)state;
	assert_int_equal(run_jobs(jobs, 1), IMAGE_EXIT_FAILURE);
	assert_output_contains("endless");
}

static void without_stacks_an_image_fails(void **state)
{
	(void)state;
	virtual.stack_budget = 1; /* main's, but none for the job */
	assert_int_equal(run_with(NULL), IMAGE_EXIT_FAILURE);
	assert_string_equal(trace, "");
	assert_output_contains("job ok did not start: Cannot allocate memory\n");
}

static void exit_hook(void *context)
{
	(void)context;
	note('H');
}

static struct runtime_hook hook = { .call = exit_hook };

static int hook_job(void)
{
	runtime_at_exit(runtime_current(), &hook);
	return 0;
}

static void exit_hooks_run_after_the_devices_are_gone(void **state)
{
	static const struct image_device devices[] = { { "a", connect_a, disconnect_a } };
	static const struct image_job jobs[] = { { "hook", hook_job } };

	(void)state;
	assert_int_equal(run(devices, 1, jobs, 1, NULL), IMAGE_EXIT_SUCCESS);
	assert_string_equal(trace, "aAH");
}

static void every_stack_is_given_back(void **state)
{
	(void)state;
	assert_int_equal(run_with(NULL), IMAGE_EXIT_SUCCESS);
	assert_int_equal(virtual.stacks_mapped, 0);
}

#define test(body) cmocka_unit_test_setup_teardown(body, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_image_whose_jobs_end_well_ends_with_0),
		test(an_image_without_jobs_ends_at_once),
		test(help_is_a_page_and_status_63),
		test(the_page_fits_80_columns),
		test(version_is_one_line_and_status_63),
		test(a_bad_argument_is_one_sentence_and_status_64),
		test(a_bad_threshold_list_is_a_bad_argument),
		test(an_operand_is_a_bad_argument),
		test(jobs_find_their_arguments_in_the_values),
		test(thresholds_are_set_before_the_jobs),
		test(a_delay_passes_before_anything_starts),
		test(devices_connect_in_order_and_disconnect_in_reverse),
		test(a_device_that_fails_ends_the_image_and_disconnects_the_others),
		test(a_failing_job_cancels_the_others_and_makes_status_1),
		test(the_first_status_that_is_not_0_is_the_images),
		test(a_failure_beats_a_status),
		test(a_result_that_is_no_status_is_a_failure),
		test(jobs_that_nothing_can_wake_end_with_1),
		test(without_stacks_an_image_fails),
		test(exit_hooks_run_after_the_devices_are_gone),
		test(every_stack_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
