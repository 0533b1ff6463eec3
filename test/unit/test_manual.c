// SPDX-License-Identifier: ISC
/* The page of a program, as it must look at a width of 60. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <mirage/arguments.h>

static char page[8192];

static void append(void *context, const char *text, size_t length)
{
	size_t used = strlen(page);

	assert_ptr_equal(context, page);
	assert_true(used + length < sizeof(page));
	memcpy(page + used, text, length);
	page[used + length] = '\0';
}

static const char *write_page(const struct manual *manual, unsigned width)
{
	page[0] = '\0';
	manual_write(manual, width, append, page);
	return page;
}

/* The page of a program that has one section with this text. */
static const char *write_text(const char *text, unsigned width)
{
	const struct manual_section section = { "TEXT", text };
	const struct manual manual = {
		.name = "p", .summary = "s", .sections = &section, .section_count = 1
	};
	static const char before[] = "NAME\n       p - s\n\nTEXT\n";

	write_page(&manual, width);
	assert_memory_equal(page, before, sizeof(before) - 1);
	return page + sizeof(before) - 1;
}

static void a_page_has_its_parts_in_order(void **state)
{
	static const char *const kinds[] = { "fat", "crunch", NULL };
	static const struct argument options[] = {
		{ .names = "hello,l",
		  .value = "Hello World!",
		  .doc = "How to say hello, at some length so that the line is broken.",
		  .section = "UNIKERNEL PARAMETERS" },
		{ .names = "quiet,q", .type = ARGUMENT_FLAG, .doc = "Say less." },
		{ .names = "port,p,P",
		  .type = ARGUMENT_INT,
		  .placeholder = "PORT",
		  .required = true,
		  .doc = "Where to listen.\n\nThe first 1024 want privilege:\n\n"
		         "\tsudo it --port=80",
		  .section = "UNIKERNEL PARAMETERS" },
		{ .names = "kind",
		  .type = ARGUMENT_ENUM,
		  .choices = kinds,
		  .value = "fat",
		  .environment = "HELLO_KIND" },
		{ .names = "v", .type = ARGUMENT_FLAG, .value = "true", .doc = "Say more." },
	};
	static const struct manual_section sections[] = {
		{ "DESCRIPTION", "The first paragraph is filled to the width of the\n"
		                 "page, whatever its own lines are.\n\n\nThe second." },
		{ "EXAMPLES", "Say hello:\n\n\thello --hello='a very long line that is not broken "
		              "at all'\n\t  --quiet\n\nand nothing else." },
	};
	static const struct manual_section end[] = {
		{ "EXIT STATUS", "0, or not." },
	};
	const struct manual manual = {
		.name = "hello",
		.summary = "say hello",
		.synopsis = "[OPTION]… FILE",
		.sections = sections,
		.section_count = 2,
		.arguments = options,
		.argument_count = 5,
		.end_sections = end,
		.end_section_count = 1,
	};

	(void)state;
	assert_string_equal(write_page(&manual, 60),
	                    "NAME\n"
	                    "       hello - say hello\n"
	                    "\n"
	                    "SYNOPSIS\n"
	                    "       hello [OPTION]… FILE\n"
	                    "\n"
	                    "DESCRIPTION\n"
	                    "       The first paragraph is filled to the width of the\n"
	                    "       page, whatever its own lines are.\n"
	                    "\n"
	                    "       The second.\n"
	                    "\n"
	                    "EXAMPLES\n"
	                    "       Say hello:\n"
	                    "\n"
	                    "         hello --hello='a very long line that is not broken at all'\n"
	                    "           --quiet\n"
	                    "\n"
	                    "       and nothing else.\n"
	                    "\n"
	                    "UNIKERNEL PARAMETERS\n"
	                    "       --hello=TEXT, -l TEXT (absent=Hello World!)\n"
	                    "           How to say hello, at some length so that the line\n"
	                    "           is broken.\n"
	                    "\n"
	                    "       --port=PORT, -p PORT, -P PORT (required)\n"
	                    "           Where to listen.\n"
	                    "\n"
	                    "           The first 1024 want privilege:\n"
	                    "\n"
	                    "             sudo it --port=80\n"
	                    "\n"
	                    "OPTIONS\n"
	                    "       --quiet, -q\n"
	                    "           Say less.\n"
	                    "\n"
	                    "       --kind=CHOICE (absent=fat) (environment HELLO_KIND)\n"
	                    "\n"
	                    "       -v\n"
	                    "           Say more.\n"
	                    "\n"
	                    "EXIT STATUS\n"
	                    "       0, or not.\n");
}

static void a_page_without_synopsis_or_options_has_only_a_name(void **state)
{
	const struct manual without = { .name = "p", .summary = "s" };
	const struct manual empty = { .name = "p", .summary = "s", .synopsis = "" };

	(void)state;
	assert_string_equal(write_page(&without, 60), "NAME\n       p - s\n");
	assert_string_equal(write_page(&empty, 60), "NAME\n       p - s\n");
}

static void a_line_may_end_at_the_width_but_not_behind_it(void **state)
{
	(void)state;
	assert_string_equal(write_text("12345 789", 16), "       12345 789\n");
	assert_string_equal(write_text("12345 7890", 16), "       12345\n       7890\n");
}

static void a_letter_takes_one_column_however_many_bytes_it_has(void **state)
{
	(void)state;
	assert_string_equal(write_text("äöüß→ …é€", 16), "       äöüß→ …é€\n");
	assert_string_equal(write_text("äöüß→ …é€x", 16), "       äöüß→\n       …é€x\n");
}

static void a_word_that_is_wider_than_the_page_has_its_own_line(void **state)
{
	(void)state;
	assert_string_equal(write_text("a immeasurable b", 12),
	                    "       a\n       immeasurable\n       b\n");
	assert_string_equal(write_text("a b", 0), "       a\n       b\n");
}

static void blanks_around_words_and_paragraphs_do_not_matter(void **state)
{
	(void)state;
	/* Must end: a text that is read in circles runs into the alarm. */
	alarm(20);
	assert_string_equal(write_text("  one   two  ", 60), "       one two\n");
	assert_string_equal(write_text("one \n\ntwo", 60), "       one\n\n       two\n");
	assert_string_equal(write_text("one\n \n two", 60), "       one\n\n       two\n");
	assert_string_equal(write_text("one\n\n", 60), "       one\n");
	assert_string_equal(write_text("one \n \n ", 60), "       one\n");
	assert_string_equal(write_text("\tliteral \n \nword", 60),
	                    "         literal \n\n       word\n");
	assert_string_equal(write_text("", 60), "");
	assert_string_equal(write_text("  ", 60), "");
	alarm(0);
}

static void literal_lines_keep_their_blanks_and_may_follow_a_paragraph_at_once(void **state)
{
	(void)state;
	assert_string_equal(write_text("one:\n\t a  b\n\tc\ntwo", 60),
	                    "       one:\n          a  b\n         c\n       two\n");
	assert_string_equal(write_text("\ta\n\n\tb", 60), "         a\n\n         b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_has_its_parts_in_order),
		cmocka_unit_test(a_page_without_synopsis_or_options_has_only_a_name),
		cmocka_unit_test(a_line_may_end_at_the_width_but_not_behind_it),
		cmocka_unit_test(a_letter_takes_one_column_however_many_bytes_it_has),
		cmocka_unit_test(a_word_that_is_wider_than_the_page_has_its_own_line),
		cmocka_unit_test(blanks_around_words_and_paragraphs_do_not_matter),
		cmocka_unit_test(
			literal_lines_keep_their_blanks_and_may_follow_a_paragraph_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
