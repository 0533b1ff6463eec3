// SPDX-License-Identifier: ISC
/* Version constraints: the tests are built as version 0.1.0. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/version.h"

static char path[] = "/tmp/test-version-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	int file = mkstemp(path);
	return file >= 0 ? close(file) : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

/* Check a configuration that begins with this line. */
static int check(const char *line)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "%s\n#include <mirage/config.h>\n", line);
	assert_int_equal(fclose(file), 0);
	return version_check(path);
}

/* What checking such a configuration prints. */
static const char *complaint(const char *line)
{
	static char text[1024];
	FILE *capture = tmpfile();
	int terminal = dup(STDERR_FILENO);

	assert_non_null(capture);
	dup2(fileno(capture), STDERR_FILENO);
	int result = check(line);
	dup2(terminal, STDERR_FILENO);
	close(terminal);
	rewind(capture);
	text[fread(text, 1, sizeof(text) - 1, capture)] = '\0';
	fclose(capture);
	assert_int_equal(result, text[0] != '\0' ? -EINVAL : 0);
	return text;
}

static void versions_are_compared_by_number(void **state)
{
	(void)state;
	assert_int_equal(version_compare("0.1.0", "0.1.0"), 0);
	assert_int_equal(version_compare("0.1", "0.1.0"), 0);
	assert_int_equal(version_compare("0.1.0", "0.1"), 0);
	assert_int_equal(version_compare("0.9", "0.10"), -1);
	assert_int_equal(version_compare("0.10", "0.9"), 1);
	assert_int_equal(version_compare("1", "0.99.99"), 1);
	assert_int_equal(version_compare("0.1.0", "0.1.0.1"), -1);
	assert_int_equal(version_compare("01.002", "1.2"), 0);
	assert_int_equal(version_compare("", ""), 0);
	assert_int_equal(version_compare("a", "b"), 0);
	assert_int_equal(version_compare("1.a", "1.b"), 0);
}

static void a_constraint_that_holds_is_no_error(void **state)
{
	static const char *const lines[] = {
		"// mirage >= 0.1.0",          "// mirage >= 0.1.0 & < 1.0.0",
		"// mirage>=0.1&<1",           "/* mirage >= 0.1.0 & < 1.0.0 */",
		"/* mirage = 0.1.0 */ int i;", "  // mirage != 0.2.0",
		"//mirage <= 0.1.0",           "// mirage > 0.0.9\r",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_string_equal(complaint(lines[i]), "");
}

static void a_constraint_that_does_not_hold_is_one(void **state)
{
	static const char *const newer[] = { "// mirage >= 0.1.1", "// mirage > 0.1.0",
		                             "// mirage = 0.2.0", "// mirage >= 0.1.0 & >= 0.2" };
	static const char *const older[] = { "// mirage < 0.1.0", "// mirage <= 0.0.9",
		                             "// mirage = 0.0.1", "/* mirage >= 0.1 & < 0.1 */" };

	(void)state;
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++) {
		assert_non_null(strstr(complaint(newer[i]), "this project wants mirage "));
		assert_non_null(strstr(complaint(newer[i]), "hint: install a newer mirage"));
	}
	for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
		assert_non_null(strstr(complaint(older[i]), "this project wants mirage "));
		assert_non_null(strstr(complaint(older[i]), "hint: install an older mirage"));
	}
	assert_non_null(strstr(complaint("// mirage >= 0.1 & < 0.1.0"),
	                       ":1:10: error: this project wants mirage < 0.1.0; this is 0.1.0"));
	assert_int_equal(check("// mirage != 0.1.0"), -EINVAL);
}

static void a_constraint_that_cannot_be_read_is_an_error(void **state)
{
	static const char *const lines[] = {
		"// mirage == 0.1.0",
		"// mirage => 0.1.0",
		"// mirage << 0.1.0",
		"// mirage <> 0.1.0",
		"// mirage ! 0.1.0",
		"// mirage >=",
		"// mirage >= x",
		"// mirage >= 0.1.0-rc1",
		"// mirage >= 0.1.0 < 1.0.0",
		"// mirage >= 0.1.0 | < 1.0.0",
		"// mirage >= 0.1.0 & newest",
		"// mirage >= 0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_non_null(
			strstr(complaint(lines[i]), "this version constraint cannot be read"));
}

static void other_beginnings_are_no_constraint(void **state)
{
	static const char *const lines[] = {
		"",
		"#include <mirage/config.h>",
		"// SPDX-License-Identifier: ISC",
		"// The configuration of mirage >= 9",
		"// mirage says hello!",
		"// mirage's first step => hello",
		"// mirages >= 9",
		"// mirage",
		"mirage >= 9",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_string_equal(complaint(lines[i]), "");
}

static void a_file_that_cannot_be_read_is_reported(void **state)
{
	(void)state;
	assert_int_equal(version_check("/nowhere/config.c"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_compared_by_number),
		cmocka_unit_test(a_constraint_that_holds_is_no_error),
		cmocka_unit_test(a_constraint_that_does_not_hold_is_one),
		cmocka_unit_test(a_constraint_that_cannot_be_read_is_an_error),
		cmocka_unit_test(other_beginnings_are_no_constraint),
		cmocka_unit_test(a_file_that_cannot_be_read_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
