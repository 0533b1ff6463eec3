/* SPDX-License-Identifier: ISC */
/*
 * Device type `block`: numbered sectors, read and written whole.
 *
 * Model.       Sectors count from 0. What block_read() gives is what was last written, by whichever
 *              fiber. A write survives a loss of power once a flush that began after it has
 *              returned 0; until then each of its sectors may be old or new, in any mixture.
 * Batches.     block_submit() takes many requests at once, which the device may do in any order and
 *              at the same time; the other calls are batches of one. More fibers may be in a
 *              device at once: their requests are in flight together.
 * Buffers.     Stay the caller's. Their lengths are multiples of the sector size; their addresses
 *              need no alignment. The device uses them only during the call.
 * Deadlines.   A request that has not begun by its deadline, or when its fiber is cancelled, is not
 *              done. One that the device has begun is waited for: its buffers cannot be taken back.
 *              A device that answers at once, as a RAM disk does, has no use for either.
 * Context.     Fiber. A device that answers at once can also be used outside one.
 * See also.    block_driver.h and docs/how-to/write-a-block-driver.md to write a device;
 *              block_faulty.h and docs/how-to/test-a-store.md to test what uses one.
 *
 * Implementations.  block_of_file (targets/unix/block_of_file.c, targets/solo5/block_of_file.c),
 *                   ramdisk.h, and wrappers: block_partition.h, block_cache.h, block_checksum.h,
 *                   block_encryption.h, block_ccm.h, block_faulty.h.
 */
#ifndef MIRAGE_BLOCK_H
#define MIRAGE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/slice.h>

/* What a device is. Constant while it is connected. */
struct block_info {
	uint64_t sector_count;
	uint32_t sector_size; /* bytes: a power of two from 512 to 65536; 0: not connected */
	uint32_t depth;       /* requests in flight beyond which more gain nothing; at least 1 */
	bool read_write;      /* false: read only */
	bool can_discard;     /* block_discard() frees storage rather than fail */
	bool durable;         /* block_flush() reaches stable storage; false where the host offers
				 no way to ask for it (Solo5): then what was flushed survives the
				 end of the image, but perhaps not the host's */
};

enum {
	BLOCK_SECTOR_SIZE_MIN = 512,
	BLOCK_SECTOR_SIZE_MAX = 65536,
};

enum block_operation {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH,
	BLOCK_DISCARD,
};

/* One request. The caller keeps it and its slices untouched until block_submit() returns. */
struct block_request {
	enum block_operation operation;
	int result;            /* set by block_submit(): 0 or an error of its own */
	uint64_t sector;       /* the first one; unused by a flush */
	uint64_t sector_count; /* discard: given by the caller; read, write: set from `slices` */
	const struct slice *slices; /* read, write: where the bytes go to or come from, in order */
	size_t slice_count;
};

struct block_ops {
	const struct block_info *(*info)(const void *self);
	void (*submit)(const void *self, struct block_request *requests, size_t count,
	               nanoseconds deadline);
};

struct block {
	const struct block_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/* What the device is: valid, and constant, while it is connected. */
static inline const struct block_info *block_info(const struct block *block)
{
	return block->ops->info(block->self);
}

/*
 * Do `count` requests and wait for all of them. In which order they are done is the device's
 * choice: of requests that overlap, the outcome is that of some order, and a flush in a batch
 * covers only what was written before the call. Requests that are in error do not keep the others
 * from being done; one of no sectors succeeds at once.
 *
 * Returns 0 if all results are 0, else that of the first request which failed. The results:
 *
 * -EINVAL      a slice's length, or that of all together, is no multiple of the sector size;
 *              the operation is none of the four
 * -ERANGE      the range passes the end of the device; nothing was done
 * -EROFS       write or discard, and the device is read-only
 * -EOPNOTSUPP  discard, and the device cannot
 * -ENXIO       the device is not connected, or no longer
 * -EIO         the medium failed. What was to be written is unspecified until it is written again;
 *              after a failed flush, everything since the last one that succeeded
 * -EBADMSG     the bytes there are not those that were written (block_checksum.h, block_ccm.h)
 * -ENOSPC      the file that holds the device cannot grow
 * -ENOMEM      the device had no memory for the request; it may be tried again
 * -ETIMEDOUT, -ECANCELED   a write or discard may have been done, wholly or in part
 */
must_check int block_submit(const struct block *block, struct block_request *requests, size_t count,
                            nanoseconds deadline);

/*
 * Read sectors from `sector` on into `slice_count` slices, filling one after the other. Returns 0,
 * or an error of block_submit(), and then the slices' bytes are unspecified.
 */
static inline must_check int block_read_slices(const struct block *block, uint64_t sector,
                                               const struct slice *slices, size_t slice_count,
                                               nanoseconds deadline)
{
	struct block_request request = {
		.operation = BLOCK_READ,
		.sector = sector,
		.slices = slices,
		.slice_count = slice_count,
	};

	return block_submit(block, &request, 1, deadline);
}

/* Write the bytes of `slice_count` slices, one after the other, from `sector` on. As
 * block_submit(). */
static inline must_check int block_write_slices(const struct block *block, uint64_t sector,
                                                const struct slice *slices, size_t slice_count,
                                                nanoseconds deadline)
{
	struct block_request request = {
		.operation = BLOCK_WRITE,
		.sector = sector,
		.slices = slices,
		.slice_count = slice_count,
	};

	return block_submit(block, &request, 1, deadline);
}

/* block_read_slices() into one buffer of `length` bytes. */
static inline must_check int block_read(const struct block *block, uint64_t sector, void *bytes,
                                        size_t length, nanoseconds deadline)
{
	struct slice slice = slice_of(bytes, length);

	return block_read_slices(block, sector, &slice, 1, deadline);
}

/* block_write_slices() from one buffer of `length` bytes. */
static inline must_check int block_write(const struct block *block, uint64_t sector,
                                         const void *bytes, size_t length, nanoseconds deadline)
{
	struct slice slice = slice_of((void *)(uintptr_t)bytes, length);

	return block_write_slices(block, sector, &slice, 1, deadline);
}

/*
 * Make every write and discard that had returned 0 before this call survive a loss of power (see
 * `durable` of struct block_info). Returns 0 or an error of block_submit().
 */
static inline must_check int block_flush(const struct block *block, nanoseconds deadline)
{
	struct block_request request = { .operation = BLOCK_FLUSH };

	return block_submit(block, &request, 1, deadline);
}

/*
 * Tell the device that the contents of `sector_count` sectors from `sector` on do not matter any
 * more. What they read as is unspecified until they are written. As block_submit().
 */
static inline must_check int block_discard(const struct block *block, uint64_t sector,
                                           uint64_t sector_count, nanoseconds deadline)
{
	struct block_request request = {
		.operation = BLOCK_DISCARD,
		.sector = sector,
		.sector_count = sector_count,
	};

	return block_submit(block, &request, 1, deadline);
}

#endif
