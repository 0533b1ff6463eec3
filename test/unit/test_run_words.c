// SPDX-License-Identifier: ISC
/* Command lines of tenders: what an image is given is what its own splitting gives back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/run_command.h"
#include "targets/bare/command_line.h"

/* Join as a tender does, split as an image does, and want the same words. */
static void assert_same_words(const char *const arguments[], size_t count)
{
	struct words words = { .count = 0 };
	const char *split[16];
	char line[1024] = "";

	for (size_t i = 0; i < count; i++) {
		words_add_image_argument(&words, arguments[i]);
		size_t used = strlen(line);
		snprintf(line + used, sizeof(line) - used, "%s%s", i > 0 ? " " : "",
		         words.items[i]);
	}
	assert_int_equal(command_line_split(line, split, 16), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(split[i], arguments[i]);
	words_free(&words);
}

static void arguments_survive_the_way_through_a_tender(void **state)
{
	static const char *const arguments[] = {
		"--hello=Hello World!",
		"",
		"a\\b",
		"it's",
		"\"",
		"'\\\"",
		" ",
		"\t\n",
		"-l",
		"*:info",
	};

	(void)state;
	assert_same_words(arguments, sizeof(arguments) / sizeof(arguments[0]));
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		assert_same_words(&arguments[i], 1);
}

static void random_arguments_survive_it_too(void **state)
{
	static const char alphabet[] = " \t\n\r\v\f'\"\\ab=-*";

	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		char texts[4][12];
		const char *arguments[4];

		for (size_t i = 0; i < 4; i++) {
			size_t length = (size_t)rand() % (sizeof(texts[i]) - 1);

			for (size_t j = 0; j < length; j++)
				texts[i][j] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
			texts[i][length] = '\0';
			arguments[i] = texts[i];
		}
		assert_same_words(arguments, 4);
	}
}

static void what_is_a_device_option_is_taken_out(void **state)
{
	const char *argv[] = {
		"run", "--net:service=tap0", "-q", "--block:storage=a=b.img", "--network:x=y",
		"--",  "--net:service=tap1", NULL
	};
	struct device_options options = { .count = 0 };

	(void)state;
	assert_int_equal(device_options_take(&options, 7, argv), 5);
	assert_string_equal(argv[1], "-q");
	assert_string_equal(argv[2], "--network:x=y");
	assert_string_equal(argv[3], "--");
	assert_string_equal(argv[4], "--net:service=tap1");
	assert_null(argv[5]);
	assert_int_equal(options.count, 2);
	assert_string_equal(options.items[0].option, "net");
	assert_string_equal(options.items[0].name, "service");
	assert_string_equal(options.items[0].value, "tap0");
	assert_string_equal(options.items[1].option, "block");
	assert_string_equal(options.items[1].value, "a=b.img");
}

static void device_options_without_name_or_value_are_refused(void **state)
{
	static const char *const bad[] = { "--net:service", "--net:=tap0",
		                           "--block:storage=", "--net-mac:" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *argv[] = { "run", bad[i], NULL };
		struct device_options options = { .count = 0 };

		assert_true(device_options_take(&options, 2, argv) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_survive_the_way_through_a_tender),
		cmocka_unit_test(random_arguments_survive_it_too),
		cmocka_unit_test(what_is_a_device_option_is_taken_out),
		cmocka_unit_test(device_options_without_name_or_value_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
