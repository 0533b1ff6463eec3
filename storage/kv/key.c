// SPDX-License-Identifier: ISC
/* Keys: their form, their parts. */
#include <mirage/kv_key.h>

#include <errno.h>
#include <string.h>

static bool segment_is(const char *segment, size_t length, const char *text)
{
	return length == strlen(text) && memcmp(segment, text, length) == 0;
}

int kv_key_check(const char *text, struct kv_key *key)
{
	if (*text == '/')
		text++;
	size_t length = strnlen(text, KV_KEY_LENGTH_MAX + 1);

	if (length > KV_KEY_LENGTH_MAX)
		return -ENAMETOOLONG;
	for (const char *segment = text; length > 0;) {
		size_t size = strcspn(segment, "/");

		if (size == 0 || segment_is(segment, size, ".") || segment_is(segment, size, ".."))
			return -EINVAL;
		if (segment[size] == '\0')
			break;
		segment += size + 1;
	}
	*key = (struct kv_key){ .text = text, .length = length };
	return 0;
}

bool kv_key_next(struct kv_key *rest, struct kv_key *segment)
{
	if (rest->length == 0)
		return false;
	const char *slash = memchr(rest->text, '/', rest->length);
	size_t length = slash != NULL ? (size_t)(slash - rest->text) : rest->length;
	size_t skip = slash != NULL ? length + 1 : length;

	*segment = (struct kv_key){ .text = rest->text, .length = length };
	*rest = (struct kv_key){ .text = rest->text + skip, .length = rest->length - skip };
	return true;
}

struct kv_key kv_key_parent(struct kv_key key)
{
	const char *slash = memrchr(key.text, '/', key.length);

	return (struct kv_key){ .text = key.text,
		                .length = slash != NULL ? (size_t)(slash - key.text) : 0 };
}

struct kv_key kv_key_last(struct kv_key key)
{
	size_t parent = kv_key_parent(key).length;
	size_t skip = parent > 0 ? parent + 1 : 0;

	return (struct kv_key){ .text = key.text + skip, .length = key.length - skip };
}

bool kv_key_equal(struct kv_key a, struct kv_key b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

bool kv_key_is_below(struct kv_key key, struct kv_key dictionary)
{
	if (dictionary.length == 0)
		return key.length > 0;
	return key.length > dictionary.length && key.text[dictionary.length] == '/' &&
	       memcmp(key.text, dictionary.text, dictionary.length) == 0;
}

/* Where `name` begins behind `length` bytes of text, or 0 if it does not fit. */
static size_t join_at(size_t length, size_t name, size_t size)
{
	size_t start = length > 0 ? length + 1 : 0;

	return name < size && start < size - name && start + name <= KV_KEY_LENGTH_MAX
	               ? start + name
	               : 0;
}

static int key_append(char *text, size_t size, size_t *length, struct kv_key name)
{
	size_t end = join_at(*length, name.length, size);

	if (end == 0)
		return -ENAMETOOLONG;
	if (*length > 0)
		text[*length] = '/';
	memcpy(text + end - name.length, name.text, name.length);
	text[end] = '\0';
	*length = end;
	return 0;
}

int kv_key_join(struct kv_key dictionary, struct kv_key name, char *text, size_t size)
{
	size_t length = 0;

	if (size == 0)
		return -ENAMETOOLONG;
	text[0] = '\0';
	if (dictionary.length > 0) {
		int error = key_append(text, size, &length, dictionary);

		if (error != 0)
			return error;
	}
	return name.length > 0 ? key_append(text, size, &length, name) : 0;
}

int kv_key_normalise(const char *path, char *text, size_t size)
{
	size_t length = 0;

	if (size == 0)
		return -ENAMETOOLONG;
	text[0] = '\0';
	for (const char *segment = path;; segment++) {
		size_t count = strcspn(segment, "/");

		if (segment_is(segment, count, "..")) {
			if (length == 0)
				return -EINVAL;
			length = kv_key_parent((struct kv_key){ text, length }).length;
			text[length] = '\0';
		} else if (count > 0 && !segment_is(segment, count, ".")) {
			int error =
				key_append(text, size, &length, (struct kv_key){ segment, count });

			if (error != 0)
				return error;
		}
		segment += count;
		if (*segment == '\0')
			return 0;
	}
}
