/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/boot_block.h"

#include <errno.h>
#include <string.h>

#include "abi/hvt.h"

int boot_block_write(uint8_t *memory, const struct boot_block *block)
{
	size_t command_line_length = strlen(block->command_line);

	if (command_line_length >= HVT_COMMAND_LINE_SIZE)
		return -E2BIG;

	struct manifest manifest = *block->manifest;
	/* Descriptors of the tender are nothing to the guest. */
	for (size_t i = 0; i < manifest.entry_count; i++)
		manifest.entries[i].backend = 0;

	struct hvt_boot boot = {
		.memory_size = block->memory_size,
		.image_end = block->image_end,
		.tsc_frequency_hz = block->tsc_frequency_hz,
		.manifest = HVT_BOOT + sizeof(boot),
		.host_features = block->net_ring != 0 ? HVT_FEATURE_NET_RING : 0,
		.net_ring = block->net_ring,
	};
	boot.command_line = boot.manifest + manifest_size(&manifest);
	memcpy(memory + HVT_BOOT, &boot, sizeof(boot));
	memcpy(memory + boot.manifest, &manifest, manifest_size(&manifest));
	memcpy(memory + boot.command_line, block->command_line, command_line_length + 1);
	return 0;
}
