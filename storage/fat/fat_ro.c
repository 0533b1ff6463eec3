// SPDX-License-Identifier: ISC
/* fat_ro: a FAT volume to read from. */
#include <mirage/fat_kv.h>

#include "storage/fat/read.h"

int fat_ro_connect(const struct fat_ro *kv)
{
	struct fat_ro_state *state = kv->state;

	return fat_connect(&state->volume, kv->block);
}

void fat_ro_disconnect(const struct fat_ro *kv)
{
	struct fat_ro_state *state = kv->state;

	fat_disconnect(&state->volume);
}

const struct kv_ro_ops fat_ro_ops = { FAT_KV_READ };
