/* SPDX-License-Identifier: ISC */
/*
 * A block device as a row of bytes, for stores whose formats do not keep to sectors.
 *
 * One sector is kept, so that small things side by side are read once. Writing goes to the device
 * at once, whole sectors as they are, parts of one by reading it first.
 */
#ifndef STORAGE_KV_MEDIUM_H
#define STORAGE_KV_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/block.h>
#include <mirage/mutex.h>

struct medium {
	const struct block *block;
	uint64_t size; /* bytes */
	uint32_t sector_size;
	bool read_write;
	uint8_t *sector; /* the bytes of sector `number` if `held` */
	uint64_t number;
	bool held;
	struct mutex mutex;
	unsigned int inner; /* locks within that of the fiber that has the mutex */
};

/* -ENXIO: the device is not connected; -ENOMEM */
must_check int medium_open(struct medium *medium, const struct block *block);
void medium_close(struct medium *medium);

/* -ERANGE: beyond the end; else what the device says. */
must_check int medium_read(struct medium *medium, uint64_t offset, void *bytes, size_t length);
must_check int medium_write(struct medium *medium, uint64_t offset, const void *bytes,
                            size_t length);
must_check int medium_zero(struct medium *medium, uint64_t offset, uint64_t length);
must_check int medium_flush(struct medium *medium);

/*
 * One fiber at a time, and not to be cancelled half-way: a store that is in the middle of a change
 * would be left so. Outside of fibers there is nobody to keep out. Pairs nest. Returns 0 or
 * -ECANCELED.
 */
must_check int medium_lock(struct medium *medium);
void medium_unlock(struct medium *medium);

#endif
