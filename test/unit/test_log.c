/* SPDX-License-Identifier: ISC */
/*
 * Logs: the form of lines, thresholds, and the list of --logs.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/log.h>
#include <mirage/runtime.h>
#include <mirage/virtual_target.h>

LOG_SOURCE(log_block, "block");
static LOG_SOURCE(log_colon, "net:eth0");

/* Every test body runs inside a runtime on a virtual target. */
struct fixture {
	struct virtual_target virtual;
	struct runtime *runtime;
	void (*body)(struct fixture *fixture);
};

static int fixture_main(void *argument)
{
	struct fixture *fixture = argument;

	fixture->body(fixture);
	return 0;
}

static void run(void (*body)(struct fixture *fixture))
{
	struct fixture fixture = { .body = body };

	virtual_target_init(&fixture.virtual);
	assert_int_equal(runtime_new(&fixture.runtime, &fixture.virtual.target, NULL), 0);
	assert_int_equal(runtime_run(fixture.runtime, fixture_main, &fixture), 0);
	runtime_free(fixture.runtime);
	virtual_target_fini(&fixture.virtual);
}

static void assert_output(struct fixture *fixture, const char *expected)
{
	assert_string_equal(fixture->virtual.output == NULL ? "" : fixture->virtual.output,
	                    expected);
	virtual_target_clear_output(&fixture->virtual);
}

static void set_wall(struct fixture *fixture, uint64_t seconds, int32_t offset_s)
{
	fixture->virtual.wall = duration_of_sec(seconds);
	fixture->virtual.utc_offset_known = true;
	fixture->virtual.utc_offset_s = offset_s;
}

static void configure(struct fixture *fixture, const char *text)
{
	const char *bad;

	assert_int_equal(log_configure(fixture->runtime, text, &bad), 0);
}

static void golden_body(struct fixture *fixture)
{
	set_wall(fixture, 1486551284, -3600);
	log_info("hello");
	assert_output(fixture, "2017-02-08 09:54:44 -01:00: INF [application] hello\n");
}

static void a_line_looks_as_documented(void **state)
{
	(void)state;
	run(golden_body);
}

static void levels_body(struct fixture *fixture)
{
	set_wall(fixture, 0, 0);
	log_set_all(fixture->runtime, LOG_DEBUG);
	log_error("%d", 1);
	log_warning_from(&log_block, "%s", "two");
	log_info("%d%%", 3);
	log_debug_from(&log_colon, "four");
	assert_output(fixture, "1970-01-01 00:00:00 +00:00: ERR [application] 1\n"
	                       "1970-01-01 00:00:00 +00:00: WRN [block] two\n"
	                       "1970-01-01 00:00:00 +00:00: INF [application] 3%\n"
	                       "1970-01-01 00:00:00 +00:00: DBG [net:eth0] four\n");
}

static void every_level_and_source_has_its_tag(void **state)
{
	(void)state;
	run(levels_body);
}

static void time_body(struct fixture *fixture)
{
	set_wall(fixture, 1483228799, 3600);
	log_info("a");
	set_wall(fixture, 951825600, -43200 - 60);
	log_info("b");
	set_wall(fixture, 951868800, 5 * 3600 + 1800);
	log_info("c");
	fixture->virtual.utc_offset_known = false;
	log_info("d");
	assert_output(fixture, "2017-01-01 00:59:59 +01:00: INF [application] a\n"
	                       "2000-02-28 23:59:00 -12:01: INF [application] b\n"
	                       "2000-03-01 05:30:00 +05:30: INF [application] c\n"
	                       "2000-03-01 00:00:00 -00:00: INF [application] d\n");
}

static void lines_carry_local_time_and_its_distance_from_utc(void **state)
{
	(void)state;
	run(time_body);
}

static void multi_line_body(struct fixture *fixture)
{
	log_info("first\n  second\n\nfourth");
	assert_output(fixture, "1970-01-01 00:00:00 -00:00: INF [application] first\n"
	                       "  second\n"
	                       "\n"
	                       "fourth\n");
}

static void further_lines_of_a_message_have_no_prefix(void **state)
{
	(void)state;
	run(multi_line_body);
}

