#include <mirage/config.h>

MAIN(timeout1_main, "timeout1_start", time, random)

void configure(void)
{
	register_unikernel("timeout1", timeout1_main(default_time(), default_random()));
}
