/* SPDX-License-Identifier: ISC */
/*
 * The default devices: thin, but on the right clock and the right console.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/console.h>
#include <mirage/monotonic_clock.h>
#include <mirage/random.h>
#include <mirage/runtime.h>
#include <mirage/time.h>
#include <mirage/virtual_target.h>
#include <mirage/wall_clock.h>

static const struct time default_time = { .ops = &default_time_ops };
static const struct wall_clock default_wall = { .ops = &default_wall_clock_ops };
static const struct monotonic_clock default_monotonic = { .ops = &default_monotonic_clock_ops };
static const struct console default_console = { .ops = &default_console_ops };
static const struct random default_random = { .ops = &default_random_ops };

struct fixture {
	struct virtual_target virtual;
	void (*body)(struct virtual_target *virtual);
};

static int fixture_main(void *argument)
{
	struct fixture *fixture = argument;

	fixture->body(&fixture->virtual);
	return 0;
}

static void run(void (*body)(struct virtual_target *virtual))
{
	struct fixture fixture = { .body = body };
	struct runtime *runtime;

	virtual_target_init(&fixture.virtual);
	assert_int_equal(runtime_new(&runtime, &fixture.virtual.target, NULL), 0);
	assert_int_equal(runtime_run(runtime, fixture_main, &fixture), 0);
	runtime_free(runtime);
	virtual_target_fini(&fixture.virtual);
}

static void time_body(struct virtual_target *virtual)
{
	nanoseconds start = time_now(&default_time);

	assert_int_equal(time_sleep_ns(&default_time, duration_of_hour(1)), 0);
	assert_true(virtual->monotonic >= start + duration_of_hour(1));
	assert_int_equal(monotonic_clock_now(&default_monotonic), virtual->monotonic);
	assert_int_equal(time_now(&default_time), virtual->monotonic);
	assert_int_equal(time_sleep_until(&default_time, 0), 0);
}

static void sleeping_passes_time_on_the_monotonic_clock(void **state)
{
	(void)state;
	run(time_body);
}

static void wall_body(struct virtual_target *virtual)
{
	int32_t offset_s;

	virtual->wall = 12345;
	assert_int_equal(wall_clock_now(&default_wall), 12345);
	assert_int_equal(wall_clock_utc_offset(&default_wall, 0, &offset_s), -ENOTSUP);
	virtual->utc_offset_known = true;
	virtual->utc_offset_s = 3600;
	assert_int_equal(wall_clock_utc_offset(&default_wall, 0, &offset_s), 0);
	assert_int_equal(offset_s, 3600);
}

static void the_wall_clock_is_the_targets(void **state)
{
	(void)state;
	run(wall_body);
}

static void write_body(struct virtual_target *virtual)
{
	console_write(&default_console, "ab", 2);
	console_log(&default_console, "cd");
	console_log(&default_console, "");
	assert_string_equal(virtual->output, "abcd\n\n");
}

static void console_output_is_the_targets(void **state)
{
	(void)state;
	run(write_body);
}

static void long_line_body(struct virtual_target *virtual)
{
	for (size_t length = 250; length < 5000; length = length < 260 ? length + 1 : length * 2) {
		char *text = malloc(length + 1);

		assert_non_null(text);
		memset(text, 'x', length);
		text[length] = '\0';
		virtual_target_clear_output(virtual);
		console_log(&default_console, text);
		assert_int_equal(virtual->output_length, length + 1);
		assert_memory_equal(virtual->output, text, length);
		assert_int_equal(virtual->output[length], '\n');
		free(text);
	}
}

static void a_line_of_any_length_is_whole(void **state)
{
	(void)state;
	run(long_line_body);
}

static void read_body(struct virtual_target *virtual)
{
	char bytes[8];

	assert_int_equal(console_read(&default_console, bytes, 8, NEVER), -ENOTSUP);
	virtual->input = "hello";
	assert_int_equal(console_read(&default_console, bytes, 3, NEVER), 3);
	assert_memory_equal(bytes, "hel", 3);
	assert_int_equal(console_read(&default_console, bytes, 8, NEVER), 2);
	assert_memory_equal(bytes, "lo", 2);
	assert_int_equal(console_read(&default_console, bytes, 8, NEVER), 0);
}

static void console_input_is_the_targets(void **state)
{
	(void)state;
	run(read_body);
}

static void random_body(struct virtual_target *virtual)
{
	uint8_t first[32] = { 0 };
	uint8_t second[32] = { 0 };

	(void)virtual;
	assert_int_equal(random_fill(&default_random, first, sizeof(first)), 0);
	assert_int_equal(random_fill(&default_random, second, sizeof(second)), 0);
	assert_memory_not_equal(first, second, sizeof(first));
}

static void random_bytes_are_the_targets(void **state)
{
	(void)state;
	run(random_body);
}

static void bare_body(struct virtual_target *virtual)
{
	int32_t offset_s;
	char byte;

	(void)virtual;
	assert_int_equal(wall_clock_utc_offset(&default_wall, 0, &offset_s), -ENOTSUP);
	assert_int_equal(console_read(&default_console, &byte, 1, 0), -ENOTSUP);
}

static void optional_operations_may_be_missing(void **state)
{
	struct fixture fixture = { .body = bare_body };
	struct runtime *runtime;

	(void)state;
	virtual_target_init(&fixture.virtual);
	struct target_ops ops = *fixture.virtual.target.ops;

	ops.utc_offset = NULL;
	ops.console_read = NULL;
	fixture.virtual.target.ops = &ops;
	assert_int_equal(runtime_new(&runtime, &fixture.virtual.target, NULL), 0);
	assert_int_equal(runtime_run(runtime, fixture_main, &fixture), 0);
	runtime_free(runtime);
	virtual_target_fini(&fixture.virtual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleeping_passes_time_on_the_monotonic_clock),
		cmocka_unit_test(the_wall_clock_is_the_targets),
		cmocka_unit_test(console_output_is_the_targets),
		cmocka_unit_test(a_line_of_any_length_is_whole),
		cmocka_unit_test(console_input_is_the_targets),
		cmocka_unit_test(random_bytes_are_the_targets),
		cmocka_unit_test(optional_operations_may_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
