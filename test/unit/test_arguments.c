// SPDX-License-Identifier: ISC
/* Argument vectors, errors, and looking for one option. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/arguments.h>
#include <mirage/arguments_scan.h>

static const char *const choices[] = { "fat", "archive", "crunch", "direct", NULL };

enum {
	TEXT,
	PORT,
	FLAG,
	QUIET,
	IPV4,
	LIST,
	KIND,
	ADDRESSES,
	HOME,
	COUNT
};

static const struct argument table[COUNT] = {
	[TEXT] = { .names = "text,t", .value = "none" },
	[PORT] = { .names = "port,p",
	           .type = ARGUMENT_INT,
	           .minimum = 1,
	           .maximum = 65535,
	           .placeholder = "N" },
	[FLAG] = { .names = "flag,f", .type = ARGUMENT_FLAG },
	[QUIET] = { .names = "quiet,q", .type = ARGUMENT_FLAG },
	[IPV4] = { .names = "ipv4", .type = ARGUMENT_IPV4 },
	[LIST] = { .names = "list", .list = true, .value = "a,b" },
	[KIND] = { .names = "kind", .type = ARGUMENT_ENUM, .choices = choices },
	[ADDRESSES] = { .names = "addresses", .type = ARGUMENT_IPV4, .list = true },
	[HOME] = { .names = "home", .environment = "HOME_FOR_TEST" },
};

static struct argument_value values[COUNT];
static const char *operands[2];
static size_t operand_count;
static enum arguments_request request;
static struct arguments_error error;

static const char *environment(const char *name)
{
	return strcmp(name, "HOME_FOR_TEST") == 0 ? "/from/environment" : NULL;
}

/* Parse a NULL-terminated list of words behind the program's name. */
static int parse(const char *first, ...)
{
	const char *argv[32] = { "program" };
	int argc = 1;
	va_list words;

	va_start(words, first);
	for (const char *word = first; word != NULL; word = va_arg(words, const char *))
		argv[argc++] = word;
	va_end(words);
	return arguments_parse(table, COUNT, values, argc, argv, environment, operands, 2,
	                       &operand_count, &request, &error);
}

#define assert_refused(sentence, ...)                          \
	do {                                                   \
		assert_int_equal(parse(__VA_ARGS__), -EINVAL); \
		assert_string_equal(error.text, sentence);     \
	} while (0)

static void every_form_of_a_value_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("--text=a b", "-p", "80", "-f", "--ipv4", "10.0.0.2", NULL), 0);
	assert_string_equal(values[TEXT].string, "a b");
	assert_int_equal(values[PORT].integer, 80);
	assert_true(values[FLAG].boolean);
	assert_int_equal(values[IPV4].ipv4.bytes[3], 2);
	arguments_free(values, COUNT);

	assert_int_equal(parse("-p443", "--text=", "--flag=false", NULL), 0);
	assert_int_equal(values[PORT].integer, 443);
	assert_string_equal(values[TEXT].string, "");
	assert_true(values[FLAG].present && !values[FLAG].boolean);
	arguments_free(values, COUNT);
	assert_int_equal(parse("-t=x", NULL), 0);
	assert_string_equal(values[TEXT].string, "x");
	arguments_free(values, COUNT);
}

static void short_flags_combine_and_may_end_with_a_value(void **state)
{
	(void)state;
	assert_int_equal(parse("-fqp8", NULL), 0);
	assert_true(values[FLAG].boolean && values[QUIET].boolean);
	assert_int_equal(values[PORT].integer, 8);
	arguments_free(values, COUNT);
	assert_int_equal(parse("-fp", "9", NULL), 0);
	assert_int_equal(values[PORT].integer, 9);
	arguments_free(values, COUNT);
}

static void what_is_not_given_has_its_default_or_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL), 0);
	assert_string_equal(values[TEXT].string, "none");
	assert_false(values[TEXT].given);
	assert_true(values[TEXT].present);
	assert_false(values[PORT].present);
	assert_false(values[FLAG].present || values[FLAG].boolean);
	assert_int_equal(values[LIST].count, 2);
	assert_string_equal(values[LIST].items[1].string, "b");
	assert_string_equal(values[HOME].string, "/from/environment");
	assert_true(values[HOME].given);
	arguments_free(values, COUNT);
}

static void an_option_is_given_once_but_a_flag_as_often_as_one_likes(void **state)
{
	(void)state;
	assert_int_equal(parse("--list=x,y,z", "--list=q", NULL), -EINVAL);
	assert_string_equal(error.text, "option '--list' is given twice");
	assert_int_equal(parse("--home=a", "--home", "a", NULL), -EINVAL);
	assert_string_equal(error.text, "option '--home' is given twice");
	assert_int_equal(parse("--flag", "--flag=false", NULL), 0);
	assert_false(values[FLAG].boolean);
	arguments_free(values, COUNT);
}

