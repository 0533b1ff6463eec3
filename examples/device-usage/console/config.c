#include <mirage/config.h>

MAIN(console_main, "console_start", console, time)

void configure(void)
{
	register_unikernel("console", console_main(default_console(), default_time()));
}
