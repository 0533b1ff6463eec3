// SPDX-License-Identifier: ISC
/* Partitions of a disk, and the block device of one. */
#include <mirage/block_partition.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>
#include <mirage/log.h>

#include "storage/block/partition_table.h"

LOG_SOURCE(log_block_partition, "partition");

int partition_walk_read(const struct partition_walk *walk, uint64_t sector)
{
	int result = block_read(walk->disk, sector, walk->sector, walk->info->sector_size, NEVER);

	return result == -ERANGE ? -EBADMSG : result;
}

static int walk_table(const struct partition_walk *walk)
{
	int result = partition_walk_read(walk, 0);

	if (result != 0)
		return result == -EBADMSG ? -ENODATA : result;
	if (!partition_mbr_is_one(walk->sector))
		return -ENODATA;
	return partition_mbr_is_protective(walk->sector) ? partition_gpt_walk(walk)
	                                                 : partition_mbr_walk(walk);
}

int partition_each(const struct block *disk,
                   int (*visit)(void *context, const struct partition *partition), void *context)
{
	const struct block_info *info = block_info(disk);
	struct partition_walk walk = {
		.disk = disk, .info = info, .visit = visit, .context = context
	};

	if (info->sector_size == 0)
		return -ENXIO;
	walk.sector = malloc(info->sector_size);
	if (walk.sector == NULL)
		return -ENOMEM;
	int result = walk_table(&walk);
	free(walk.sector);
	return result;
}

struct search {
	unsigned int number;
	const char *name; /* or NULL: by number */
	struct partition *partition;
};

static int compare(void *context, const struct partition *partition)
{
	const struct search *search = context;

	if (search->name != NULL ? strcmp(partition->name, search->name) != 0
	                         : partition->number != search->number)
		return 0;
	*search->partition = *partition;
	return 1;
}

static int check_overlap(void *context, const struct partition *other)
{
	const struct partition *partition = context;

	if (other->number == partition->number)
		return 0;
	return other->sector < partition->sector + partition->sector_count &&
	                       partition->sector < other->sector + other->sector_count
	               ? -EBADMSG
	               : 0;
}

static int find(const struct block *disk, const struct search *search)
{
	int result = partition_each(disk, compare, (void *)(uintptr_t)search);

	if (result == 0)
		return -ENOENT;
	return result < 0 ? result : partition_each(disk, check_overlap, search->partition);
}

int partition_find(const struct block *disk, unsigned int number, struct partition *partition)
{
	return find(disk, &(struct search){ .number = number, .partition = partition });
}

int partition_find_named(const struct block *disk, const char *name, struct partition *partition)
{
	return find(disk, &(struct search){ .name = name, .partition = partition });
}

static const struct block_info *info(const void *self)
{
	const struct block_partition *partition = self;

	return &partition->state->info;
}

static void shift(struct block_request *requests, size_t count, uint64_t distance)
{
	for (size_t i = 0; i < count; i++)
		requests[i].sector += distance;
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_partition *partition = self;
	uint64_t start = partition->state->partition.sector;

	shift(requests, count, start);
	error_ignore(block_submit(partition->below, requests, count, deadline),
	             "each request has its result");
	shift(requests, count, -start);
}

const struct block_ops block_partition_ops = { .info = info, .submit = submit };

static const char *reason(int error)
{
	switch (error) {
	case -ENODATA:
		return "the disk has no partition table";
	case -ENOENT:
		return "the disk has no such partition";
	case -EBADMSG:
		return "the partition table is damaged, or the partition overlaps another";
	default:
		return strerror(-error);
	}
}

int block_partition_connect(const struct block_partition *self)
{
	struct block_partition_state *state = self->state;

	*state = (struct block_partition_state){ .info = { .sector_size = 0 } };
	int result = self->name != NULL
	                     ? partition_find_named(self->below, self->name, &state->partition)
	                     : partition_find(self->below, self->number, &state->partition);
	if (result != 0 && self->name != NULL)
		log_error_from(&log_block_partition, "partition '%s': %s", self->name,
		               reason(result));
	else if (result != 0)
		log_error_from(&log_block_partition, "partition %u: %s", self->number,
		               reason(result));
	if (result != 0)
		return result;
	state->info = *block_info(self->below);
	state->info.sector_count = state->partition.sector_count;
	return 0;
}

void block_partition_disconnect(const struct block_partition *self)
{
	self->state->info.sector_size = 0;
}
