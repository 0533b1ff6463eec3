/* SPDX-License-Identifier: ISC */
/*
 * Whatever is on a disk, it can be checked, read and written as a FAT volume without harm, and what the
 * checker calls sound can be read.
 */
#include "test/fuzz/hostile_disk.h"

#include <mirage/fat_kv.h>

#include "storage/fat/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct store_disk disk;
	struct fat_rw_state state;
	struct fat_rw fat = { .state = &state, .block = &disk.block, .clock = &disk.clock };
	struct kv_rw kv = { .ops = &fat_rw_ops, .self = &fat };

	/* Room behind it, so that short inputs make volumes that can be. */
	hostile_disk_open(&disk, bytes, length, 65536);
	if (fat_rw_connect(&fat) == 0) {
		unsigned damages = 0;

		if (fat_check(state.volume, count_damage, &damages) != 0)
			abort();
		if (damages == 0)
			sound_read(
				&(struct hostile_walk){ .reader = kv_rw_reader(&kv), .key = "" });
		hostile_read(kv_rw_reader(&kv));
		hostile_write(&kv);
		fat_rw_disconnect(&fat);
	}
	store_disk_fini(&disk);
	return 0;
}
