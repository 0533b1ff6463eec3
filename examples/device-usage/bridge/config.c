#include <mirage/config.h>

KEY_BOOL(offload, .value = "true", .doc = "Pass super-frames on whole where both sides can.")
MAIN(bridge_main, "bridge_start", net, net)

void configure(void)
{
	const struct condition *solo5 = is_solo5();

	register_unikernel("bridge", bridge_main(if_impl(solo5, netif("left"), netif("tap0")),
	                                         if_impl(solo5, netif("right"), netif("tap1"))));
}
