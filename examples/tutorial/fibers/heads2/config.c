#include <mirage/config.h>

MAIN(heads2_main, "heads2_start", time)

void configure(void)
{
	register_unikernel("heads2", heads2_main(default_time()));
}
