/* SPDX-License-Identifier: ISC */
/*
 * crunch: lookups in an index. What `mirage crunch` makes is tested in test/e2e/crunch.bats.
 */
#include "test/unit/kv_checks.h"

#include <mirage/crunch.h>

#define BYTES(text) .bytes = (const uint8_t *)(text), .length = sizeof(text) - 1

static const struct crunch_file files[] = {
	{ .path = "a", BYTES("one"), .modified = 7, .digest = { 1 } },
	{ .path = "b/c", BYTES("two"), .modified = 5 },
	{ .path = "b/d/e", BYTES("three"), .modified = 50 },
	{ .path = "b/f", BYTES(""), .modified = 6 },
	{ .path = "b0", BYTES("four") },
	{ .path = "\xc3\xa9", BYTES("five") },
};

static const struct crunch_index index_of_files = { .files = files, .count = 6 };
static const struct crunch_index empty_index = { .files = NULL, .count = 0 };
static const struct crunch crunch = { .index = &index_of_files };
static const struct crunch empty = { .index = &empty_index };
static const struct kv_ro store = { .ops = &crunch_ops, .self = &crunch };
static const struct kv_ro empty_store = { .ops = &crunch_ops, .self = &empty };

static void values_are_where_they_lie(void **state)
{
	struct kv_value value;

	(void)state;
	for (size_t i = 0; i < index_of_files.count; i++) {
		assert_int_equal(kv_ro_get(&store, files[i].path, &value), 0);
		assert_ptr_equal(value.bytes, files[i].bytes);
		assert_int_equal(value.length, files[i].length);
		kv_value_release(&value);
	}
}

static void nothing_else_is_there(void **state)
{
	static const char *const missing[] = { "aa",   "A",   "b/",  "b/d/e/f",
		                               "b/cc", "b/0", "zzz", "b-" };
	struct kv_value value;
	enum kv_kind kind;

	(void)state;
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		int expected = strcmp(missing[i], "b/") == 0 ? -EINVAL : -ENOENT;

		assert_int_equal(kv_ro_get(&store, missing[i], &value), expected);
		assert_null(value.bytes);
	}
	assert_int_equal(kv_ro_get(&store, "b", &value), -EISDIR);
	assert_int_equal(kv_ro_get(&store, "b/d", &value), -EISDIR);
	assert_int_equal(kv_ro_exists(&store, "b/d", &kind), 0);
	assert_int_equal(kind, KV_DICTIONARY);
	assert_int_equal(kv_ro_exists(&store, "b/e", &kind), 0);
	assert_int_equal(kind, KV_NONE);
}

static void dictionaries_are_listed_in_order(void **state)
{
	(void)state;
	kv_expect_list(&store, "", "a b/ b0 \xc3\xa9");
	kv_expect_list(&store, "b", "c d/ f");
	kv_expect_list(&store, "b/d", "e");
	kv_expect_list(&empty_store, "", "");
}

static void parts_sizes_times_and_digests_are_the_indexs(void **state)
{
	uint8_t digest[KV_DIGEST_SIZE];
	nanoseconds wall = 1;
	uint64_t size = 0;
	char bytes[8];

	(void)state;
	assert_int_equal(kv_ro_get_part(&store, "b/d/e", 1, bytes, 3), 3);
	assert_memory_equal(bytes, "hre", 3);
	assert_int_equal(kv_ro_get_part(&store, "b/d/e", 3, bytes, 8), 2);
	assert_int_equal(kv_ro_get_part(&store, "b/d/e", 5, bytes, 8), 0);
	assert_int_equal(kv_ro_size(&store, "b/d/e", &size), 0);
	assert_int_equal(size, 5);
	assert_int_equal(kv_ro_last_modified(&store, "a", &wall), 0);
	assert_int_equal(wall, 7);
	assert_int_equal(kv_ro_last_modified(&store, "b", &wall), 0);
	assert_int_equal(wall, 6);
	assert_int_equal(kv_ro_digest(&store, "a", digest), 0);
	assert_int_equal(digest[0], 1);
	assert_int_equal(kv_ro_digest(&store, "b", digest), 0);
	assert_int_equal(kv_ro_digest(&empty_store, "", digest), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_where_they_lie),
		cmocka_unit_test(nothing_else_is_there),
		cmocka_unit_test(dictionaries_are_listed_in_order),
		cmocka_unit_test(parts_sizes_times_and_digests_are_the_indexs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
