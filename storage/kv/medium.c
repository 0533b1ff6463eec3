// SPDX-License-Identifier: ISC
/* Bytes of a block device. */
#include "storage/kv/medium.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/fiber.h>
#include <mirage/runtime.h>

enum {
	ZEROS_SIZE = 4096,
};

int medium_open(struct medium *medium, const struct block *block)
{
	const struct block_info *info = block_info(block);

	*medium = (struct medium){ .block = block };
	if (info->sector_size == 0)
		return -ENXIO;
	if (__builtin_mul_overflow(info->sector_count, (uint64_t)info->sector_size, &medium->size))
		return -EFBIG;
	medium->sector_size = info->sector_size;
	medium->read_write = info->read_write;
	medium->sector = malloc(info->sector_size);
	mutex_init(&medium->mutex);
	return medium->sector != NULL ? 0 : -ENOMEM;
}

void medium_close(struct medium *medium)
{
	free(medium->sector);
	medium->sector = NULL;
	medium->held = false;
}

static int hold(struct medium *medium, uint64_t number)
{
	if (medium->held && medium->number == number)
		return 0;
	medium->held = false;
	int error = block_read(medium->block, number, medium->sector, medium->sector_size, NEVER);

	if (error == 0) {
		medium->held = true;
		medium->number = number;
	}
	return error;
}

static bool in_range(const struct medium *medium, uint64_t offset, uint64_t length)
{
	return offset <= medium->size && length <= medium->size - offset;
}

/* Read whole sectors, and in the same request the one behind of which only `rest` bytes are wanted. */
static int read_sectors(struct medium *medium, uint64_t number, uint8_t *to, size_t length,
                        size_t rest)
{
	uint64_t last = number + length / medium->sector_size;
	bool known = rest == 0 || (medium->held && medium->number == last);
	struct slice slices[2] = { slice_of(to, length),
		                   slice_of(medium->sector, medium->sector_size) };

	medium->held = medium->held && known;
	int error = block_read_slices(medium->block, number, slices, known ? 1 : 2, NEVER);

	if (error != 0)
		return error;
	if (!known) {
		medium->held = true;
		medium->number = last;
	}
	memcpy(to + length, medium->sector, rest);
	return 0;
}

int medium_read(struct medium *medium, uint64_t offset, void *bytes, size_t length)
{
	uint8_t *to = bytes;

	if (!in_range(medium, offset, length))
		return -ERANGE;
	while (length > 0) {
		uint64_t number = offset / medium->sector_size;
		size_t within = (size_t)(offset % medium->sector_size);
		size_t count = medium->sector_size - within;
		int error;

		if (within == 0 && length >= medium->sector_size) {
			size_t rest = length % medium->sector_size;

			error = read_sectors(medium, number, to, length - rest, rest);
			count = length;
		} else {
			count = count < length ? count : length;
			error = hold(medium, number);
			if (error == 0)
				memcpy(to, medium->sector + within, count);
		}
		if (error != 0)
			return error;
		to += count;
		offset += count;
		length -= count;
	}
	return 0;
}

/* Write a part of a sector. */
static int write_part(struct medium *medium, uint64_t number, size_t within, const void *bytes,
                      size_t count)
{
	int error = hold(medium, number);

	if (error != 0)
		return error;
	memcpy(medium->sector + within, bytes, count);
	error = block_write(medium->block, number, medium->sector, medium->sector_size, NEVER);
	if (error != 0)
		medium->held = false;
	return error;
}

int medium_write(struct medium *medium, uint64_t offset, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	if (!medium->read_write)
		return -EROFS;
	if (!in_range(medium, offset, length))
		return -ERANGE;
	while (length > 0) {
		uint64_t number = offset / medium->sector_size;
		size_t within = (size_t)(offset % medium->sector_size);
		size_t count = medium->sector_size - within;
		int error;

		if (within == 0 && length >= medium->sector_size) {
			count = length - length % medium->sector_size;
			medium->held = false;
			error = block_write(medium->block, number, from, count, NEVER);
		} else {
			count = count < length ? count : length;
			error = write_part(medium, number, within, from, count);
		}
		if (error != 0)
			return error;
		from += count;
		offset += count;
		length -= count;
	}
	return 0;
}

int medium_zero(struct medium *medium, uint64_t offset, uint64_t length)
{
	static const uint8_t zeros[ZEROS_SIZE];
	int error = 0;

	while (length > 0 && error == 0) {
		/* Up to a boundary first, so that sectors are then written whole. */
		size_t count = ZEROS_SIZE - (size_t)(offset % ZEROS_SIZE);

		if (count > length)
			count = (size_t)length;
		error = medium_write(medium, offset, zeros, count);
		offset += count;
		length -= count;
	}
	return error;
}

int medium_flush(struct medium *medium)
{
	return block_flush(medium->block, NEVER);
}

int medium_lock(struct medium *medium)
{
	if (runtime_current() == NULL)
		return 0;
	int error = mutex_lock(&medium->mutex, NEVER);

	if (error == 0)
		fiber_shield();
	if (error != -EDEADLK)
		return error;
	medium->inner++; /* the fiber has it */
	return 0;
}

void medium_unlock(struct medium *medium)
{
	if (runtime_current() == NULL)
		return;
	if (medium->inner > 0) {
		medium->inner--;
		return;
	}
	fiber_unshield();
	mutex_unlock(&medium->mutex);
}
