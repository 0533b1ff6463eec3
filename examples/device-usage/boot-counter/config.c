#include <mirage/config.h>

MAIN(counter_main, "counter_start", kv_rw)

void configure(void)
{
	block_impl *disk = if_impl(is_solo5(), block_of_file("disk"), block_of_file("disk.img"));

	register_unikernel(
		"counter", counter_main(littlefs(disk)),
		.rules = RULES(RULE(.output = "disk.img",
	                            .command = "mkdir -p _build/empty && "
	                                       "'$(ROOT)/bin/mirage' image make -f littlefs "
	                                       "--size=1MiB _build/empty $@")));
}