static void operands_are_counted_and_follow_two_dashes(void **state)
{
	(void)state;
	assert_int_equal(parse("one", "--", "--text=x", NULL), 0);
	assert_int_equal(operand_count, 2);
	assert_string_equal(operands[1], "--text=x");
	assert_string_equal(values[TEXT].string, "none");
	arguments_free(values, COUNT);
	assert_refused("too many arguments, starting with 'three'", "one", "two", "three", NULL);
}

static void errors_are_sentences_that_say_what_to_do(void **state)
{
	(void)state;
	assert_refused("unknown option '--txet', did you mean '--text'?", "--txet=1", NULL);
	assert_refused("unknown option '--nothing-like-it'", "--nothing-like-it", NULL);
	assert_refused("unknown option '-z'", "-z", NULL);
	assert_refused("option '--port' needs a value: --port=N", "--port", NULL);
	assert_refused("option '--port' needs a value: --port=N", "--port", "--flag", NULL);
	assert_refused("option '--port': 'abc' is not an integer", "--port=abc", NULL);
	assert_refused("option '--port': 70000 is not between 1 and 65535", "--port", "70000",
	               NULL);
	assert_refused("option '--port': '99999999999999999999' is too large",
	               "--port=99999999999999999999", NULL);
	assert_refused("option '--ipv4': '10.0.0' is not an IPv4 address such as 192.0.2.1",
	               "--ipv4=10.0.0", NULL);
	assert_refused("option '--kind': 'fta' is not one of fat, archive, crunch, direct; "
	               "did you mean 'fat'?",
	               "--kind=fta", NULL);
	assert_refused("option '--flag' takes no value", "--flag=yes", NULL);
	assert_refused("option '--list': item 2 of the list is empty", "--list=a,,b", NULL);
	assert_refused("option '--addresses': 'x' is not an IPv4 address such as 192.0.2.1",
	               "--addresses=1.2.3.4,x", NULL);
	assert_refused("unknown option '--'", "--=x", NULL);
}

static void outside_text_is_escaped_and_cut_in_messages(void **state)
{
	char text[400];

	(void)state;
	assert_refused("option '--port': 'a\\x0ab' is not an integer", "--port=a\nb", NULL);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(parse("--port", text, NULL), -EINVAL);
	assert_non_null(strstr(error.text, "x…' is not an integer"));
	assert_true(strlen(error.text) < 120);
}

static void a_separate_value_may_be_a_negative_number_or_a_dash(void **state)
{
	(void)state;
	assert_int_equal(parse("--text", "-5", NULL), 0);
	assert_string_equal(values[TEXT].string, "-5");
	arguments_free(values, COUNT);
	assert_int_equal(parse("--text", "-", NULL), 0);
	assert_string_equal(values[TEXT].string, "-");
	arguments_free(values, COUNT);
	assert_refused("option '--text' needs a value: --text=TEXT", "--text", "-x", NULL);
}

static void help_wins_over_errors_but_not_behind_two_dashes(void **state)
{
	(void)state;
	assert_int_equal(parse("--nonsense", "--help", "--port=x", NULL), 0);
	assert_int_equal(request, ARGUMENTS_HELP);
	assert_int_equal(parse("--version", NULL), 0);
	assert_int_equal(request, ARGUMENTS_VERSION);
	assert_int_equal(parse("--version", "-h", NULL), 0);
	assert_int_equal(request, ARGUMENTS_HELP);
	assert_int_equal(parse("--", "--help", NULL), 0);
	assert_int_equal(request, ARGUMENTS_RUN);
	arguments_free(values, COUNT);
}

static void a_required_option_must_be_there(void **state)
{
	static const struct argument required = { .names = "site", .required = true };
	const char *argv[] = { "program", "--site=x" };
	struct argument_value value;

	(void)state;
	assert_int_equal(arguments_parse(&required, 1, &value, 1, argv, NULL, NULL, 0, NULL,
	                                 &request, &error),
	                 -EINVAL);
	assert_string_equal(error.text, "required option '--site=TEXT' is missing");
	assert_int_equal(arguments_parse(&required, 1, &value, 2, argv, NULL, NULL, 0, NULL,
	                                 &request, &error),
	                 0);
}

