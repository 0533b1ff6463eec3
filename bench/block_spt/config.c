/* SPDX-License-Identifier: ISC */
#include <mirage/config.h>

MAIN(bench_main, "bench_start", time, block)

void configure(void)
{
	block_impl *disk = if_impl(is_solo5(), block_of_file("storage"), block_of_file("disk.img"));

	register_unikernel("bench", bench_main(default_time(), disk));
}
