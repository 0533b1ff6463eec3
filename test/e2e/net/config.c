#include <mirage/config.h>

KEY_FLAG(accept, .doc = "Take super-frames and unfinished checksums.")
KEY_FLAG(spread, .doc = "Send the payload in many parts.")
MAIN(offload_main, "offload_start", net)

void configure(void)
{
	register_unikernel("offload", offload_main(default_network()));
}
