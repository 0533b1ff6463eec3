// SPDX-License-Identifier: ISC
/* What all stores share when reading: keys are checked, and missing operations are made up for. */
#include <mirage/kv_ro.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/kv/kv_lock.h"
#include "storage/kv/sha256.h"

enum {
	GET_TRIES = 8,
	DIGEST_CHUNK = 4096,
};

int kv_ro_exists(const struct kv_ro *kv, const char *key, enum kv_kind *kind)
{
	struct kv_key checked;
	int error = kv_key_check(key, &checked);

	if (error != 0)
		return error;
	if (kv_key_is_root(checked)) {
		*kind = KV_DICTIONARY;
		return 0;
	}
	return kv->ops->exists(kv->self, checked, kind);
}

/* The key of a value: the root is none. */
static int value_key(const char *key, struct kv_key *checked)
{
	int error = kv_key_check(key, checked);

	if (error == 0 && kv_key_is_root(*checked))
		return -EISDIR;
	return error;
}

int kv_ro_size(const struct kv_ro *kv, const char *key, uint64_t *size)
{
	struct kv_key checked;
	int error = value_key(key, &checked);

	return error != 0 ? error : kv->ops->size(kv->self, checked, size);
}

ssize_t kv_ro_get_part(const struct kv_ro *kv, const char *key, uint64_t offset, void *bytes,
                       size_t length)
{
	struct kv_key checked;
	int error = value_key(key, &checked);

	if (error != 0)
		return error;
	if (length > PTRDIFF_MAX)
		length = PTRDIFF_MAX;
	return kv->ops->get_part(kv->self, checked, offset, bytes, length);
}

/*
 * Read a value of `size` bytes with one call, so that it is not mixed of two. -EAGAIN: it has become
 * larger since its size was asked for.
 */
static int get_sized(const struct kv_ro *kv, struct kv_key key, size_t size, struct kv_value *value)
{
	uint8_t *copy = malloc(size + 1);

	if (copy == NULL)
		return -ENOMEM;
	ssize_t length = kv->ops->get_part(kv->self, key, 0, copy, size + 1);

	if (length < 0 || (size_t)length > size) {
		free(copy);
		return length < 0 ? (int)length : -EAGAIN;
	}
	copy[length] = '\0';
	*value = (struct kv_value){ .bytes = copy, .length = (size_t)length, .copy = copy };
	return 0;
}

static int get_copy(const struct kv_ro *kv, struct kv_key key, struct kv_value *value)
{
	int error = -EAGAIN;

	for (int tries = 0; tries < GET_TRIES && error == -EAGAIN; tries++) {
		uint64_t size = 0;

		error = kv->ops->size(kv->self, key, &size);
		if (error == 0)
			error = size < PTRDIFF_MAX ? get_sized(kv, key, (size_t)size, value)
			                           : -EFBIG;
	}
	return error;
}

int kv_ro_get(const struct kv_ro *kv, const char *key, struct kv_value *value)
{
	struct kv_key checked;
	struct slice slice;
	int error = value_key(key, &checked);

	*value = (struct kv_value){ .bytes = NULL };
	if (error != 0)
		return error;
	if (kv->ops->map == NULL)
		return get_copy(kv, checked, value);
	error = kv->ops->map(kv->self, checked, &slice);
	if (error == 0)
		*value = (struct kv_value){ .bytes = slice.bytes, .length = slice.length };
	return error;
}

void kv_value_release(struct kv_value *value)
{
	free(value->copy);
	*value = (struct kv_value){ .bytes = NULL };
}

int kv_ro_list(const struct kv_ro *kv, const char *key, kv_visit *visit, void *context)
{
	struct kv_key checked;
	int error = kv_key_check(key, &checked);

	return error != 0 ? error : kv->ops->list(kv->self, checked, visit, context);
}

