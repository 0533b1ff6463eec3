#include <mirage/config.h>

MAIN(info_main, "info_start", console)

void configure(void)
{
	register_unikernel("app_info", info_main(default_console()));
}
