// SPDX-License-Identifier: ISC
/* Looking for one option before the table is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/arguments_scan.h>

/* Scan a command line given as one text, cut at single blanks. */
static const char *scan(const char *line, const char *names, bool is_flag)
{
	static char copy[256];
	const char *argv[32];
	int argc = 0;

	strncpy(copy, line, sizeof(copy) - 1);
	for (char *word = strtok(copy, " "); word != NULL && argc < 32; word = strtok(NULL, " "))
		argv[argc++] = word;
	return arguments_scan(argc, argv, names, is_flag);
}

static void every_form_of_a_value_is_found(void **state)
{
	(void)state;
	assert_string_equal(scan("--target=hvt", "target,t", false), "hvt");
	assert_string_equal(scan("--target hvt", "target,t", false), "hvt");
	assert_string_equal(scan("-t hvt", "target,t", false), "hvt");
	assert_string_equal(scan("-thvt", "target,t", false), "hvt");
	assert_string_equal(scan("-t=hvt", "target,t", false), "hvt");
	assert_string_equal(scan("--target=", "target,t", false), "");
	assert_string_equal(scan("--target=a=b", "target,t", false), "a=b");
}

static void an_option_that_is_not_there_is_null(void **state)
{
	(void)state;
	assert_null(scan("", "target,t", false));
	assert_null(scan("target=hvt t - configure", "target,t", false));
	assert_null(scan("--targets=hvt --targe=hvt --arget", "target,t", false));
	assert_null(scan("---target=hvt --=hvt", "target,t", false));
	assert_null(scan("--target", "target,t", false));
	assert_null(scan("-t", "target,t", false));
}

static void the_last_occurrence_counts(void **state)
{
	(void)state;
	assert_string_equal(scan("-t unix --target=hvt", "target,t", false), "hvt");
	assert_string_equal(scan("--target=hvt -tunix", "target,t", false), "unix");
	assert_string_equal(scan("--target=hvt --target", "target,t", false), "hvt");
}

static void nothing_behind_two_dashes_counts(void **state)
{
	(void)state;
	assert_string_equal(scan("-t unix -- --target=hvt", "target,t", false), "unix");
	assert_null(scan("-- --target=hvt", "target,t", false));
	assert_null(scan("-- --unix", "unix", true));
}

static void what_an_option_took_as_its_value_is_no_option(void **state)
{
	(void)state;
	assert_string_equal(scan("--file - --target=a", "target,t", false), "a");
	assert_string_equal(scan("--file -5", "file,f", false), "-5");
	assert_string_equal(scan("--file -", "file,f", false), "-");
	/* The same rule as arguments_parse(): an option is not the value of another. */
	assert_string_equal(scan("--file --target=hvt", "target,t", false), "hvt");
	assert_null(scan("--file --target=hvt", "file,f", false));
	assert_null(scan("--file -- --file=x", "file,f", false));
}

static void a_flag_is_true_or_what_was_written(void **state)
{
	(void)state;
	assert_string_equal(scan("--unix", "unix,u", true), "true");
	assert_string_equal(scan("-u", "unix,u", true), "true");
	assert_string_equal(scan("--unix hvt", "unix,u", true), "true");
	assert_string_equal(scan("--unix=false", "unix,u", true), "false");
	assert_string_equal(scan("--unix --unix=false", "unix,u", true), "false");
	assert_string_equal(scan("-uv", "unix,u", true), "true");
}

static void one_letter_is_short_and_more_is_long(void **state)
{
	(void)state;
	assert_null(scan("--t=hvt", "target,t", false));
	assert_null(scan("--t hvt", "target,t", false));
	assert_null(scan("-target=hvt", "arget,target", false));
}

static void a_name_of_any_length_does_no_harm(void **state)
{
	char option[1024] = "--";
	const char *argv[] = { option };

	(void)state;
	memset(option + 2, 'x', sizeof(option) - 3);
	option[sizeof(option) - 1] = '\0';
	assert_null(arguments_scan(1, argv, "x", false));
	assert_null(arguments_scan(1, argv, "target,t", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_value_is_found),
		cmocka_unit_test(an_option_that_is_not_there_is_null),
		cmocka_unit_test(the_last_occurrence_counts),
		cmocka_unit_test(nothing_behind_two_dashes_counts),
		cmocka_unit_test(what_an_option_took_as_its_value_is_no_option),
		cmocka_unit_test(a_flag_is_true_or_what_was_written),
		cmocka_unit_test(one_letter_is_short_and_more_is_long),
		cmocka_unit_test(a_name_of_any_length_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
