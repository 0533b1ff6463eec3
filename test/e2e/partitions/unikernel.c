// SPDX-License-Identifier: ISC
/* Lists a disk's partitions, and writes into two of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_partition.h>
#include <mirage/log.h>

static int print(void *context, const struct partition *partition)
{
	(void)context;
	log_info("%u: %" PRIu64 "+%" PRIu64 " '%s' %02x", partition->number, partition->sector,
	         partition->sector_count, partition->name, partition->mbr_type);
	return 0;
}

static int write_text(const struct block *block, const char *text)
{
	const struct block_info *info = block_info(block);
	uint8_t *sector = calloc(1, info->sector_size);

	if (sector == NULL)
		return -ENOMEM;
	memcpy(sector, text, strlen(text));
	int error = block_write(block, 0, sector, info->sector_size, NEVER);
	if (error == 0)
		error = block_write(block, info->sector_count - 1, sector, info->sector_size,
		                    NEVER);
	if (error == 0)
		error = block_flush(block, NEVER);
	free(sector);
	return error;
}

int partitions_start(const struct block *disk, const struct block *first, const struct block *data)
{
	int error = partition_each(disk, print, NULL);

	if (error == 0)
		error = write_text(first, "the first partition");
	if (error == 0)
		error = write_text(data, "the partition called data");
	return error;
}