static void long_body(struct fixture *fixture)
{
	static const char prefix[] = "1970-01-01 00:00:00 -00:00: INF [application] ";

	/* Across every length near the size of the buffer on the stack, and far beyond. */
	for (size_t length = 400; length < 70000; length = length < 600 ? length + 1 : length * 3) {
		char *text = malloc(length + 1);

		assert_non_null(text);
		for (size_t i = 0; i < length; i++)
			text[i] = (char)('a' + i % 26);
		text[length] = '\0';
		log_info("%s", text);
		assert_int_equal(fixture->virtual.output_length, strlen(prefix) + length + 1);
		assert_memory_equal(fixture->virtual.output, prefix, strlen(prefix));
		assert_memory_equal(fixture->virtual.output + strlen(prefix), text, length);
		assert_int_equal(fixture->virtual.output[strlen(prefix) + length], '\n');
		virtual_target_clear_output(&fixture->virtual);
		free(text);
	}
}

static void long_messages_lose_nothing(void **state)
{
	(void)state;
	run(long_body);
}

/* Console writes are counted by wrapping the target. */
static size_t writes;
static const struct target_ops *inner_ops;

static void count_write(void *state, const void *bytes, size_t length)
{
	writes++;
	inner_ops->console_write(state, bytes, length);
}

static int one_write_main(void *argument)
{
	(void)argument;
	writes = 0;
	log_info("short");
	assert_int_equal(writes, 1);
	log_info("%2000d\nand more", 7);
	assert_int_equal(writes, 2);
	return 0;
}

static void a_message_is_one_console_write(void **state)
{
	struct virtual_target virtual;
	struct runtime *runtime;

	(void)state;
	virtual_target_init(&virtual);
	inner_ops = virtual.target.ops;
	struct target_ops ops = *inner_ops;

	ops.console_write = count_write;
	virtual.target.ops = &ops;
	assert_int_equal(runtime_new(&runtime, &virtual.target, NULL), 0);
	assert_int_equal(runtime_run(runtime, one_write_main, NULL), 0);
	runtime_free(runtime);
	virtual_target_fini(&virtual);
}

static void default_body(struct fixture *fixture)
{
	log_debug("hidden");
	log_debug_from(&log_block, "hidden");
	assert_output(fixture, "");
	log_info("shown");
	assert_output(fixture, "1970-01-01 00:00:00 -00:00: INF [application] shown\n");
}

static void the_default_threshold_is_info(void **state)
{
	(void)state;
	run(default_body);
}

static void threshold_body(struct fixture *fixture)
{
	static const enum log_level thresholds[] = { LOG_QUIET, LOG_ERROR, LOG_WARNING, LOG_INFO,
		                                     LOG_DEBUG };

	for (size_t i = 0; i < 5; i++) {
		log_set_all(fixture->runtime, thresholds[i]);
		for (enum log_level level = LOG_ERROR; level <= LOG_DEBUG; level++)
			assert_int_equal(log_enabled(&log_block, level), level <= thresholds[i]);
	}
}

static void a_threshold_shows_what_is_at_least_as_severe(void **state)
{
	(void)state;
	run(threshold_body);
}

static int evaluate(int *count)
{
	return ++*count;
}

static void not_evaluated_body(struct fixture *fixture)
{
	int count = 0;

	configure(fixture, "quiet");
	log_error("%d", evaluate(&count));
	log_debug_from(&log_block, "%d", evaluate(&count));
	assert_int_equal(count, 0);
	configure(fixture, "error");
	log_error("%d", evaluate(&count));
	assert_int_equal(count, 1);
}

static void arguments_are_not_evaluated_when_off(void **state)
{
	(void)state;
	run(not_evaluated_body);
}

static void configure_body(struct fixture *fixture)
{
	configure(fixture, "error,block:debug");
	assert_true(log_enabled(&log_block, LOG_DEBUG));
	assert_false(log_enabled(&log_application, LOG_WARNING));
	configure(fixture, "block:debug,error");
	assert_false(log_enabled(&log_block, LOG_WARNING));
	configure(fixture, "*:info,application:quiet,application:warning");
	assert_true(log_enabled(&log_application, LOG_WARNING));
	assert_false(log_enabled(&log_application, LOG_INFO));
	assert_true(log_enabled(&log_block, LOG_INFO));
	configure(fixture, "net:eth0:debug");
	assert_true(log_enabled(&log_colon, LOG_DEBUG));
	assert_output(fixture, "");
}

static void later_entries_of_a_list_win(void **state)
{
	(void)state;
	run(configure_body);
}

