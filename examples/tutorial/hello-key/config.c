#include <mirage/config.h>

KEY_STRING(hello, .value = "Hello World!", .doc = "How to say hello.")
MAIN(hello_main, "hello_start", time)

void configure(void)
{
	register_unikernel("hello", hello_main(default_time()));
}
