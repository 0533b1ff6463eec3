/* SPDX-License-Identifier: ISC */
/* As many devices as a manifest can have; each must be the one that its name says. */
#include "test/images/hvt/guest.h"

#define BLOCKS_OF_TEN(tens)                                                                     \
	BLOCK("d" #tens "0"), BLOCK("d" #tens "1"), BLOCK("d" #tens "2"), BLOCK("d" #tens "3"), \
		BLOCK("d" #tens "4"), BLOCK("d" #tens "5"), BLOCK("d" #tens "6"),               \
		BLOCK("d" #tens "7"), BLOCK("d" #tens "8"), BLOCK("d" #tens "9")

IMAGE(SOLO5_TARGET_HVT, HVT_ABI_VERSION, 63, BLOCKS_OF_TEN(0), BLOCKS_OF_TEN(1), BLOCKS_OF_TEN(2),
      BLOCKS_OF_TEN(3), BLOCKS_OF_TEN(4), BLOCKS_OF_TEN(5), BLOCK("d60"), BLOCK("d61"),
      BLOCK("d62"))

int image_main(const struct hvt_boot *boot, const char *command_line)
{
	const struct solo5_manifest *manifest = (const struct solo5_manifest *)boot->manifest;
	static uint8_t block[512];

	(void)command_line;
	for (uint32_t i = 1; i < manifest->entry_count; i++) {
		if (block_transfer(HVT_BLOCK_READ, i, 0, block, sizeof(block)) != SOLO5_OK)
			return 1;
		block[8] = '\0';
		if (!same((const char *)block, manifest->entries[i].name))
			return 2;
	}
	print_number("devices ", manifest->entry_count - 1, "\n");
	return 0;
}
