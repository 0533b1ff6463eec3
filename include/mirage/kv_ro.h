/* SPDX-License-Identifier: ISC */
/*
 * Device type `kv_ro`: a key/value store to read from.
 *
 * Model.      Keys (kv_key.h) lead to values, which are bytes, or to dictionaries, which hold
 *             further keys. The root is a dictionary.
 * Ownership.  Keys and buffers stay the caller's. A struct kv_value is given back with
 *             kv_value_release().
 * Context.    Fiber. A store on a block device may block; one in memory does not. What fibers do at
 *             once has the outcome of one after the other, in some order.
 * Errors.     MirageOS's are these, and mean the same for every function here and in kv_rw.h:
 *               Not_found            -ENOENT        nothing is bound to the key
 *               Value_expected       -EISDIR        it leads to a dictionary
 *               Dictionary_expected  -ENOTDIR       it leads to a value
 *             and besides
 *               -EINVAL         the text is no key, or not one that this store can have
 *               -ENAMETOOLONG   the key is longer than KV_KEY_LENGTH_MAX, or than the store takes
 *               -EIO            the store below failed
 *               -EBADMSG        the store is damaged: what it says of itself does not add up
 *               -ENOMEM, -ECANCELED
 *
 * Implementations.  crunch (crunch.h): files linked into the image
 *                   direct_kv_ro (direct_kv.h): a folder of the host, unix only
 *                   tar_kv_ro (tar_kv.h): a tar archive on a block device
 *                   fat_ro (fat_kv.h): a FAT file system on a block device
 *                   any kv_rw, by kv_rw_reader() (kv_rw.h)
 */
#ifndef MIRAGE_KV_RO_H
#define MIRAGE_KV_RO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/kv_key.h>
#include <mirage/slice.h>

enum kv_kind {
	KV_NONE, /* nothing has this key */
	KV_VALUE,
	KV_DICTIONARY,
};

enum {
	KV_DIGEST_SIZE = 32, /* SHA-256 */
};

/* Called for each entry of a dictionary; `name` lasts for the call. Not 0: end the listing. */
typedef int kv_visit(void *context, const char *name, enum kv_kind kind);

/*
 * What a store implements. Keys are checked and terminated. Where a value is asked for, a
 * dictionary gives -EISDIR.
 */
struct kv_ro_ops {
	int (*exists)(const void *self, struct kv_key key, enum kv_kind *kind);
	int (*size)(const void *self, struct kv_key key, uint64_t *size);
	ssize_t (*get_part)(const void *self, struct kv_key key, uint64_t offset, void *bytes,
	                    size_t length);
	int (*list)(const void *self, struct kv_key key, kv_visit *visit, void *context);
	/* Of a dictionary: the latest of the values in it. */
	int (*last_modified)(const void *self, struct kv_key key, nanoseconds *wall);
	/* Optional: the whole value where it lies in memory, for as long as the store lives, with a
	   zero behind it. */
	int (*map)(const void *self, struct kv_key key, struct slice *value);
	/* Optional: the digest of a value without reading it. */
	int (*digest)(const void *self, struct kv_key key, uint8_t digest[KV_DIGEST_SIZE]);
	/* Where calls may block: keep other fibers out until `unlock`, so that several calls are
	   one. The calls of the fiber itself go on to lock and unlock within. 0 or -ECANCELED. */
	int (*lock)(const void *self);
	void (*unlock)(const void *self);
};

struct kv_ro {
	const struct kv_ro_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* Whether `key` leads to a value, to a dictionary, or nowhere. */
must_check int kv_ro_exists(const struct kv_ro *kv, const char *key, enum kv_kind *kind);

/*
 * A whole value. The bytes are in the store itself if it has them in memory, else a copy. Behind
 * them is a zero, which does not count, for values that are text.
 */
struct kv_value {
	const uint8_t *bytes;
	size_t length;
	void *copy; /* private: NULL when the bytes are the store's */
};

/*
 * Get the value of `key`. Nothing is copied if the store has it in memory (crunch); else it is read
 * into memory of its own, as much as kv_ro_size() says. After an error *value is empty.
 *
 * -EFBIG   the value is larger than memory can be
 * -ENOMEM  than it is
 * -EAGAIN  each time when it was to be read, the host had made it larger (direct_kv_ro)
 */
must_check int kv_ro_get(const struct kv_ro *kv, const char *key, struct kv_value *value);

/* Give back what kv_ro_get() took. An empty value (all zero) is allowed. */
void kv_value_release(struct kv_value *value);

/*
 * Read up to `length` bytes of a value from byte `offset` on into `bytes`. Returns the count: less
 * than `length` only at the end of the value, 0 from there on.
 */
must_check ssize_t kv_ro_get_part(const struct kv_ro *kv, const char *key, uint64_t offset,
                                  void *bytes, size_t length);

/* The length of a value in bytes. */
must_check int kv_ro_size(const struct kv_ro *kv, const char *key, uint64_t *size);

/*
 * Call `visit(context, name, kind)` for each entry of the dictionary `key`, in any order, each
 * once. `visit` may block, and read from the store or change it: what comes or goes during the
 * listing may be shown or not. What it returns, if not 0, ends the listing and is returned.
 */
must_check int kv_ro_list(const struct kv_ro *kv, const char *key, kv_visit *visit, void *context);

/*
 * When the value was last set, on the wall clock: nanoseconds since 1970-01-01 UTC. Of a
 * dictionary, the latest of the values directly in it; 0 if there are none. A store that keeps no
 * times says 0.
 */
must_check int kv_ro_last_modified(const struct kv_ro *kv, const char *key, nanoseconds *wall);

/*
 * SHA-256 of a value, or, of a dictionary, a digest of the names and kinds of its entries, whatever
 * their order. Reads the value unless the store knows.
 */
must_check int kv_ro_digest(const struct kv_ro *kv, const char *key,
                            uint8_t digest[KV_DIGEST_SIZE]);

#endif
