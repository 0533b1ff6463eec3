#include <mirage/config.h>

KEY_FLAG(reset_all, .stage = KEY_STAGE_RUN, .doc = "Reset all state on disk and quit.")
KEY_INT(slot, .stage = KEY_STAGE_RUN, .value = "0", .minimum = 0, .maximum = INT64_MAX,
        .doc = "Sector to read and write game state to.")
KEY_FLAG(reset, .stage = KEY_STAGE_RUN,
         .doc = "Reset the state on disk at the slot that --slot says and quit.")
MAIN(lottery_main, "lottery_start", block, random)

void configure(void)
{
	block_impl *img = if_impl(is_solo5(), block_of_file("storage"), block_of_file("disk.img"));

	register_unikernel("lottery", lottery_main(img, default_random()),
	                   .sources = FILES("unikernel.c", "lotto.c"));
}
