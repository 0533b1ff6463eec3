/* SPDX-License-Identifier: ISC */
/*
 * Whatever is on a disk, it can be read and written as a littlefs volume without harm. Checksums of
 * commits are put right first: no fuzzer guesses them.
 */
#include "test/fuzz/hostile_disk.h"

#include <mirage/littlefs_kv.h>

#include "storage/kv/little_endian.h"
#include "storage/littlefs/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint32_t crc_of(uint32_t crc, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
	}
	return crc;
}

/* Go through the tags of a block as its reader does. */
static void fix_block(uint8_t *block, size_t size)
{
	uint32_t last = 0xffffffff, crc = crc_of(0xffffffff, block, 4);

	for (size_t at = 4; at + 4 <= size;) {
		uint32_t tag = ((uint32_t)block[at] << 24 | (uint32_t)block[at + 1] << 16 |
		                (uint32_t)block[at + 2] << 8 | block[at + 3]) ^
		               last;
		size_t count = (tag & 0x3ff) == 0x3ff ? 0 : tag & 0x3ff;

		if (tag >> 31 != 0 || count > size - at - 4)
			return;
		crc = crc_of(crc, block + at, 4);
		last = tag;
		if (tag >> 28 == 5 && (tag >> 27 & 1) == 0) {
			if (count < 4)
				return;
			put_le32(block + at + 4, crc);
			crc = 0xffffffff;
			last ^= (tag >> 20 & 1) << 31;
		} else {
			crc = crc_of(crc, block + at + 4, count);
		}
		at += 4 + count;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	enum {
		BLOCK_SIZE = 512
	};
	struct store_disk disk;
	struct littlefs_kv_state state;
	struct littlefs_kv littlefs = { .state = &state,
		                        .block = &disk.block,
		                        .clock = &disk.clock };
	struct kv_rw kv = { .ops = &littlefs_kv_ops, .self = &littlefs };

	hostile_disk_open(&disk, bytes, length, 4096);
	for (size_t at = 0; at + BLOCK_SIZE <= length; at += BLOCK_SIZE)
		fix_block(disk.ram_state.bytes + at, BLOCK_SIZE);
	struct littlefs_volume volume;

	if (littlefs_open(&volume, &disk.block) == 0) {
		unsigned damages = 0;

		if (littlefs_check(&volume, count_damage, &damages) != 0)
			abort();
		littlefs_close(&volume);
	}
	if (littlefs_kv_connect(&littlefs) == 0) {
		hostile_read(kv_rw_reader(&kv));
		hostile_write(&kv);
		littlefs_kv_disconnect(&littlefs);
	}
	store_disk_fini(&disk);
	return 0;
}
