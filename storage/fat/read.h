/* SPDX-License-Identifier: ISC */
/*
 * What fat_ro and fat_rw have in common. `self` is either's.
 */
#ifndef STORAGE_FAT_READ_H
#define STORAGE_FAT_READ_H

#include <mirage/kv_ro.h>

#include "storage/fat/volume.h"

/* The volume is the first member of either state, and the state of either device. */
struct fat_volume *fat_volume_of(const void *self);

/* Make a volume on the heap and open it; what is wrong is logged. */
must_check int fat_connect(struct fat_volume **volume, const struct block *block);
void fat_disconnect(struct fat_volume **volume);

int fat_kv_exists(const void *self, struct kv_key key, enum kv_kind *kind);
int fat_kv_size(const void *self, struct kv_key key, uint64_t *size);
ssize_t fat_kv_get_part(const void *self, struct kv_key key, uint64_t offset, void *bytes,
                        size_t length);
int fat_kv_list(const void *self, struct kv_key key, kv_visit *visit, void *context);
int fat_kv_last_modified(const void *self, struct kv_key key, nanoseconds *wall);

int fat_kv_lock(const void *self);
void fat_kv_unlock(const void *self);

#define FAT_KV_READ                                                                      \
	.exists = fat_kv_exists, .size = fat_kv_size, .get_part = fat_kv_get_part,       \
	.list = fat_kv_list, .last_modified = fat_kv_last_modified, .lock = fat_kv_lock, \
	.unlock = fat_kv_unlock

#endif
