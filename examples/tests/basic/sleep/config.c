#include <mirage/config.h>

MAIN(sleep_main, "sleep_start", console, time)

void configure(void)
{
	register_unikernel("sleep", sleep_main(default_console(), default_time()));
}
