// SPDX-License-Identifier: ISC
/* "Did you mean": distances between names, and the nearest of several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/arguments.h>

struct pair {
	const char *a;
	const char *b;
	size_t distance;
};

static void the_distance_counts_inserted_deleted_replaced_and_swapped_letters(void **state)
{
	static const struct pair pairs[] = {
		{ "", "", 0 },
		{ "unix", "unix", 0 },
		{ "unix", "", 4 },
		{ "unix", "unixx", 1 },
		{ "unix", "nix", 1 },
		{ "unix", "enix", 1 },
		{ "unix", "nuix", 1 },
		{ "unix", "uinx", 1 },
		{ "unix", "unxi", 1 },
		{ "ab", "ba", 1 },
		{ "abcd", "badc", 2 },
		{ "kitten", "sitting", 3 },
		{ "Unix", "unix", 1 },
		/* Letters that were swapped are not edited again: the "alignment" distance. */
		{ "ca", "abc", 3 },
		{ "log-level", "loglevel", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(edit_distance(pairs[i].a, pairs[i].b, 10), pairs[i].distance);
		assert_int_equal(edit_distance(pairs[i].b, pairs[i].a, 10), pairs[i].distance);
	}
}

static void a_distance_is_never_above_the_limit_by_more_than_one(void **state)
{
	(void)state;
	assert_int_equal(edit_distance("kitten", "sitting", 3), 3);
	assert_int_equal(edit_distance("kitten", "sitting", 2), 3);
	assert_int_equal(edit_distance("kitten", "sitting", 1), 2);
	assert_int_equal(edit_distance("kitten", "sitting", 0), 1);
	assert_int_equal(edit_distance("kitten", "kitten", 0), 0);
}

static void names_of_63_letters_are_compared_and_longer_ones_are_far(void **state)
{
	char a[65], b[65];

	(void)state;
	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	a[63] = b[63] = '\0';
	assert_int_equal(edit_distance(a, b, 5), 0);
	b[0] = 'y';
	assert_int_equal(edit_distance(a, b, 5), 1);
	memset(b, 'y', 63);
	assert_int_equal(edit_distance(a, b, 100), 63);
	assert_int_equal(edit_distance(a, "", 100), 63);

	memset(a, 'x', 64);
	memset(b, 'x', 64);
	a[64] = b[64] = '\0';
	assert_int_equal(edit_distance(a, b, 5), 0);
	b[0] = 'y';
	assert_int_equal(edit_distance(a, b, 5), 6);
	assert_int_equal(edit_distance(b, a, 5), 6);
}

static void the_nearest_name_is_found_wherever_it_stands(void **state)
{
	static const char *const names[] = { "configure", "depends", "build", "run",
		                             "clean",     "query",   "new",   "help" };
	const size_t count = sizeof(names) / sizeof(names[0]);

	(void)state;
	assert_string_equal(nearest_name("confgure", names, count), "configure");
	assert_string_equal(nearest_name("biuld", names, count), "build");
	assert_string_equal(nearest_name("hlep", names, count), "help");
	assert_string_equal(nearest_name("run", names, count), "run");
	assert_string_equal(nearest_name("rn", names, count), "run");
	assert_string_equal(nearest_name("claen", names, count), "clean");
}

static void the_first_of_equally_near_names_is_taken(void **state)
{
	static const char *const names[] = { "port-b", "port-c", "port-d" };

	(void)state;
	assert_string_equal(nearest_name("port-a", names, 3), "port-b");
	assert_string_equal(nearest_name("port-d", names, 3), "port-d");
}

static void what_is_unlike_all_names_has_none(void **state)
{
	static const char *const names[] = { "unix", "hvt", "spt", "t" };

	(void)state;
	assert_null(nearest_name("windows", names, 4));
	assert_null(nearest_name("", names, 4));
	assert_null(nearest_name("unix", names, 0));
	/* Replacing the only letter is no resemblance. */
	assert_null(nearest_name("x", names, 4));
	assert_string_equal(nearest_name("t", names, 4), "t");
	/* Two letters of four are more than a third. */
	assert_null(nearest_name("unabc", names, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_distance_counts_inserted_deleted_replaced_and_swapped_letters),
		cmocka_unit_test(a_distance_is_never_above_the_limit_by_more_than_one),
		cmocka_unit_test(names_of_63_letters_are_compared_and_longer_ones_are_far),
		cmocka_unit_test(the_nearest_name_is_found_wherever_it_stands),
		cmocka_unit_test(the_first_of_equally_near_names_is_taken),
		cmocka_unit_test(what_is_unlike_all_names_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