static void unknown_body(struct fixture *fixture)
{
	configure(fixture, "foo:debug,block:error,bar:quiet");
	assert_output(fixture, "WARNING: foo is not a valid log source.\n"
	                       "WARNING: bar is not a valid log source.\n");
	assert_false(log_enabled(&log_block, LOG_WARNING));
	configure(fixture, "bloc:debug,blocks:debug");
	assert_output(fixture, "WARNING: bloc is not a valid log source.\n"
	                       "WARNING: blocks is not a valid log source.\n");
	assert_false(log_enabled(&log_block, LOG_WARNING));
}

static void an_unknown_source_is_reported_and_skipped(void **state)
{
	(void)state;
	run(unknown_body);
}

static void assert_bad_at(const char *text, size_t offset)
{
	const char *bad = NULL;

	assert_int_equal(log_configure(NULL, text, &bad), -EINVAL);
	assert_ptr_equal(bad, text + offset);
}

static void a_bad_entry_is_pointed_at(void **state)
{
	(void)state;
	assert_bad_at("", 0);
	assert_bad_at("loud", 0);
	assert_bad_at("Info", 0);
	assert_bad_at("info ", 0);
	assert_bad_at("info,", 5);
	assert_bad_at(",info", 0);
	assert_bad_at("info,,info", 5);
	assert_bad_at("info,block:", 5);
	assert_bad_at("info,:debug", 5);
	assert_bad_at("info,block:debugger,foo:info", 5);
	assert_bad_at("block=info", 0);
}

static void checking_needs_no_runtime_and_no_such_source(void **state)
{
	const char *bad;

	(void)state;
	assert_int_equal(log_configure(NULL, "foo:debug,*:quiet,warning", &bad), 0);
}

static void atomic_body(struct fixture *fixture)
{
	const char *bad;

	assert_int_equal(log_configure(fixture->runtime, "quiet,foo:info,block:loud", &bad),
	                 -EINVAL);
	assert_true(log_enabled(&log_application, LOG_INFO));
	assert_output(fixture, "");
}

static void a_bad_list_sets_nothing(void **state)
{
	(void)state;
	run(atomic_body);
}

static void outside_a_runtime_lines_go_nowhere(void **state)
{
	int count = 0;

	(void)state;
	assert_false(log_enabled(&log_application, LOG_ERROR));
	log_error("%d", evaluate(&count));
	log_write(&log_application, LOG_ERROR, "%d", 1);
	assert_int_equal(count, 0);
}

static nanoseconds careless_clock(void *state)
{
	(void)state;
	errno = EBADMSG;
	return 0;
}

static void errno_body(struct fixture *fixture)
{
	const struct target_ops *original = fixture->virtual.target.ops;
	struct target_ops ops = *original;

	ops.clock_wall = careless_clock;
	fixture->virtual.target.ops = &ops;
	errno = ENOENT;
	log_info("%m");
	assert_int_equal(errno, ENOENT);
	assert_output(fixture,
	              "1970-01-01 00:00:00 -00:00: INF [application] No such file or directory\n");
	fixture->virtual.target.ops = original;
}

static void errno_survives_a_line(void **state)
{
	(void)state;
	run(errno_body);
}

static void the_table_holds_each_source_once(void **state)
{
	size_t application = 0;
	size_t block = 0;

	(void)state;
	for (size_t i = 0; i < log_source_count(); i++) {
		const struct log_source *source = &__start_mirage_log_sources[i];

		assert_non_null(source->name);
		application += source == &log_application;
		block += source == &log_block;
	}
	assert_int_equal(application, 1);
	assert_int_equal(block, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_looks_as_documented),
		cmocka_unit_test(every_level_and_source_has_its_tag),
		cmocka_unit_test(lines_carry_local_time_and_its_distance_from_utc),
		cmocka_unit_test(further_lines_of_a_message_have_no_prefix),
		cmocka_unit_test(long_messages_lose_nothing),
		cmocka_unit_test(a_message_is_one_console_write),
		cmocka_unit_test(the_default_threshold_is_info),
		cmocka_unit_test(a_threshold_shows_what_is_at_least_as_severe),
		cmocka_unit_test(arguments_are_not_evaluated_when_off),
		cmocka_unit_test(later_entries_of_a_list_win),
		cmocka_unit_test(an_unknown_source_is_reported_and_skipped),
		cmocka_unit_test(a_bad_entry_is_pointed_at),
		cmocka_unit_test(checking_needs_no_runtime_and_no_such_source),
		cmocka_unit_test(a_bad_list_sets_nothing),
		cmocka_unit_test(outside_a_runtime_lines_go_nowhere),
		cmocka_unit_test(errno_survives_a_line),
		cmocka_unit_test(the_table_holds_each_source_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
