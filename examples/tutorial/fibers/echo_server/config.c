#include <mirage/config.h>

MAIN(echo_server_main, "echo_server_start", time, random)

void configure(void)
{
	register_unikernel("echo_server", echo_server_main(default_time(), default_random()));
}
