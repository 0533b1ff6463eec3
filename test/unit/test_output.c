// SPDX-License-Identifier: ISC
/* Generated files: all or none, and never the user's. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/output.h"

static char folder[] = "/tmp/test-output-XXXXXX";
static struct output output;

static int set_up(void **state)
{
	(void)state;
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	output.count = 0;
	return mkdtemp(folder) != NULL ? chdir(folder) : -1;
}

static int tear_down(void **state)
{
	char command[64];

	(void)state;
	output_free(&output);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir("/") != 0 || system(command) != 0;
}

static void add(const char *path, const char *text)
{
	FILE *file = output_begin(&output, path, OUTPUT_MARK);

	assert_non_null(file);
	fprintf(file, OUTPUT_MARK "\n%s", text);
	assert_int_equal(output_end(&output), 0);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void files_and_their_folder_are_written(void **state)
{
	(void)state;
	add("one", "1");
	add("sub/two", "2");
	assert_int_equal(output_commit(&output, false), 0);
	assert_true(exists("one") && exists("sub/two"));
	assert_false(exists("one.mirage-new") || exists("sub/two.mirage-new"));
	assert_string_equal(output_text(&output, "one"), OUTPUT_MARK "\n1");
	assert_null(output_text(&output, "three"));
}

static void a_foreign_file_keeps_all_others_from_being_written(void **state)
{
	char text[16] = "";

	(void)state;
	write_file("two", "the user's");
	add("one", "1");
	add("two", "2");
	assert_int_equal(output_commit(&output, false), -EINVAL);
	assert_false(exists("one") || exists("one.mirage-new"));
	FILE *file = fopen("two", "r");
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "the user's");
}

static void a_file_that_cannot_be_written_leaves_none(void **state)
{
	(void)state;
	assert_int_equal(mkdir("two.mirage-new", 0700), 0);
	add("one", "1");
	add("two", "2");
	assert_int_equal(output_commit(&output, false), -EINVAL);
	assert_false(exists("one") || exists("two") || exists("one.mirage-new"));
}

static void what_did_not_change_is_not_touched(void **state)
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct stat status;

	(void)state;
	add("one", "1");
	assert_int_equal(output_commit(&output, false), 0);
	assert_int_equal(utimensat(AT_FDCWD, "one", old, 0), 0);
	assert_int_equal(output_commit(&output, false), 0);
	assert_int_equal(stat("one", &status), 0);
	assert_int_equal(status.st_mtim.tv_sec, 1000);
}

static void an_earlier_version_of_ours_is_replaced(void **state)
{
	(void)state;
	write_file("one", "# " OUTPUT_MARK " long ago\n");
	add("one", "1");
	assert_int_equal(output_commit(&output, false), 0);
}

static void a_dry_run_writes_nothing(void **state)
{
	(void)state;
	add("one", "1");
	assert_int_equal(output_commit(&output, true), 0);
	assert_false(exists("one") || exists("one.mirage-new"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_and_their_folder_are_written),
		TEST(a_foreign_file_keeps_all_others_from_being_written),
		TEST(a_file_that_cannot_be_written_leaves_none),
		TEST(what_did_not_change_is_not_touched),
		TEST(an_earlier_version_of_ours_is_replaced),
		TEST(a_dry_run_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
