/* SPDX-License-Identifier: ISC */
/*
 * tar_kv_ro, tar_kv_rw: a tar archive on a block device as a key/value store.
 *
 * Formats.    ustar, pax and GNU's, and those before: what GNU tar, bsdtar and pax write. Not
 *             compressed. The archive begins with the device and ends with a block of zeros; what
 *             is behind that is not looked at.
 * Entries.    Of several with one name the last counts, as when extracting, also of a file and a folder.
 *             A folder is there if a value is in it. Hard links, and symbolic
 *             ones that stay in the archive, are the values they lead to. Names that would lead
 *             out of the archive, devices and pipes are left out with a warning. A sparse file is
 *             an error: it would have to be put together.
 * Reading.    The headers are read once, when connecting; then every value is found in memory and
 *             read from where it lies. Memory: some 60 bytes and the name for each entry.
 * Writing.    Values can be set, also in place of others, until the device is full; what is there
 *             is never overwritten. Nothing can be removed, renamed or changed in part: -EPERM. A
 *             value is written and flushed before its header, which is one block: after a power
 *             cut it is there or not.
 * Context.    Fiber.
 * See also.   kv_ro.h, kv_rw.h; config.h: tar_kv_ro(), tar_kv_rw(), archive_of_files()
 */
#ifndef MIRAGE_TAR_KV_H
#define MIRAGE_TAR_KV_H

#include <mirage/attributes.h>
#include <mirage/block.h>
#include <mirage/kv_ro.h>
#include <mirage/kv_rw.h>
#include <mirage/wall_clock.h>

struct tar_archive;

/* Private. */
struct tar_kv_ro_state {
	struct tar_archive *archive;
};

struct tar_kv_ro {
	void *state; /* struct tar_kv_ro_state */
	const struct block *block;
};

/* The same for writing. */
struct tar_kv_rw_state {
	struct tar_archive *archive;
};

struct tar_kv_rw {
	void *state; /* struct tar_kv_rw_state */
	const struct block *block;
	const struct wall_clock *clock; /* for the times of values */
};

extern const struct kv_ro_ops tar_kv_ro_ops;
extern const struct kv_rw_ops tar_kv_rw_ops;

/*
 * Read the headers. What is wrong with an archive is logged.
 *
 * -EBADMSG  it is damaged, or cut off
 * -ENOTSUP  it has a sparse file
 * -ENXIO    the device is not connected
 * -EROFS    tar_kv_rw on a device that cannot be written
 * -ENOMEM, and what the device says
 */
must_check int tar_kv_ro_connect(const struct tar_kv_ro *kv);
must_check int tar_kv_rw_connect(const struct tar_kv_rw *kv);

void tar_kv_ro_disconnect(const struct tar_kv_ro *kv);
void tar_kv_rw_disconnect(const struct tar_kv_rw *kv);

#endif