int kv_ro_last_modified(const struct kv_ro *kv, const char *key, nanoseconds *wall)
{
	struct kv_key checked;
	int error = kv_key_check(key, &checked);

	if (error == 0)
		error = kv_lock(kv->ops, kv->self);
	if (error != 0)
		return error;
	error = kv->ops->last_modified(kv->self, checked, wall);
	kv_unlock(kv->ops, kv->self);
	return error;
}

static int digest_of_bytes(const struct kv_ro *kv, struct kv_key key,
                           uint8_t digest[KV_DIGEST_SIZE])
{
	struct sha256 sha;
	uint64_t offset = 0;
	uint8_t *chunk = malloc(DIGEST_CHUNK);
	ssize_t count = -ENOMEM;

	sha256_init(&sha);
	while (chunk != NULL) {
		count = kv->ops->get_part(kv->self, key, offset, chunk, DIGEST_CHUNK);
		if (count <= 0)
			break;
		sha256_update(&sha, chunk, (size_t)count);
		offset += (uint64_t)count;
	}
	free(chunk);
	sha256_final(&sha, digest);
	return (int)count;
}

static int digest_of_value(const struct kv_ro *kv, struct kv_key key,
                           uint8_t digest[KV_DIGEST_SIZE])
{
	struct slice slice;

	if (kv->ops->digest != NULL)
		return kv->ops->digest(kv->self, key, digest);
	if (kv->ops->map == NULL)
		return digest_of_bytes(kv, key, digest);
	int error = kv->ops->map(kv->self, key, &slice);
	struct sha256 sha;

	if (error == 0) {
		sha256_init(&sha);
		sha256_update(&sha, slice.bytes, slice.length);
		sha256_final(&sha, digest);
	}
	return error;
}

/* Digests of the entries of a dictionary, to be brought into an order of their own. */
struct entries {
	uint8_t (*digests)[KV_DIGEST_SIZE];
	size_t count;
	size_t size;
};

static int entry_add(void *context, const char *name, enum kv_kind kind)
{
	struct entries *entries = context;
	struct sha256 sha;
	uint8_t tag = (uint8_t)kind;

	if (entries->count == entries->size) {
		size_t size = entries->size > 0 ? entries->size * 2 : 16;
		void *digests = reallocarray(entries->digests, size, KV_DIGEST_SIZE);

		if (digests == NULL)
			return -ENOMEM;
		entries->digests = digests;
		entries->size = size;
	}
	sha256_init(&sha);
	sha256_update(&sha, &tag, 1);
	sha256_update(&sha, name, strlen(name));
	sha256_final(&sha, entries->digests[entries->count++]);
	return 0;
}

static int digest_compare(const void *a, const void *b)
{
	return memcmp(a, b, KV_DIGEST_SIZE);
}

static int digest_of_dictionary(const struct kv_ro *kv, struct kv_key key,
                                uint8_t digest[KV_DIGEST_SIZE])
{
	struct entries entries = { .count = 0 };
	struct sha256 sha;
	int error = kv->ops->list(kv->self, key, entry_add, &entries);

	if (error == 0) {
		if (entries.count > 1)
			qsort(entries.digests, entries.count, KV_DIGEST_SIZE, digest_compare);
		sha256_init(&sha);
		if (entries.count > 0)
			sha256_update(&sha, entries.digests, entries.count * KV_DIGEST_SIZE);
		sha256_final(&sha, digest);
	}
	free(entries.digests);
	return error;
}

int kv_ro_digest(const struct kv_ro *kv, const char *key, uint8_t digest[KV_DIGEST_SIZE])
{
	struct kv_key checked;
	int error = kv_key_check(key, &checked);

	if (error == 0)
		error = kv_lock(kv->ops, kv->self);
	if (error != 0)
		return error;
	error = kv_key_is_root(checked) ? -EISDIR : digest_of_value(kv, checked, digest);
	if (error == -EISDIR)
		error = digest_of_dictionary(kv, checked, digest);
	kv_unlock(kv->ops, kv->self);
	return error;
}
