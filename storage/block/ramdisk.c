// SPDX-License-Identifier: ISC
/* Block devices in memory. */
#include <mirage/ramdisk.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>

static const struct block_info *info(const void *self)
{
	const struct ramdisk *ramdisk = self;

	return &ramdisk->state->info;
}

static void perform(const struct ramdisk_state *state, const struct block_request *request)
{
	uint8_t *bytes = state->bytes + block_bytes(&state->info, request->sector);
	size_t length = (size_t)block_bytes(&state->info, request->sector_count);

	switch (request->operation) {
	case BLOCK_READ:
		block_copy_to_slices(request, 0, bytes, length);
		break;
	case BLOCK_WRITE:
		block_copy_from_slices(request, 0, bytes, length);
		break;
	case BLOCK_DISCARD:
		memset(bytes, 0, length);
		break;
	case BLOCK_FLUSH:
		break;
	}
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct ramdisk *ramdisk = self;

	(void)deadline;
	for (size_t i = 0; i < count; i++) {
		perform(ramdisk->state, &requests[i]);
		requests[i].result = 0;
	}
}

const struct block_ops ramdisk_ops = { .info = info, .submit = submit };

int ramdisk_connect(const struct ramdisk *ramdisk)
{
	uint32_t sector_size =
		ramdisk->sector_size == 0 ? BLOCK_SECTOR_SIZE_MIN : ramdisk->sector_size;

	*ramdisk->state = (struct ramdisk_state){ .bytes = NULL };
	if (!block_sector_size_valid(sector_size) || ramdisk->size % sector_size != 0)
		return -EINVAL;
	if (ramdisk->size > PTRDIFF_MAX)
		return -ENOMEM;
	ramdisk->state->bytes = calloc(1, ramdisk->size == 0 ? 1 : (size_t)ramdisk->size);
	if (ramdisk->state->bytes == NULL)
		return -ENOMEM;
	ramdisk->state->info = (struct block_info){
		.sector_count = ramdisk->size / sector_size,
		.sector_size = sector_size,
		.depth = 1,
		.read_write = !ramdisk->read_only,
		.can_discard = !ramdisk->read_only,
		.durable = true,
	};
	return 0;
}

void ramdisk_disconnect(const struct ramdisk *ramdisk)
{
	free(ramdisk->state->bytes);
	*ramdisk->state = (struct ramdisk_state){ .bytes = NULL };
}
