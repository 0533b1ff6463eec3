#include <mirage/config.h>

MAIN(greet_main, "greet_start", console)

void configure(void)
{
	register_unikernel("local-library", greet_main(default_console()),
	                   .libraries = LIBRARIES("greeting"));
}
