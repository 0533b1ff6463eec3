#include <mirage/config.h>

MAIN(hello_main, "hello_start", time) /* time @-> job */

void configure(void)
{
	register_unikernel("hello", hello_main(default_time()));
}
