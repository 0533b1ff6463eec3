#include <mirage/config.h>

MAIN(block_test, "block_test_start", time, block)

void configure(void)
{
	block_impl *img = if_impl(is_solo5(), block_of_file("storage"), block_of_file("disk.img"));

	register_unikernel("block_test", block_test(default_time(), img),
	                   .rules = RULES(RULE(.output = "disk.img",
	                                       .command = "dd if=/dev/zero of=$@ count=100000 "
	                                                  "status=none")));
}
