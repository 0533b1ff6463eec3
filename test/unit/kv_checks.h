/* SPDX-License-Identifier: ISC */
/*
 * What every kv_rw promises, as checks that the test of each store runs on an empty one.
 */
#ifndef TEST_UNIT_KV_CHECKS_H
#define TEST_UNIT_KV_CHECKS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/kv_rw.h>

static inline void kv_put(const struct kv_rw *kv, const char *key, const char *text)
{
	assert_int_equal(kv_rw_set(kv, key, text, strlen(text)), 0);
}

static inline enum kv_kind kv_kind_at(const struct kv_rw *kv, const char *key)
{
	struct kv_ro reader = kv_rw_reader(kv);
	enum kv_kind kind = KV_NONE;

	assert_int_equal(kv_ro_exists(&reader, key, &kind), 0);
	return kind;
}

static inline int kv_get_error(const struct kv_rw *kv, const char *key)
{
	struct kv_ro reader = kv_rw_reader(kv);
	struct kv_value value;
	int error = kv_ro_get(&reader, key, &value);

	kv_value_release(&value);
	return error;
}

static inline void kv_expect_bytes(const struct kv_rw *kv, const char *key, const void *bytes,
                                   size_t length)
{
	struct kv_ro reader = kv_rw_reader(kv);
	struct kv_value value;
	uint64_t size = 0;

	assert_int_equal(kv_ro_get(&reader, key, &value), 0);
	assert_int_equal(value.length, length);
	if (length > 0)
		assert_memory_equal(value.bytes, bytes, length);
	kv_value_release(&value);
	assert_int_equal(kv_ro_size(&reader, key, &size), 0);
	assert_int_equal(size, length);
}

static inline void kv_expect(const struct kv_rw *kv, const char *key, const char *text)
{
	kv_expect_bytes(kv, key, text, strlen(text));
}

struct kv_names {
	char names[64][64]; /* "name" or "name/" */
	size_t count;
};

static inline int kv_collect(void *context, const char *name, enum kv_kind kind)
{
	struct kv_names *names = context;

	assert_true(names->count < 64);
	snprintf(names->names[names->count++], 64, "%s%s", name, kind == KV_DICTIONARY ? "/" : "");
	return 0;
}

static inline int kv_names_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The entries of a dictionary, sorted and joined with spaces; dictionaries end in a slash. */
static inline void kv_expect_list(const struct kv_ro *reader, const char *key, const char *expected)
{
	struct kv_names names = { .count = 0 };
	char joined[4096] = "";

	assert_int_equal(kv_ro_list(reader, key, kv_collect, &names), 0);
	qsort(names.names, names.count, sizeof(names.names[0]), kv_names_order);
	for (size_t i = 0; i < names.count; i++)
		snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%s",
		         i > 0 ? " " : "", names.names[i]);
	assert_string_equal(joined, expected);
}

static inline void kv_expect_entries(const struct kv_rw *kv, const char *key, const char *expected)
{
	struct kv_ro reader = kv_rw_reader(kv);

	kv_expect_list(&reader, key, expected);
}

static inline int kv_list_error(const struct kv_rw *kv, const char *key)
{
	struct kv_ro reader = kv_rw_reader(kv);
	struct kv_names names = { .count = 0 };

	return kv_ro_list(&reader, key, kv_collect, &names);
}

static inline void kv_values_are_set_and_got(const struct kv_rw *kv)
{
	kv_put(kv, "greeting", "hello");
	kv_expect(kv, "greeting", "hello");
	kv_expect(kv, "/greeting", "hello");
	kv_put(kv, "greeting", "good evening");
	kv_expect(kv, "greeting", "good evening");
	kv_put(kv, "greeting", "");
	kv_expect(kv, "greeting", "");
	kv_put(kv, "a/b/c", "deep");
	kv_expect(kv, "a/b/c", "deep");
	assert_int_equal(kv_kind_at(kv, "a"), KV_DICTIONARY);
	assert_int_equal(kv_kind_at(kv, "a/b"), KV_DICTIONARY);
	assert_int_equal(kv_kind_at(kv, "a/b/c"), KV_VALUE);
	assert_int_equal(kv_kind_at(kv, "a/b/c/d"), KV_NONE);
	assert_int_equal(kv_kind_at(kv, "a/b2"), KV_NONE);
	assert_int_equal(kv_kind_at(kv, ""), KV_DICTIONARY);
	assert_int_equal(kv_kind_at(kv, "/"), KV_DICTIONARY);
	kv_expect_entries(kv, "", "a/ greeting");
	kv_expect_entries(kv, "a", "b/");
	kv_expect_entries(kv, "a/b", "c");
}

