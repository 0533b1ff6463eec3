#include <mirage/config.h>

MAIN(kv_ro_main, "kv_ro_start", kv_ro)

void configure(void)
{
	register_unikernel("kv_ro", kv_ro_main(generic_kv_ro("t")));
}
