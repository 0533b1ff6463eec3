/* SPDX-License-Identifier: ISC */
/* Whatever is on a disk, it can be read and written as a FAT volume without harm. */
#include "test/fuzz/hostile_disk.h"

#include <mirage/fat_kv.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct hostile_disk disk;
	struct fat_rw_state state;
	struct fat_rw fat = { .state = &state, .block = &disk.block, .clock = &disk.clock };
	struct kv_rw kv = { .ops = &fat_rw_ops, .self = &fat };

	/* Room behind it, so that short inputs make volumes that can be. */
	hostile_disk_open(&disk, bytes, length, 65536);
	if (fat_rw_connect(&fat) == 0) {
		hostile_read(kv_rw_reader(&kv));
		hostile_write(&kv);
		fat_rw_disconnect(&fat);
	}
	hostile_disk_close(&disk);
	return 0;
}
