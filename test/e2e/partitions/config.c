/* SPDX-License-Identifier: ISC */
#include <mirage/config.h>

MAIN(partitions_main, "partitions_start", block, block, block)

void configure(void)
{
	block_impl *disk = if_impl(is_solo5(), block_of_file("storage"), block_of_file("disk.img"));

	register_unikernel("partitions", partitions_main(disk, partition(disk, 1),
	                                                 partition_named(disk, "data")));
}
