#include <mirage/config.h>

MAIN(clock_main, "clock_start", time, wall_clock, monotonic_clock)

void configure(void)
{
	register_unikernel("clock", clock_main(default_time(), default_wall_clock(),
	                                       default_monotonic_clock()));
}
