#include <mirage/config.h>

KEY_PREFIX(ipv4, .value = "10.0.0.2/24", .doc = "The address to answer for.")
KEY_ENUM(mode, .choices = CHOICES("answer", "flood", "sink"), .value = "answer",
         .doc = "Answer ARP and ping; or send, or receive, as fast as it goes, and print the rate.")
KEY_INT(count, .minimum = 0, .maximum = 1000000000, .value = "0",
        .doc = "Stop after that many frames answered, sent or received. 0: go on for ever.")
KEY_INT(size, .minimum = 42, .maximum = 65000, .value = "60",
        .doc = "Bytes of a frame to send, Ethernet header included.")
MAIN(frames_main, "frames_start", net, monotonic_clock)

void configure(void)
{
	register_unikernel("frames", frames_main(default_network(), default_monotonic_clock()),
	                   .sources = FILES("unikernel.c", "answer.c", "rate.c"));
}
