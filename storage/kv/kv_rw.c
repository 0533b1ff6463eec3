// SPDX-License-Identifier: ISC
/* What all stores share when writing: keys are checked, and what a rename means is decided. */
#include <mirage/kv_rw.h>

#include <errno.h>
#include <stdlib.h>

#include "storage/kv/kv_lock.h"

static int value_key(const char *key, struct kv_key *checked)
{
	int error = kv_key_check(key, checked);

	if (error == 0 && kv_key_is_root(*checked))
		return -EISDIR;
	return error;
}

int kv_rw_set(const struct kv_rw *kv, const char *key, const void *bytes, size_t length)
{
	struct kv_key checked;
	int error = value_key(key, &checked);

	return error != 0 ? error : kv->ops->set(kv->self, checked, bytes, length);
}

int kv_rw_set_part(const struct kv_rw *kv, const char *key, uint64_t offset, const void *bytes,
                   size_t length)
{
	struct kv_key checked;
	uint64_t end;
	int error = value_key(key, &checked);

	if (error != 0)
		return error;
	if (__builtin_add_overflow(offset, length, &end) || end > INT64_MAX)
		return -EFBIG;
	return kv->ops->set_part(kv->self, checked, offset, bytes, length);
}

static int allocate(const struct kv_rw *kv, struct kv_key key, uint64_t size)
{
	enum kv_kind kind = KV_NONE;
	int error = kv->ops->read.exists(kv->self, key, &kind);

	if (error != 0)
		return error;
	if (kind != KV_NONE)
		return -EEXIST;
	return size > INT64_MAX ? -EFBIG : kv->ops->allocate(kv->self, key, size);
}

int kv_rw_allocate(const struct kv_rw *kv, const char *key, uint64_t size)
{
	struct kv_key checked;
	int error = value_key(key, &checked);

	if (error == 0)
		error = kv_lock(&kv->ops->read, kv->self);
	if (error != 0)
		return error;
	error = allocate(kv, checked, size);
	kv_unlock(&kv->ops->read, kv->self);
	return error;
}

int kv_rw_remove(const struct kv_rw *kv, const char *key)
{
	struct kv_key checked;
	int error = kv_key_check(key, &checked);

	if (error == 0 && kv_key_is_root(checked))
		return -EINVAL;
	return error != 0 ? error : kv->ops->remove(kv->self, checked);
}

static int kind_of(const struct kv_rw *kv, struct kv_key key, enum kv_kind *kind)
{
	if (!kv_key_is_root(key))
		return kv->ops->read.exists(kv->self, key, kind);
	*kind = KV_DICTIONARY;
	return 0;
}

/* Move to a destination that is no dictionary to move into. */
static int rename_onto(const struct kv_rw *kv, struct kv_key source, enum kv_kind source_kind,
                       struct kv_key destination)
{
	enum kv_kind kind = KV_NONE;
	int error = kind_of(kv, destination, &kind);

	if (error != 0 || kv_key_equal(source, destination))
		return error;
	if (kind == KV_DICTIONARY)
		return source_kind == KV_VALUE ? -EISDIR : -EEXIST;
	if (kind == KV_VALUE && source_kind == KV_DICTIONARY)
		return -ENOTDIR;
	return kv->ops->rename(kv->self, source, destination);
}

static int rename_into(const struct kv_rw *kv, struct kv_key source, enum kv_kind source_kind,
                       struct kv_key dictionary)
{
	struct kv_key destination;
	char *text = malloc(KV_KEY_SIZE);

	if (text == NULL)
		return -ENOMEM;
	int error = kv_key_join(dictionary, kv_key_last(source), text, KV_KEY_SIZE);

	if (error == 0)
		error = kv_key_check(text, &destination);
	if (error == 0)
		error = rename_onto(kv, source, source_kind, destination);
	free(text);
	return error;
}

static int rename_key(const struct kv_rw *kv, struct kv_key from, struct kv_key to)
{
	enum kv_kind from_kind = KV_NONE, to_kind = KV_NONE;
	int error = kind_of(kv, from, &from_kind);

	if (error == 0 && from_kind == KV_NONE)
		error = -ENOENT;
	if (error == 0)
		error = kind_of(kv, to, &to_kind);
	if (error != 0)
		return error;
	if (to_kind == KV_DICTIONARY && !kv_key_equal(from, to))
		return rename_into(kv, from, from_kind, to);
	return rename_onto(kv, from, from_kind, to);
}

int kv_rw_rename(const struct kv_rw *kv, const char *source, const char *destination)
{
	struct kv_key from, to;
	int error = kv_key_check(source, &from);

	if (error == 0)
		error = kv_key_check(destination, &to);
	if (error == 0 && (kv_key_is_root(from) || kv_key_is_below(to, from)))
		error = -EINVAL;
	if (error == 0)
		error = kv_lock(&kv->ops->read, kv->self);
	if (error != 0)
		return error;
	error = rename_key(kv, from, to);
	kv_unlock(&kv->ops->read, kv->self);
	return error;
}
