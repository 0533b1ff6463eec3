/* SPDX-License-Identifier: ISC */
/*
 * `ramdisk`: a block device in the image's own memory, zeroed when it is connected.
 *
 *     static struct ramdisk_state state;
 *     static const struct ramdisk ramdisk = { .state = &state, .size = 1 << 20 };
 *     static const struct block disk = { .ops = &ramdisk_ops, .self = &ramdisk };
 *
 * Every operation is done at once, in any context; flushing and discarding succeed. Discarded
 * sectors read as zeroes.
 */
#ifndef MIRAGE_RAMDISK_H
#define MIRAGE_RAMDISK_H

#include <mirage/block.h>

struct ramdisk_state {
	struct block_info info;
	uint8_t *bytes; /* the sectors; tests may look, and change what they like */
};

struct ramdisk {
	struct ramdisk_state *state;
	uint64_t size;        /* bytes: a multiple of the sector size */
	uint32_t sector_size; /* bytes; 0 means 512 */
	bool read_only;
};

extern const struct block_ops ramdisk_ops;

/*
 * Take the memory. Called for generated instances before the jobs start.
 *
 * -EINVAL  the sector size cannot be one, or the size is no multiple of it
 * -ENOMEM
 */
must_check int ramdisk_connect(const struct ramdisk *ramdisk);

/* Free the memory. From then on every operation gives -ENXIO. */
void ramdisk_disconnect(const struct ramdisk *ramdisk);

#endif