static inline void kv_parts_are_got(const struct kv_rw *kv)
{
	struct kv_ro reader = kv_rw_reader(kv);
	char bytes[16];

	kv_put(kv, "digits", "0123456789");
	assert_int_equal(kv_ro_get_part(&reader, "digits", 3, bytes, 4), 4);
	assert_memory_equal(bytes, "3456", 4);
	assert_int_equal(kv_ro_get_part(&reader, "digits", 8, bytes, 16), 2);
	assert_memory_equal(bytes, "89", 2);
	assert_int_equal(kv_ro_get_part(&reader, "digits", 10, bytes, 1), 0);
	assert_int_equal(kv_ro_get_part(&reader, "digits", UINT64_MAX, bytes, 1), 0);
	assert_int_equal(kv_ro_get_part(&reader, "digits", 0, bytes, 0), 0);
}

static inline void kv_errors_are_told_apart(const struct kv_rw *kv)
{
	struct kv_ro reader = kv_rw_reader(kv);
	uint8_t digest[KV_DIGEST_SIZE];
	nanoseconds wall;
	uint64_t size;
	char byte;

	kv_put(kv, "d/value", "x");
	assert_int_equal(kv_get_error(kv, "nothing"), -ENOENT);
	assert_int_equal(kv_get_error(kv, "d/nothing"), -ENOENT);
	assert_int_equal(kv_get_error(kv, "d/value/below"), -ENOENT);
	assert_int_equal(kv_get_error(kv, "d"), -EISDIR);
	assert_int_equal(kv_get_error(kv, ""), -EISDIR);
	assert_int_equal(kv_ro_size(&reader, "nothing", &size), -ENOENT);
	assert_int_equal(kv_ro_size(&reader, "d", &size), -EISDIR);
	assert_int_equal(kv_ro_get_part(&reader, "nothing", 0, &byte, 1), -ENOENT);
	assert_int_equal(kv_ro_get_part(&reader, "d", 0, &byte, 1), -EISDIR);
	assert_int_equal(kv_ro_last_modified(&reader, "nothing", &wall), -ENOENT);
	assert_int_equal(kv_ro_digest(&reader, "nothing", digest), -ENOENT);
	assert_int_equal(kv_list_error(kv, "nothing"), -ENOENT);
	assert_int_equal(kv_list_error(kv, "d/value"), -ENOTDIR);
	assert_int_equal(kv_rw_set(kv, "d", "x", 1), -EISDIR);
	assert_int_equal(kv_rw_set(kv, "", "x", 1), -EISDIR);
	assert_int_equal(kv_rw_set(kv, "d/value/below", "x", 1), -ENOTDIR);
	assert_int_equal(kv_rw_set_part(kv, "nothing", 0, "x", 1), -ENOENT);
	assert_int_equal(kv_rw_set_part(kv, "d", 0, "x", 1), -EISDIR);
	assert_int_equal(kv_rw_remove(kv, "nothing"), -ENOENT);
	assert_int_equal(kv_rw_remove(kv, "/"), -EINVAL);
	assert_int_equal(kv_rw_set(kv, "../out", "x", 1), -EINVAL);
	assert_int_equal(kv_rw_set(kv, "a//b", "x", 1), -EINVAL);
	kv_expect(kv, "d/value", "x");
	kv_expect_entries(kv, "", "d/");
}

/* What is too long or too large is an error, and changes nothing. */
static inline void kv_limits_are_errors(const struct kv_rw *kv)
{
	static const uint64_t sizes[] = { UINT64_C(1) << 62, INT64_MAX, UINT64_MAX };
	struct kv_ro reader = kv_rw_reader(kv);
	char key[400];
	enum kv_kind kind = KV_NONE;

	kv_put(kv, "value", "x");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int error = kv_rw_allocate(kv, "large", sizes[i]);

		assert_true(error == -EFBIG || error == -ENOSPC);
		assert_int_equal(kv_kind_at(kv, "large"), KV_NONE);
		error = kv_rw_set_part(kv, "value", sizes[i], "y", 1);
		assert_true(error == -EFBIG || error == -ENOSPC);
		kv_expect(kv, "value", "x");
	}
	for (size_t length = 254; length < sizeof(key); length++) {
		memset(key, 'k', length);
		key[length] = '\0';
		int error = kv_rw_set(kv, key, "x", 1);

		assert_true(error == 0 || (length > 255 && error == -ENAMETOOLONG));
		if (error == 0) {
			kv_expect(kv, key, "x");
			assert_int_equal(kv_rw_remove(kv, key), 0);
			continue;
		}
		error = kv_ro_exists(&reader, key, &kind);
		assert_true(error == -ENAMETOOLONG || (error == 0 && kind == KV_NONE));
		error = kv_rw_rename(kv, "value", key);
		assert_int_equal(error, -ENAMETOOLONG);
	}
	kv_expect(kv, "value", "x");
	kv_expect_entries(kv, "", "value");
}

