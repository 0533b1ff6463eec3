/* SPDX-License-Identifier: ISC */
/*
 * Device type `kv_rw`: a key/value store to read and write.
 *
 * Model.      As kv_ro.h, which reads it through kv_rw_reader(). Setting a value makes the
 *             dictionaries on the way to it. Whether a dictionary outlives its last entry is the
 *             store's choice.
 * Durability. When a call returns 0, what it did survives a power cut, where the store outlives
 *             one at all. After an error the value is the old one or the new one, unless the
 *             store says otherwise.
 * Ownership.  Keys and buffers stay the caller's.
 * Context.    Fiber. May block.
 * Errors.     Those of kv_ro.h, and MirageOS's
 *               No_space              -ENOSPC
 *               Already_present       -EEXIST
 *               Rename_source_prefix  -EINVAL
 *             and besides
 *               -ENOTDIR  a segment on the way to the key is a value
 *               -EROFS    the medium cannot be written
 *               -EFBIG    the value is larger than the store allows
 *
 * Implementations.  kv_mem (kv_mem.h): memory
 *                   direct_kv_rw (direct_kv.h): a folder of the host, unix only
 *                   fat_rw (fat_kv.h): a FAT file system on a block device
 *                   littlefs_kv (littlefs_kv.h): a file system that survives power cuts
 *                   tar_kv_rw (tar_kv.h): a tar archive, to be appended to
 */
#ifndef MIRAGE_KV_RW_H
#define MIRAGE_KV_RW_H

#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/kv_ro.h>

/* What a store implements. The key of a value is never the root. */
struct kv_rw_ops {
	struct kv_ro_ops read;
	int (*set)(const void *self, struct kv_key key, const void *bytes, size_t length);
	int (*set_part)(const void *self, struct kv_key key, uint64_t offset, const void *bytes,
	                size_t length);
	/* Of a dictionary: with all in it. */
	int (*remove)(const void *self, struct kv_key key);
	/* `source` exists; `destination` is a value to be replaced by one, or nothing. */
	int (*rename)(const void *self, struct kv_key source, struct kv_key destination);
	int (*allocate)(const void *self, struct kv_key key, uint64_t size);
};

struct kv_rw {
	const struct kv_rw_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* The store as one to read from: the same store, no copy. */
static inline struct kv_ro kv_rw_reader(const struct kv_rw *kv)
{
	return (struct kv_ro){ .ops = &kv->ops->read, .self = kv->self };
}

/* Bind `key` to a value of `length` bytes, in place of the one it may have. */
must_check int kv_rw_set(const struct kv_rw *kv, const char *key, const void *bytes, size_t length);

/*
 * Write `length` bytes at byte `offset` of a value, which grows if need be; a gap is filled with
 * zeros.
 */
must_check int kv_rw_set_part(const struct kv_rw *kv, const char *key, uint64_t offset,
                              const void *bytes, size_t length);

/* Remove a value, or a dictionary with all that is in it. The root cannot be removed: -EINVAL. */
must_check int kv_rw_remove(const struct kv_rw *kv, const char *key);

/*
 * Move what is at `source` to `destination`. If that is a dictionary, then into it, under the last
 * segment of `source`. A value there is replaced by a value.
 *
 * -EINVAL   `destination` is below `source`, or one of them is the root where a name is needed
 * -EISDIR   a value would replace a dictionary
 * -ENOTDIR  a dictionary would replace a value
 * -EEXIST   a dictionary would replace a dictionary
 */
must_check int kv_rw_rename(const struct kv_rw *kv, const char *source, const char *destination);

/* Bind `key` to `size` zero bytes. -EEXIST: it is bound. */
must_check int kv_rw_allocate(const struct kv_rw *kv, const char *key, uint64_t size);

#endif
