// SPDX-License-Identifier: ISC
#include "targets/bare/command_line.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Split a copy of `text` on the heap, so that a byte too far is seen; check against `expected`. */
static void check_words(const char *text, size_t count, const char *const expected[])
{
	char *line = strdup(text);
	size_t room = command_line_words_max(strlen(text));
	const char **words = calloc(room, sizeof(*words));

	assert_non_null(line);
	assert_non_null(words);
	assert_int_equal(command_line_split(line, words, room), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(words[i], expected[i]);
	assert_null(words[count]);
	free(words);
	free(line);
}

#define CHECK(text, ...)                                                            \
	check_words(text, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
	            (const char *[]){ __VA_ARGS__ })

static void words_are_what_lies_between_blanks(void **state)
{
	(void)state;
	check_words("", 0, NULL);
	check_words(" \t\r\n ", 0, NULL);
	CHECK("a", "a");
	CHECK("  a\tb  c ", "a", "b", "c");
	CHECK("--hello=Hola! -l *:debug", "--hello=Hola!", "-l", "*:debug");
}

static void quotes_keep_blanks_and_vanish(void **state)
{
	(void)state;
	CHECK("--hello=\"Hello World!\" x", "--hello=Hello World!", "x");
	CHECK("'a  b'c\"d e\"", "a  bcd e");
	CHECK("\"it's\" 'say \"so\"'", "it's", "say \"so\"");
	CHECK("'' \"\"", "", "");
	CHECK("'never closed  ", "never closed  ");
	CHECK("x\"", "x");
}

static void a_backslash_takes_the_next_character_as_it_is(void **state)
{
	(void)state;
	CHECK("a\\ b", "a b");
	CHECK("\\\"a\\\\", "\"a\\");
	CHECK("\"a\\\"b\"", "a\"b");
	CHECK("'a\\b'", "a\\b");
	CHECK("a\\", "a\\");
}

static void the_longest_lists_fit_what_words_max_says(void **state)
{
	char line[64];

	(void)state;
	for (size_t length = 0; length < sizeof(line); length++) {
		const char *words[64];

		for (size_t i = 0; i < length; i++)
			line[i] = i % 2 == 0 ? 'x' : ' ';
		line[length] = '\0';
		size_t room = command_line_words_max(length);
		int count = command_line_split(line, words, room);

		assert_int_equal(count, (length + 1) / 2);
		assert_true((size_t)count < room);
	}
}

static void words_without_room_for_them_are_refused(void **state)
{
	const char *words[3] = { NULL };
	char three[] = "a b c", two[] = "a b";

	(void)state;
	assert_int_equal(command_line_split(three, words, 3), -E2BIG);
	assert_int_equal(command_line_split(two, words, 3), 2);
	assert_int_equal(command_line_split(two, words, 0), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_what_lies_between_blanks),
		cmocka_unit_test(quotes_keep_blanks_and_vanish),
		cmocka_unit_test(a_backslash_takes_the_next_character_as_it_is),
		cmocka_unit_test(the_longest_lists_fit_what_words_max_says),
		cmocka_unit_test(words_without_room_for_them_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
