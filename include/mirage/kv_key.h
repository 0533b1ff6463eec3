/* SPDX-License-Identifier: ISC */
/*
 * Keys of key/value stores: paths of segments, checked before any store sees them.
 *
 * Model.      A key is text such as "config/keys/host": segments joined by single slashes, with
 *             one slash in front or none. "" and "/" are the root, the dictionary of all. A segment
 *             is neither empty nor "." nor ".."; other bytes are the application's, though a store
 *             may refuse some (FAT wants UTF-8). Keys are never joined or resolved blindly: what
 *             is not of this form is an error.
 * Ownership.  A struct kv_key borrows the text it was made from.
 * See also.   kv_ro.h, kv_rw.h
 */
#ifndef MIRAGE_KV_KEY_H
#define MIRAGE_KV_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/attributes.h>

enum {
	KV_KEY_LENGTH_MAX = 1023, /* bytes, without a slash in front */
	KV_KEY_SIZE = KV_KEY_LENGTH_MAX + 1,
};

/* A checked key, without the slash in front. The root has length 0. */
struct kv_key {
	const char *text; /* not necessarily terminated; as operations get it, it is */
	size_t length;
};

/*
 * Check `text` and describe it in *key.
 *
 * -EINVAL        it is not of the form above
 * -ENAMETOOLONG  longer than KV_KEY_LENGTH_MAX
 */
must_check int kv_key_check(const char *text, struct kv_key *key);

/*
 * Turn a path from outside (of a URL, say) into a key: empty and "." segments are dropped and ".."
 * takes the one before it away. Writes at most `size` bytes with the terminating zero.
 *
 * -EINVAL        a ".." would leave the root
 * -ENAMETOOLONG  the key does not fit, or is longer than KV_KEY_LENGTH_MAX
 */
must_check int kv_key_normalise(const char *path, char *text, size_t size);

/*
 * Write the key of `name` in `dictionary`, both keys, to `text`.
 *
 * -ENAMETOOLONG  the key does not fit, or is longer than KV_KEY_LENGTH_MAX
 */
must_check int kv_key_join(struct kv_key dictionary, struct kv_key name, char *text, size_t size);

/* Take the first segment off *rest. False, and nothing changed, at the end. */
bool kv_key_next(struct kv_key *rest, struct kv_key *segment);

/* All but the last segment; the root's parent is the root. */
struct kv_key kv_key_parent(struct kv_key key);

/* The last segment; the root's is empty. */
struct kv_key kv_key_last(struct kv_key key);

bool kv_key_equal(struct kv_key a, struct kv_key b);

/* True if `key` is below `dictionary`; a key is not below itself. */
bool kv_key_is_below(struct kv_key key, struct kv_key dictionary);

static inline bool kv_key_is_root(struct kv_key key)
{
	return key.length == 0;
}

#endif
