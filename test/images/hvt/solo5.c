/* SPDX-License-Identifier: ISC */
/* An image in the layout of Solo5's own (solo5.ld): is everything where and as it has to be? */
#include "test/images/hvt/guest.h"

IMAGE_WITHOUT_DEVICES(SOLO5_TARGET_HVT, HVT_ABI_VERSION)

extern __thread uint32_t thread_local_data;
__thread uint32_t thread_local_data = 4711;
static uint8_t zero[3 << 20]; /* over the end of the first unit of pages, as Solo5's ring is */
static volatile uint32_t changed = 815;

extern const uint32_t image_tdata[];
extern const uint8_t image_bss[];
extern const uint8_t image_end[];

int image_main(const struct hvt_boot *boot, const char *command_line)
{
	const volatile uint8_t *byte = zero;

	catch_traps();
	if (same(command_line, "write-tdata"))
		*(volatile uint32_t *)(uintptr_t)image_tdata = 0;
	if (same(command_line, "execute-bss")) {
		zero[sizeof(zero) - 1] = 0xc3;
		((void (*)(void))(uintptr_t)(zero + sizeof(zero) - 1))();
	}
	for (size_t i = 0; i < sizeof(zero); i++)
		if (byte[i] != 0)
			return 1;
	if (image_tdata[0] != 4711)
		return 2;
	if (changed++ != 815 || changed != 816)
		return 3;
	if (boot->image_end > (uintptr_t)image_bss || (uintptr_t)image_end <= boot->image_end)
		return 4; /* .bss is not counted */
	zero[sizeof(zero) - 1] = 1;
	print("all there\n");
	return 0;
}