static inline void kv_parts_are_set(const struct kv_rw *kv)
{
	kv_put(kv, "part", "0123456789");
	assert_int_equal(kv_rw_set_part(kv, "part", 2, "AB", 2), 0);
	kv_expect(kv, "part", "01AB456789");
	assert_int_equal(kv_rw_set_part(kv, "part", 8, "CDEF", 4), 0);
	kv_expect(kv, "part", "01AB4567CDEF");
	assert_int_equal(kv_rw_set_part(kv, "part", 14, "Z", 1), 0);
	kv_expect_bytes(kv, "part", "01AB4567CDEF\0\0Z", 15);
	assert_int_equal(kv_rw_set_part(kv, "part", 3, "", 0), 0);
	kv_expect_bytes(kv, "part", "01AB4567CDEF\0\0Z", 15);
	assert_int_equal(kv_rw_set_part(kv, "part", UINT64_MAX - 1, "xyz", 3), -EFBIG);
}

static inline void kv_things_are_removed(const struct kv_rw *kv)
{
	kv_put(kv, "keep", "1");
	kv_put(kv, "tree", "2");
	kv_put(kv, "tr/a", "3");
	kv_put(kv, "tr/b/c", "4");
	kv_put(kv, "tr/b/d", "5");
	assert_int_equal(kv_rw_remove(kv, "tr/a"), 0);
	assert_int_equal(kv_kind_at(kv, "tr/a"), KV_NONE);
	kv_expect_entries(kv, "tr", "b/");
	assert_int_equal(kv_rw_remove(kv, "tr"), 0);
	assert_int_equal(kv_kind_at(kv, "tr/b/c"), KV_NONE);
	assert_int_equal(kv_kind_at(kv, "tr"), KV_NONE);
	kv_expect_entries(kv, "", "keep tree");
	kv_expect(kv, "tree", "2");
	assert_int_equal(kv_rw_remove(kv, "tree"), 0);
	kv_put(kv, "tree", "again");
	kv_expect(kv, "tree", "again");
}

static inline void kv_things_are_renamed(const struct kv_rw *kv)
{
	kv_put(kv, "a", "1");
	kv_put(kv, "b", "2");
	kv_put(kv, "d/x", "3");
	kv_put(kv, "d/e/y", "4");
	assert_int_equal(kv_rw_rename(kv, "a", "c"), 0);
	kv_expect(kv, "c", "1");
	assert_int_equal(kv_kind_at(kv, "a"), KV_NONE);
	assert_int_equal(kv_rw_rename(kv, "c", "b"), 0); /* in place of a value */
	kv_expect(kv, "b", "1");
	assert_int_equal(kv_rw_rename(kv, "b", "d"), 0); /* into a dictionary */
	kv_expect(kv, "d/b", "1");
	assert_int_equal(kv_rw_rename(kv, "d", "new/place"), 0); /* a dictionary, to a new one */
	kv_expect(kv, "new/place/x", "3");
	kv_expect(kv, "new/place/e/y", "4");
	kv_expect(kv, "new/place/b", "1");
	assert_int_equal(kv_kind_at(kv, "d"), KV_NONE);
	kv_put(kv, "other/z", "5");
	assert_int_equal(kv_rw_rename(kv, "other", "new"), 0); /* a dictionary into one */
	kv_expect(kv, "new/other/z", "5");
	assert_int_equal(kv_rw_rename(kv, "new", "new/place"), -EINVAL);
	assert_int_equal(kv_rw_rename(kv, "new", "new/place/deeper"), -EINVAL);
	assert_int_equal(kv_rw_rename(kv, "", "elsewhere"), -EINVAL);
	assert_int_equal(kv_rw_rename(kv, "nothing", "elsewhere"), -ENOENT);
	assert_int_equal(kv_rw_rename(kv, "new/place/x", "new/place/x"), 0);
	assert_int_equal(kv_rw_rename(kv, "new/place/e", "new/place/x"), -ENOTDIR);
	kv_put(kv, "e/y", "6");
	assert_int_equal(kv_rw_rename(kv, "e", "new/place"), -EEXIST);
	kv_put(kv, "place", "7");
	assert_int_equal(kv_rw_rename(kv, "place", "new"), -EISDIR);
	assert_int_equal(kv_rw_rename(kv, "place", "new/place/x/below"), -ENOTDIR);
	kv_expect(kv, "place", "7");
	kv_expect(kv, "new/place/x", "3");
	kv_expect_entries(kv, "new", "other/ place/");
	kv_expect_entries(kv, "new/place", "b e/ x");
}

