// SPDX-License-Identifier: ISC
/* Block devices that stand on others, as config.c names them. */
#include <mirage/config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	PARTITION_NUMBER_MAX = 1024,
	PARTITION_NAME_MAX = 108,
};

static void check_disk(struct location here, const char *constructor, const block_impl *disk)
{
	if (disk == NULL)
		config_fail_at(here, "%s(): the disk is NULL: give it a block device", constructor);
}

block_impl *partition_at(struct location here, block_impl *disk, unsigned int number,
                         const char *name)
{
	char number_text[32];

	check_disk(here, "partition", disk);
	if (name == NULL && (number == 0 || number > PARTITION_NUMBER_MAX))
		config_fail_at(here, "partition(): number %u: they count from 1 to %d", number,
		               PARTITION_NUMBER_MAX);
	if (name != NULL && (*name == '\0' || strlen(name) > PARTITION_NAME_MAX))
		config_fail_at(here, "partition_named(): a name has 1 to %d bytes",
		               PARTITION_NAME_MAX);
	snprintf(number_text, sizeof(number_text), "%u", number);
	return (block_impl *)device_new(
		here, &block_type, "block_partition",
		&(struct device){
			.header = "mirage/block_partition.h",
			.state = true,
			.connect = true,
			.disconnect = true,
			.devices = DEVICES(WIRE(below, disk)),
			.values = name != NULL ? VALUES(TEXT_VALUE(name, name))
	                                       : VALUES(C_VALUE(number, number_text)),
		});
}
