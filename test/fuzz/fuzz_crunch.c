/* SPDX-License-Identifier: ISC */
/*
 * Lookups in an index made of the first half of the input, of the keys in the second, against a
 * search through all of it. Normalising a path gives a key, which it leaves as it is.
 */
#include <stdlib.h>
#include <string.h>

#include <mirage/crunch.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum {
	PATHS_MAX = 32,
};

static int order(const void *a, const void *b)
{
	return strcmp(((const struct crunch_file *)a)->path, ((const struct crunch_file *)b)->path);
}

static void check_key(const struct kv_ro *kv, const struct crunch_file *files, size_t count,
                      const char *text)
{
	struct kv_key key;
	enum kv_kind kind = KV_NONE, expected = KV_NONE;

	if (kv_key_check(text, &key) != 0)
		return;
	if (kv_key_is_root(key))
		expected = KV_DICTIONARY;
	for (size_t i = 0; i < count && expected != KV_VALUE; i++) {
		struct kv_key path = { files[i].path, strlen(files[i].path) };

		if (kv_key_equal(path, key))
			expected = KV_VALUE;
		else if (kv_key_is_below(path, key))
			expected = KV_DICTIONARY;
	}
	if (kv_ro_exists(kv, text, &kind) != 0 || kind != expected)
		abort();
}

static void check_normalised(const char *path)
{
	char once[KV_KEY_SIZE], twice[KV_KEY_SIZE];
	struct kv_key key;

	if (kv_key_normalise(path, once, sizeof(once)) != 0)
		return;
	if (kv_key_check(once, &key) != 0 || kv_key_normalise(once, twice, sizeof(twice)) != 0 ||
	    strcmp(once, twice) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 2);
	struct crunch_file files[PATHS_MAX] = { { .path = NULL } };
	const char *keys[PATHS_MAX];
	size_t count = 0, key_count = 0;
	struct kv_key key;

	if (text == NULL)
		abort();
	memcpy(text, bytes, length);
	text[length] = text[length + 1] = '\0';
	for (char *at = text; at < text + length; at += strlen(at) + 1) {
		check_normalised(at);
		if ((at - text) % 2 == 0 && count < PATHS_MAX && at[0] != '/' && at[0] != '\0' &&
		    kv_key_check(at, &key) == 0)
			files[count++].path = at;
		if (key_count < PATHS_MAX)
			keys[key_count++] = at;
	}
	qsort(files, count, sizeof(files[0]), order);
	struct crunch_index index = { .files = files, .count = count };
	struct crunch crunch = { .index = &index };
	struct kv_ro kv = { .ops = &crunch_ops, .self = &crunch };

	for (size_t i = 0; i < key_count; i++)
		check_key(&kv, files, count, keys[i]);
	free(text);
	return 0;
}
