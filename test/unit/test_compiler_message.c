// SPDX-License-Identifier: ISC
/* The first error in what gcc prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/compile.h"

static struct compiler_message message;

static bool read(const char *output)
{
	static char copy[2048];

	strncpy(copy, output, sizeof(copy) - 1);
	return compiler_first_error(copy, "config.c", &message);
}

static void a_mismatch_has_its_place_and_both_types(void **state)
{
	(void)state;
	assert_true(
		read("config.c: In function 'configure':\n"
	             "config.c:8:41: error: passing argument 1 of 'm' from incompatible pointer "
	             "type [-Werror=incompatible-pointer-types]\n"
	             "config.c:4:1: note: expected 'time_impl *' {aka 'struct time_impl *'} but "
	             "argument is of type 'console_impl *' {aka 'struct console_impl *'}\n"));
	assert_string_equal(message.place.file, "config.c");
	assert_int_equal(message.place.line, 8);
	assert_int_equal(message.place.column, 41);
	assert_string_equal(message.text,
	                    "passing argument 1 of 'm' from incompatible pointer type");
	assert_string_equal(message.expected, "time_impl *");
	assert_string_equal(message.given, "console_impl *");
}

static void an_error_inside_a_macro_is_where_the_user_wrote_it(void **state)
{
	(void)state;
	assert_true(
		read("/usr/include/mirage/config_macros.h:66:3: error: static assertion failed: "
	             "\"both branches must be of the same device type\"\n"
	             "/usr/include/mirage/config.h:190:7: note: in expansion of macro "
	             "'CONFIG_SAME_TYPE'\n"
	             "config.c:5:33: note: in expansion of macro 'if_impl'\n"
	             "config.c:5:9: note: in expansion of macro 'register_unikernel'\n"));
	assert_string_equal(message.place.file, "config.c");
	assert_int_equal(message.place.line, 5);
	assert_int_equal(message.place.column, 33);
}

static void only_the_first_error_counts_and_warnings_do_not(void **state)
{
	(void)state;
	assert_true(read("config.c:1:1: warning: something\n"
	                 "config.c:2:3: fatal error: x.h: No such file or directory\n"
	                 "config.c:9:9: error: later\n"
	                 "config.c:9:9: note: expected 'a' but argument is of type 'b'\n"));
	assert_int_equal(message.place.line, 2);
	assert_string_equal(message.text, "x.h: No such file or directory");
	assert_string_equal(message.expected, "");
}

static void what_has_no_error_is_said_to_have_none(void **state)
{
	(void)state;
	assert_false(read(""));
	assert_false(read("config.c:1:1: warning: something\n:::\nx:y: error: z\n12: error:\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mismatch_has_its_place_and_both_types),
		cmocka_unit_test(an_error_inside_a_macro_is_where_the_user_wrote_it),
		cmocka_unit_test(only_the_first_error_counts_and_warnings_do_not),
		cmocka_unit_test(what_has_no_error_is_said_to_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