static inline void kv_space_is_allocated(const struct kv_rw *kv)
{
	static const char zeros[5000];

	assert_int_equal(kv_rw_allocate(kv, "room/empty", 0), 0);
	kv_expect(kv, "room/empty", "");
	assert_int_equal(kv_rw_allocate(kv, "room/some", sizeof(zeros)), 0);
	kv_expect_bytes(kv, "room/some", zeros, sizeof(zeros));
	assert_int_equal(kv_rw_allocate(kv, "room/some", 1), -EEXIST);
	assert_int_equal(kv_rw_allocate(kv, "room", 1), -EEXIST);
}

static inline void kv_digests_tell_values_apart(const struct kv_rw *kv)
{
	/* SHA-256 of "abc", from FIPS 180-4's examples. */
	static const uint8_t abc[KV_DIGEST_SIZE] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
		0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
		0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
	};
	struct kv_ro reader = kv_rw_reader(kv);
	uint8_t one[KV_DIGEST_SIZE], two[KV_DIGEST_SIZE];

	kv_put(kv, "d/abc", "abc");
	assert_int_equal(kv_ro_digest(&reader, "d/abc", one), 0);
	assert_memory_equal(one, abc, sizeof(abc));
	assert_int_equal(kv_ro_digest(&reader, "d", one), 0);
	kv_put(kv, "d/abc", "abcd");
	assert_int_equal(kv_ro_digest(&reader, "d", two), 0);
	assert_memory_equal(one, two, sizeof(one));
	kv_put(kv, "d/e", "");
	assert_int_equal(kv_ro_digest(&reader, "d", two), 0);
	assert_memory_not_equal(one, two, sizeof(one));
}

/*
 * A random sequence of changes against a plain table of what should be there. Returns when `steps`
 * have been done; `size_max` bounds a value's bytes.
 */
static inline void kv_behaves_like_a_table(const struct kv_rw *kv, unsigned seed, unsigned steps,
                                           size_t size_max)
{
	enum {
		KEYS = 24
	};
	uint8_t *expected[KEYS] = { NULL };
	size_t lengths[KEYS] = { 0 };
	char key[32];

	for (unsigned step = 0; step < steps; step++) {
		seed = seed * 1103515245u + 12345u;
		unsigned n = seed >> 16;
		size_t i = n % KEYS;

		snprintf(key, sizeof(key), "dir%zu/value-%zu", i % 3, i);
		seed = seed * 1103515245u + 12345u;
		size_t length = (seed >> 8) % (size_max + 1);

		if (n / KEYS % 4 == 0) {
			assert_int_equal(kv_rw_remove(kv, key), expected[i] != NULL ? 0 : -ENOENT);
			free(expected[i]);
			expected[i] = NULL;
			continue;
		}
		uint8_t *bytes = malloc(length + 1);

		for (size_t j = 0; j < length; j++)
			bytes[j] = (uint8_t)(n + j * 7);
		assert_int_equal(kv_rw_set(kv, key, bytes, length), 0);
		free(expected[i]);
		expected[i] = bytes;
		lengths[i] = length;
		kv_expect_bytes(kv, key, bytes, length);
	}
	for (size_t i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key), "dir%zu/value-%zu", i % 3, i);
		if (expected[i] != NULL)
			kv_expect_bytes(kv, key, expected[i], lengths[i]);
		else
			assert_int_equal(kv_kind_at(kv, key), KV_NONE);
		free(expected[i]);
	}
}

#endif
