/* SPDX-License-Identifier: ISC */
/* Arithmetic with floats, in registers that only a whole processor has. */
#include "test/images/hvt/guest.h"

IMAGE_WITHOUT_DEVICES(SOLO5_TARGET_HVT, HVT_ABI_VERSION)

int image_main(const struct hvt_boot *boot, const char *command_line)
{
	volatile double one = (double)(boot->tsc_frequency_hz > 0);
	double sum = 0;

	(void)command_line;
	catch_traps();
	for (int i = 1; i <= 1000; i++)
		sum += one / i;
	print_number("harmonic * 1000: ", (uint64_t)(sum * 1000), "\n");
	__asm__ volatile("ldmxcsr %0" : : "m"((uint32_t){ 0x1f80 }));
	return 0;
}
