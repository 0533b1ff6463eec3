#include <mirage/config.h>

MAIN(heads1_main, "heads1_start", time)

void configure(void)
{
	register_unikernel("heads1", heads1_main(default_time()));
}