static void a_default_that_does_not_parse_is_reported_as_one(void **state)
{
	static const struct argument wrong = { .names = "n", .type = ARGUMENT_INT, .value = "x" };
	const char *argv[] = { "program" };
	struct argument_value value;

	(void)state;
	assert_int_equal(
		arguments_parse(&wrong, 1, &value, 1, argv, NULL, NULL, 0, NULL, &request, &error),
		-EINVAL);
	assert_string_equal(error.text, "default of option '-n': 'x' is not an integer");
}

static void one_option_is_found_without_knowing_the_others(void **state)
{
	static const char *const argv[] = { "--other", "-t",     "unix", "--file=a.c",  "--target",
		                            "hvt",     "--unix", "--",   "--target=spt" };

	(void)state;
	assert_string_equal(arguments_scan(9, argv, "target,t", false), "hvt");
	assert_string_equal(arguments_scan(3, argv, "target,t", false), "unix");
	assert_string_equal(arguments_scan(9, argv, "file,f", false), "a.c");
	assert_string_equal(arguments_scan(9, argv, "unix", true), "true");
	assert_null(arguments_scan(9, argv, "xen", true));
	assert_null(arguments_scan(5, argv, "target", false));
}

static void names_are_near_when_one_could_be_the_other(void **state)
{
	static const char *const names[] = { "unix", "hvt", "spt", "virtio" };

	(void)state;
	assert_string_equal(nearest_name("unxi", names, 4), "unix");
	assert_string_equal(nearest_name("vrtio", names, 4), "virtio");
	assert_null(nearest_name("windows", names, 4));
	assert_null(nearest_name("", names, 4));
	assert_int_equal(edit_distance("abc", "abc", 3), 0);
	assert_int_equal(edit_distance("abc", "acb", 3), 1);
	assert_int_equal(edit_distance("abc", "", 9), 3);
	assert_int_equal(edit_distance("kitten", "sitting", 9), 3);
	assert_int_equal(edit_distance("kitten", "sitting", 1), 2);
}

static void append(void *context, const char *text, size_t length)
{
	strncat(context, text, length);
}

static void a_page_is_filled_to_its_width_with_options_by_section(void **state)
{
	static const struct argument options[] = {
		{ .names = "one,o",
		  .value = "1",
		  .placeholder = "ONE",
		  .doc = "The first of all options there are.",
		  .section = "FIRST" },
		{ .names = "two",
		  .type = ARGUMENT_FLAG,
		  .doc = "Zwei, größer.",
		  .section = "SECOND" },
		{ .names = "three", .required = true, .section = "FIRST" },
	};
	static const struct manual_section section = {
		"DESCRIPTION",
		"One paragraph that is longer than a line.\n\nAnother:\n\n\tas it is\n\tand so"
	};
	const struct manual manual = { .name = "page",
		                       .summary = "a page",
		                       .synopsis = "[OPTION]…",
		                       .sections = &section,
		                       .section_count = 1,
		                       .arguments = options,
		                       .argument_count = 3 };
	char text[2048] = "";

	(void)state;
	manual_write(&manual, 36, append, text);
	assert_string_equal(
		text, "NAME\n       page - a page\n\n"
		      "SYNOPSIS\n       page [OPTION]…\n\n"
		      "DESCRIPTION\n       One paragraph that is longer\n       than a line.\n\n"
		      "       Another:\n\n         as it is\n         and so\n\n"
		      "FIRST\n       --one=ONE, -o ONE (absent=1)\n"
		      "           The first of all options\n           there are.\n\n"
		      "       --three=TEXT (required)\n\n"
		      "SECOND\n       --two\n           Zwei, größer.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_value_is_read),
		cmocka_unit_test(short_flags_combine_and_may_end_with_a_value),
		cmocka_unit_test(what_is_not_given_has_its_default_or_nothing),
		cmocka_unit_test(an_option_is_given_once_but_a_flag_as_often_as_one_likes),
		cmocka_unit_test(operands_are_counted_and_follow_two_dashes),
		cmocka_unit_test(errors_are_sentences_that_say_what_to_do),
		cmocka_unit_test(outside_text_is_escaped_and_cut_in_messages),
		cmocka_unit_test(a_separate_value_may_be_a_negative_number_or_a_dash),
		cmocka_unit_test(help_wins_over_errors_but_not_behind_two_dashes),
		cmocka_unit_test(a_required_option_must_be_there),
		cmocka_unit_test(a_default_that_does_not_parse_is_reported_as_one),
		cmocka_unit_test(one_option_is_found_without_knowing_the_others),
		cmocka_unit_test(names_are_near_when_one_could_be_the_other),
		cmocka_unit_test(a_page_is_filled_to_its_width_with_options_by_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
