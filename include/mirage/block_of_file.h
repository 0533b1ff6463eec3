/* SPDX-License-Identifier: ISC */
/*
 * `block_of_file`: the block device that the host gives. A file or a block device of the host's on
 * unix, a device of the image's manifest under a Solo5 tender.
 *
 *     static struct block_of_file_state state;
 *     static const struct block_of_file file = { .state = &state, .name = "disk.img" };
 *     static const struct block disk = { .ops = &block_of_file_ops, .self = &file };
 *
 * On unix.    Sectors have 512 bytes in a file, and the device's own size in a device, unless
 *             told otherwise. What may not be written is opened read-only. The file is locked: two
 *             instances may read it at once, but whoever writes has it alone. What the page cache
 *             has is read, and what it can take is written, during the call; for the rest, and for
 *             requests of 4 MiB and more, the fiber waits and others run, where the kernel allows
 *             io_uring. Flushing is fdatasync(),
 *             discarding punches a hole.
 * On Solo5.   The sector size is the tender's (--block-sector-size). An operation blocks the whole
 *             instance for as long as the host takes; other fibers run between any two requests.
 *             There is no flush in Solo5's ABI: see `durable` of struct block_info.
 */
#ifndef MIRAGE_BLOCK_OF_FILE_H
#define MIRAGE_BLOCK_OF_FILE_H

#include <mirage/block.h>

struct io_ring;

struct block_of_file_state { /* private */
	struct block_info info;
	int descriptor;       /* unix: of the file; Solo5: the handle */
	struct io_ring *ring; /* unix: opened when first needed */
	bool without_ring;    /* unix: it could not be opened */
};

struct block_of_file {
	struct block_of_file_state *state;
	const char *name;     /* unix: a path; Solo5: as in the manifest */
	uint32_t sector_size; /* unix: bytes; 0 means the usual one. Solo5: unused */
	bool read_only;       /* not to be written even if it could be */
};

extern const struct block_ops block_of_file_ops;

/*
 * Open the file, or find the device. Called for generated instances before the jobs start. What is
 * wrong is logged, with the name and what to do.
 *
 * -ENOENT, -EACCES, …  as open() says
 * -EBUSY      another instance has it
 * -ENODEV     neither a regular file nor a block device; not attached by the tender
 * -EINVAL     the size is no multiple of the sector size, or that cannot be one
 */
must_check int block_of_file_connect(const struct block_of_file *file);

void block_of_file_disconnect(const struct block_of_file *file);

#endif
