/* SPDX-License-Identifier: ISC */
/*
 * What the guest reads first: boot information, manifest and command line, at HVT_BOOT.
 */
#ifndef TENDERS_HVT_BOOT_BLOCK_H
#define TENDERS_HVT_BOOT_BLOCK_H

#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/manifest/manifest.h"

struct boot_block {
	uint64_t memory_size;
	uint64_t image_end;
	uint64_t tsc_frequency_hz;
	uint64_t net_ring; /* guest address, or 0: no ring */
	const struct manifest *manifest;
	const char *command_line;
};

/*
 * Write it to `memory`, the start of the guest's.
 *
 * -E2BIG      the command line has over 8191 bytes
 */
must_check int boot_block_write(uint8_t *memory, const struct boot_block *block);

#endif
