#include <mirage/config.h>

MAIN(noop_main, "noop_start", job) /* job @-> job */

void configure(void)
{
	register_unikernel("noop", noop_main(noop()));
}
