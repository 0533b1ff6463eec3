/* SPDX-License-Identifier: ISC */
/*
 * littlefs_kv: a littlefs file system on a block device as a key/value store that survives power cuts.
 *
 * Format.     littlefs's, on-disk versions 2.0 and 2.1, as its specification has it; `block_size` is
 *             the volume's own. Names have at most 255 bytes, values less than 2 GiB.
 * Times.      In the attribute 't' (0x74) of each file: seconds since 1970 in 8 bytes, or 4 when read.
 *             Other attributes are kept as they are.
 * Durability. Every call is all or nothing, whatever is left of a write that is cut: metadata has
 *             checksums and is written beside what it replaces, bytes of values go to free blocks.
 *             What a cut left half done (a move, a removed dictionary) is finished when connecting.
 *             kv_rw_set_part() writes the whole value anew.
 * Bad blocks. What is written is read again; a block that fails, or has something else, is left alone and
 *             another one is taken. A directory whose block is bad moves to another, and so does one
 *             after so many changes. Only the first two blocks, which the root directory has, cannot
 *             move: when they can be written no longer changes of the root are -EIO. A block that
 *             cannot be read when tried again is lost, as one with a wrong checksum.
 * Wear.       Free blocks are taken in turn, from another place each time the volume is opened.
 * Memory.     8 KiB of tables, up to eight blocks of directories that have at most 16 KiB, and a bit for each
 *             block of the volume once something was written; for a call 64 KiB or a block.
 * Damage.     Whatever is on the disk, operations end, in time and memory bounded by its size.
 * Context.    Fiber; one at a time, the others wait.
 * See also.   kv_rw.h; config.h: littlefs()
 */
#ifndef MIRAGE_LITTLEFS_KV_H
#define MIRAGE_LITTLEFS_KV_H

#include <mirage/attributes.h>
#include <mirage/block.h>
#include <mirage/kv_rw.h>
#include <mirage/wall_clock.h>

struct littlefs_volume;

/* Private. */
struct littlefs_kv_state {
	struct littlefs_volume *volume;
};

struct littlefs_kv {
	struct littlefs_kv_state *state;
	const struct block *block;
	const struct wall_clock *clock; /* for the times of values */
};

extern const struct kv_rw_ops littlefs_kv_ops;

/*
 * Open the volume; what is wrong with it is logged. On a device that cannot be written it can be read:
 * setting is then -EROFS.
 *
 * -EBADMSG  it is no littlefs volume, or a damaged one
 * -ENOTSUP  of a version not known here
 * -ENXIO    the device is not connected
 * -ENOMEM, and what the device says
 */
must_check int littlefs_kv_connect(const struct littlefs_kv *kv);

void littlefs_kv_disconnect(const struct littlefs_kv *kv);

#endif
