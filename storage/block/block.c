// SPDX-License-Identifier: ISC
/* What every request passes before a driver sees it. */
#include <errno.h>
#include <string.h>

#include <mirage/block_driver.h>

/* Whole sectors, each slice by itself; their sum becomes request->sector_count. */
static int count_sectors(struct block_request *request, uint32_t sector_size)
{
	size_t length = 0;

	for (size_t i = 0; i < request->slice_count; i++) {
		size_t part = request->slices[i].length;

		if ((part & (sector_size - 1)) != 0 ||
		    __builtin_add_overflow(length, part, &length))
			return -EINVAL;
	}
	request->sector_count = length / sector_size;
	return 0;
}

static int check(struct block_request *request, const struct block_info *info)
{
	bool changes = true;
	int result = 0;

	if (info->sector_size == 0)
		return -ENXIO;
	switch (request->operation) {
	case BLOCK_FLUSH:
		request->sector_count = 0;
		return 0;
	case BLOCK_READ:
		changes = false;
		result = count_sectors(request, info->sector_size);
		break;
	case BLOCK_WRITE:
		result = count_sectors(request, info->sector_size);
		break;
	case BLOCK_DISCARD:
		break;
	default:
		return -EINVAL;
	}
	if (result != 0)
		return result;
	if (request->sector > info->sector_count ||
	    request->sector_count > info->sector_count - request->sector)
		return -ERANGE;
	if (changes && !info->read_write)
		return -EROFS;
	if (request->operation == BLOCK_DISCARD && !info->can_discard)
		return -EOPNOTSUPP;
	return 0;
}

/* True if there is nothing for the driver to do, because of an error or because of no sectors. */
static bool settled(struct block_request *request, const struct block_info *info)
{
	request->result = check(request, info);
	return request->result != 0 ||
	       (request->operation != BLOCK_FLUSH && request->sector_count == 0);
}

int block_submit(const struct block *block, struct block_request *requests, size_t count,
                 nanoseconds deadline)
{
	const struct block_info *info = block_info(block);
	size_t first = 0; /* of those that wait to be passed on */

	for (size_t i = 0; i < count; i++) {
		if (!settled(&requests[i], info))
			continue;
		if (i > first)
			block->ops->submit(block->self, requests + first, i - first, deadline);
		first = i + 1;
	}
	if (count > first)
		block->ops->submit(block->self, requests + first, count - first, deadline);
	for (size_t i = 0; i < count; i++)
		if (requests[i].result != 0)
			return requests[i].result;
	return 0;
}

/* Call once per piece: a slice's part of the range. Returns the number of bytes that are left. */
struct range {
	size_t skip;   /* bytes before the range, still to come */
	size_t length; /* bytes of the range, still to come */
};

static size_t range_take(struct range *range, struct slice slice, uint8_t **piece)
{
	size_t skipped = range->skip < slice.length ? range->skip : slice.length;
	size_t length = slice.length - skipped;

	range->skip -= skipped;
	if (length > range->length)
		length = range->length;
	range->length -= length;
	*piece = slice.bytes + skipped;
	return length;
}

void block_copy_from_slices(const struct block_request *request, size_t offset, void *bytes,
                            size_t length)
{
	struct range range = { .skip = offset, .length = length };
	uint8_t *to = bytes, *piece;

	for (size_t i = 0; range.length > 0 && i < request->slice_count; i++) {
		size_t part = range_take(&range, request->slices[i], &piece);

		if (part > 0)
			memcpy(to, piece, part);
		to += part;
	}
}

void block_copy_to_slices(const struct block_request *request, size_t offset, const void *bytes,
                          size_t length)
{
	struct range range = { .skip = offset, .length = length };
	const uint8_t *from = bytes;
	uint8_t *piece;

	for (size_t i = 0; range.length > 0 && i < request->slice_count; i++) {
		size_t part = range_take(&range, request->slices[i], &piece);

		if (part > 0)
			memcpy(piece, from, part);
		from += part;
	}
}
