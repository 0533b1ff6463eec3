/* SPDX-License-Identifier: ISC */
/*
 * For fuzz targets of what stands on block devices: the input as a RAM disk, and everything that can
 * be asked of a store on it.
 */
#ifndef TEST_FUZZ_HOSTILE_DISK_H
#define TEST_FUZZ_HOSTILE_DISK_H

#include <stdlib.h>
#include <string.h>

#include <mirage/kv_rw.h>

#include "storage/kv/finding.h"
#include "test/unit/store_disk.h"

/* A disk that begins with the input, rounded up and with `more` zeros behind it. */
static inline void hostile_disk_open(struct store_disk *disk, const uint8_t *bytes, size_t length,
                                     size_t more)
{
	if (store_disk_init(disk, (length + more + 511) / 512 * 512, 0) != 0)
		abort();
	if (length > 0)
		memcpy(disk->ram_state.bytes, bytes, length);
}

struct hostile_walk {
	struct kv_ro reader;
	const char *key;
	unsigned depth;
	unsigned *left; /* entries to look at yet */
};

static inline int hostile_visit(void *context, const char *name, enum kv_kind kind);

static inline void hostile_list(const struct hostile_walk *walk)
{
	error_ignore(kv_ro_list(&walk->reader, walk->key, hostile_visit, (void *)(uintptr_t)walk),
	             "any error will do");
}

/* Ask everything of an entry; what is listed must be there, and be of that kind. */
static inline int hostile_visit(void *context, const char *name, enum kv_kind kind)
{
	struct hostile_walk below = *(const struct hostile_walk *)context;
	char key[KV_KEY_SIZE];
	uint8_t bytes[600];
	nanoseconds wall;
	struct kv_value value;

	if (*below.left == 0 ||
	    kv_key_join((struct kv_key){ below.key, strlen(below.key) },
	                (struct kv_key){ name, strlen(name) }, key, sizeof(key)) != 0)
		return 1;
	--*below.left;
	error_ignore(kv_ro_last_modified(&below.reader, key, &wall), "any error will do");
	if (kind == KV_VALUE) {
		if (kv_ro_get_part(&below.reader, key, 100, bytes, sizeof(bytes)) >
		    (ssize_t)sizeof(bytes))
			abort();
		if (kv_ro_get(&below.reader, key, &value) == 0)
			kv_value_release(&value);
	} else if (below.depth < 6) {
		below.key = key;
		below.depth++;
		hostile_list(&below);
	}
	return 0;
}

static inline void hostile_read(struct kv_ro reader)
{
	unsigned left = 64;

	hostile_list(&(struct hostile_walk){ .reader = reader, .key = "", .left = &left });
}

static inline int sound_visit(void *context, const char *name, enum kv_kind kind);

/* All that a checker calls sound can be listed and read. */
static inline void sound_read(const struct hostile_walk *walk)
{
	if (kv_ro_list(&walk->reader, walk->key, sound_visit, (void *)(uintptr_t)walk) != 0)
		abort();
}

static inline int sound_visit(void *context, const char *name, enum kv_kind kind)
{
	struct hostile_walk below = *(const struct hostile_walk *)context;
	char key[KV_KEY_SIZE];
	struct kv_value value;

	if (kv_key_join((struct kv_key){ below.key, strlen(below.key) },
	                (struct kv_key){ name, strlen(name) }, key, sizeof(key)) != 0)
		return 0; /* too long for a key */
	if (kind == KV_VALUE) {
		if (kv_ro_get(&below.reader, key, &value) != 0)
			abort();
		kv_value_release(&value);
	} else if (below.depth < 6) {
		below.key = key;
		below.depth++;
		sound_read(&below);
	}
	return 0;
}

/* Counts what is worse than harmless. */
static inline void count_damage(void *context, const struct finding *finding)
{
	unsigned *count = context;

	if (strlen(finding->kind) == 0 || strlen(finding->text) == 0)
		abort();
	*count += !finding->harmless;
}

/* Change what can be changed, then read it all again. */
static inline void hostile_write(const struct kv_rw *kv)
{
	static const uint8_t bytes[5000] = { 1 };

	error_ignore(kv_rw_set(kv, "new", bytes, sizeof(bytes)), "any error will do");
	error_ignore(kv_rw_set(kv, "a/new value in a dictionary", bytes, 100), "likewise");
	error_ignore(kv_rw_set_part(kv, "new", 3000, bytes, 3000), "likewise");
	error_ignore(kv_rw_rename(kv, "a", "b/c"), "likewise");
	error_ignore(kv_rw_remove(kv, "new"), "likewise");
	error_ignore(kv_rw_remove(kv, "b"), "likewise");
	hostile_read(kv_rw_reader(kv));
}

#endif
