#include <mirage/config.h>

MAIN(timeout2_main, "timeout2_start", time, random)

void configure(void)
{
	register_unikernel("timeout2", timeout2_main(default_time(), default_random()));
}
