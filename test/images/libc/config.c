/* The C library of images, tried from inside one. */
#include <mirage/config.h>

MAIN(libc_program, "libc_program_start")

void configure(void)
{
	register_unikernel("libc", libc_program(), .link_flags = FILES("-lm"));
}
