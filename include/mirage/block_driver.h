/* SPDX-License-Identifier: ISC */
/*
 * For those who implement the device type `block`.
 *
 * A driver is two functions. `info` gives a struct block_info that stays where it is; its
 * sector_size is 0 while the device is not connected. `submit` sets the result of each request, and
 * returns when the device is done with all of them. It is called with valid requests only:
 *
 *   - the device is connected, there is at least one request, and none is of no sectors;
 *   - reads and writes lie within the device, discards too;
 *   - slices hold whole sectors each (some may be empty), sector_count of them together;
 *   - writes and discards come only if read_write, discards only if can_discard.
 *
 * So `submit` is not called but by block_submit(), and a wrapper calls block_submit() of the device
 * below. A wrapper may change the requests it is given on their way down, and back before it
 * returns, but not the slices.
 */
#ifndef MIRAGE_BLOCK_DRIVER_H
#define MIRAGE_BLOCK_DRIVER_H

#include <mirage/block.h>

/* Give each request the same result. */
static inline void block_complete(struct block_request *requests, size_t count, int result)
{
	for (size_t i = 0; i < count; i++)
		requests[i].result = result;
}

/* The bytes that `sector_count` sectors take. */
static inline uint64_t block_bytes(const struct block_info *info, uint64_t sector_count)
{
	return sector_count * info->sector_size;
}

/* True if `size` can be that of a sector. */
static inline bool block_sector_size_valid(uint64_t size)
{
	return size >= BLOCK_SECTOR_SIZE_MIN && size <= BLOCK_SECTOR_SIZE_MAX &&
	       (size & (size - 1)) == 0;
}

/*
 * Copy the `length` bytes from `offset` on of a request's slices, taken as one string, to `bytes`
 * or from there. They must be there.
 */
void block_copy_from_slices(const struct block_request *request, size_t offset, void *bytes,
                            size_t length);
void block_copy_to_slices(const struct block_request *request, size_t offset, const void *bytes,
                          size_t length);

#endif
