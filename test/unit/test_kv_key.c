/* SPDX-License-Identifier: ISC */
/*
 * Keys: what is one and what is not, and their parts.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/kv_key.h>

static void expect_text(struct kv_key key, const char *text)
{
	assert_int_equal(key.length, strlen(text));
	assert_memory_equal(key.text, text, key.length);
}

static struct kv_key key_of(const char *text)
{
	struct kv_key key;

	assert_int_equal(kv_key_check(text, &key), 0);
	return key;
}

static void a_slash_in_front_makes_no_difference(void **state)
{
	(void)state;
	expect_text(key_of("a/b"), "a/b");
	expect_text(key_of("/a/b"), "a/b");
	expect_text(key_of(""), "");
	expect_text(key_of("/"), "");
}

static void what_could_mean_something_else_is_no_key(void **state)
{
	static const char *const bad[] = { "..",  "a/..", "../a", "a/../b", ".",  "a/.",
		                           "./a", "//",   "//a",  "a//b",   "a/", "a//",
		                           "/a/", "/..",  "/.",   "a/./b" };
	static const char *const good[] = {
		"...", "..a", "a..", ".a", "a b", "\xff\xfe", "a/.b/..c"
	};
	struct kv_key key;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(kv_key_check(bad[i], &key), -EINVAL);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		expect_text(key_of(good[i]), good[i]);
}

static void a_key_has_a_limit_to_the_byte(void **state)
{
	char text[KV_KEY_LENGTH_MAX + 3];
	struct kv_key key;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = '/';
	text[KV_KEY_LENGTH_MAX + 1] = '\0';
	assert_int_equal(kv_key_check(text, &key), 0);
	assert_int_equal(key.length, KV_KEY_LENGTH_MAX);
	text[KV_KEY_LENGTH_MAX + 1] = 'x';
	text[KV_KEY_LENGTH_MAX + 2] = '\0';
	assert_int_equal(kv_key_check(text, &key), -ENAMETOOLONG);
}

static void parts_make_up_the_whole(void **state)
{
	struct kv_key rest = key_of("one/two/three"), segment;

	(void)state;
	expect_text(kv_key_parent(rest), "one/two");
	expect_text(kv_key_last(rest), "three");
	expect_text(kv_key_parent(key_of("one")), "");
	expect_text(kv_key_last(key_of("one")), "one");
	expect_text(kv_key_parent(key_of("")), "");
	expect_text(kv_key_last(key_of("")), "");
	assert_true(kv_key_next(&rest, &segment));
	expect_text(segment, "one");
	assert_true(kv_key_next(&rest, &segment));
	expect_text(segment, "two");
	assert_true(kv_key_next(&rest, &segment));
	expect_text(segment, "three");
	assert_false(kv_key_next(&rest, &segment));
}

static void below_means_a_whole_segment_further(void **state)
{
	(void)state;
	assert_true(kv_key_is_below(key_of("a/b"), key_of("a")));
	assert_true(kv_key_is_below(key_of("a"), key_of("")));
	assert_false(kv_key_is_below(key_of("ab"), key_of("a")));
	assert_false(kv_key_is_below(key_of("a"), key_of("a")));
	assert_false(kv_key_is_below(key_of("a"), key_of("a/b")));
	assert_false(kv_key_is_below(key_of(""), key_of("")));
	assert_true(kv_key_equal(key_of("/a"), key_of("a")));
	assert_false(kv_key_equal(key_of("a"), key_of("b")));
}

static void paths_from_outside_cannot_leave_the_root(void **state)
{
	static const char *const pairs[][2] = {
		{ "/static//img/./logo.png", "static/img/logo.png" },
		{ "a/b/../c", "a/c" },
		{ "a/..", "" },
		{ "a/../b/", "b" },
		{ "", "" },
		{ "///", "" },
		{ "...", "..." },
	};
	static const char *const out[] = { "..", "/..", "a/../..", "a/../../b", "./../x" };
	char text[KV_KEY_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(kv_key_normalise(pairs[i][0], text, sizeof(text)), 0);
		assert_string_equal(text, pairs[i][1]);
	}
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		assert_int_equal(kv_key_normalise(out[i], text, sizeof(text)), -EINVAL);
	assert_int_equal(kv_key_normalise("abc", text, 4), 0);
	assert_int_equal(kv_key_normalise("abc", text, 3), -ENAMETOOLONG);
	assert_int_equal(kv_key_normalise("a/c", text, 3), -ENAMETOOLONG);
	assert_int_equal(kv_key_normalise("", text, 0), -ENAMETOOLONG);
}

static void joining_checks_the_room(void **state)
{
	char text[8];

	(void)state;
	assert_int_equal(kv_key_join(key_of("abc"), key_of("def"), text, sizeof(text)), 0);
	assert_string_equal(text, "abc/def");
	assert_int_equal(kv_key_join(key_of("abc"), key_of("defg"), text, sizeof(text)),
	                 -ENAMETOOLONG);
	assert_int_equal(kv_key_join(key_of(""), key_of("def"), text, sizeof(text)), 0);
	assert_string_equal(text, "def");
	assert_int_equal(kv_key_join(key_of("abc"), key_of(""), text, sizeof(text)), 0);
	assert_string_equal(text, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slash_in_front_makes_no_difference),
		cmocka_unit_test(what_could_mean_something_else_is_no_key),
		cmocka_unit_test(a_key_has_a_limit_to_the_byte),
		cmocka_unit_test(parts_make_up_the_whole),
		cmocka_unit_test(below_means_a_whole_segment_further),
		cmocka_unit_test(paths_from_outside_cannot_leave_the_root),
		cmocka_unit_test(joining_checks_the_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
