/* SPDX-License-Identifier: ISC */
/*
 * Whatever is on a disk, it can be read as a tar archive, and appended to, without harm. Checksums are
 * put right first: no fuzzer guesses them.
 */
#include "test/fuzz/hostile_disk.h"

#include <stdio.h>

#include <mirage/tar_kv.h>

#include "storage/tar/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void fix_checksums(uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at + 512 <= length; at += 512) {
		unsigned sum = 0;

		if (memcmp(bytes + at + 257, "ustar", 5) != 0)
			continue;
		memset(bytes + at + 148, ' ', 8);
		for (size_t i = 0; i < 512; i++)
			sum += bytes[at + i];
		snprintf((char *)bytes + at + 148, 8, "%06o", sum);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct store_disk disk;
	struct tar_kv_rw_state state;
	struct tar_kv_rw tar = { .state = &state, .block = &disk.block, .clock = &disk.clock };
	struct kv_rw kv = { .ops = &tar_kv_rw_ops, .self = &tar };

	hostile_disk_open(&disk, bytes, length, 8192);
	fix_checksums(disk.ram_state.bytes, length);
	unsigned damages = 0;

	if (tar_check(&disk.block, count_damage, &damages) != 0)
		abort();
	int error = tar_kv_rw_connect(&tar);

	if (error != 0 && damages == 0)
		abort();
	if (error == 0) {
		if (damages == 0)
			sound_read(
				&(struct hostile_walk){ .reader = kv_rw_reader(&kv), .key = "" });
		hostile_read(kv_rw_reader(&kv));
		hostile_write(&kv);
		tar_kv_rw_disconnect(&tar);
	}
	store_disk_fini(&disk);
	return 0;
}
