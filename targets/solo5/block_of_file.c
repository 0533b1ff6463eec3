// SPDX-License-Identifier: ISC
/*
 * Block devices of a Solo5 tender. Each call of it blocks the instance and moves one block, or some
 * where the tender takes more; other fibers run between them.
 */
#include <mirage/block_of_file.h>

#include <errno.h>

#include <mirage/block_driver.h>
#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/runtime.h>

#include "targets/solo5/host.h"
#include "targets/solo5/manifest.h"

LOG_SOURCE(log_block_of_file, "block-of-file");

enum {
	CALLS_PER_TURN = 16, /* some 10 us of page cache on spt */
};

static const struct block_info *info(const void *self)
{
	const struct block_of_file *file = self;

	return &file->state->info;
}

/* How many calls of the tender others have waited for. */
struct turn {
	unsigned int calls;
};

/* Let others run now and then. -ECANCELED, which ends nothing that was begun. */
static int take_turn(struct turn *turn)
{
	return turn->calls++ % CALLS_PER_TURN == 0 ? fiber_yield() : 0;
}

static int move_slice(unsigned int handle, enum block_operation operation, uint64_t offset,
                      struct slice slice, struct turn *turn)
{
	size_t span = host_block_span_max(handle), length;

	for (size_t done = 0; done < slice.length; done += length) {
		uint8_t *bytes = slice.bytes + done;

		length = slice.length - done < span ? slice.length - done : span;
		int result = operation == BLOCK_READ
		                     ? host_block_read(handle, offset + done, bytes, length)
		                     : host_block_write(handle, offset + done, bytes, length);
		if (result != 0)
			return -EIO;
		error_ignore(take_turn(turn), "what was begun is finished");
	}
	return 0;
}

static int move(const struct block_of_file_state *state, const struct block_request *request,
                struct turn *turn)
{
	uint64_t offset = block_bytes(&state->info, request->sector);

	for (size_t i = 0; i < request->slice_count; i++) {
		int result = move_slice((unsigned int)state->descriptor, request->operation, offset,
		                        request->slices[i], turn);

		if (result != 0)
			return result;
		offset += request->slices[i].length;
	}
	return 0;
}

static int perform(const struct block_of_file_state *state, const struct block_request *request,
                   nanoseconds deadline, struct turn *turn)
{
	int result = take_turn(turn);

	if (result != 0)
		return result;
	if (deadline != NEVER && deadline <= runtime_now())
		return -ETIMEDOUT;
	switch (request->operation) {
	case BLOCK_READ:
	case BLOCK_WRITE:
		return move(state, request, turn);
	case BLOCK_FLUSH: /* what was written is the host's */
		return 0;
	case BLOCK_DISCARD:
		break;
	}
	return -EOPNOTSUPP;
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_of_file *file = self;
	struct turn turn = { .calls = 0 };

	for (size_t i = 0; i < count; i++)
		requests[i].result = perform(file->state, &requests[i], deadline, &turn);
}

const struct block_ops block_of_file_ops = { .info = info, .submit = submit };

int block_of_file_connect(const struct block_of_file *file)
{
	const struct solo5_manifest_entry *entry;
	unsigned int handle;

	*file->state = (struct block_of_file_state){ .descriptor = 0 };
	int error = solo5_manifest_find(file->name, SOLO5_DEVICE_BLOCK_BASIC, &handle, &entry);
	if (error != 0) {
		log_error_from(&log_block_of_file, "%s: the tender attached no such block device",
		               file->name);
		return error;
	}
	uint32_t sector_size = entry->block.block_size;
	if (!block_sector_size_valid(sector_size) || entry->block.capacity % sector_size != 0) {
		log_error_from(&log_block_of_file, "%s: the tender says sectors of %u bytes",
		               file->name, (unsigned int)sector_size);
		return -EINVAL;
	}
	file->state->descriptor = (int)handle;
	file->state->info = (struct block_info){
		.sector_count = entry->block.capacity / sector_size,
		.sector_size = sector_size,
		.depth = 1,
		.read_write = !file->read_only,
	};
	return 0;
}

void block_of_file_disconnect(const struct block_of_file *file)
{
	*file->state = (struct block_of_file_state){ .descriptor = 0 };
}
