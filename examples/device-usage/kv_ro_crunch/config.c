#include <mirage/config.h>

FOREIGN(kv_ro_main, "kv_ro_start", console, kv_ro, kv_ro)

void configure(void)
{
	kv_ro_impl *disk1 = crunch("t");
	kv_ro_impl *disk2 = crunch("t");

	register_unikernel("kv_ro", kv_ro_main(default_console(), disk1, disk2));
}
