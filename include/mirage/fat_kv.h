/* SPDX-License-Identifier: ISC */
/*
 * fat_ro, fat_rw: a FAT file system on a block device as a key/value store.
 *
 * Formats.    FAT12, FAT16 and FAT32, with long names, as found on memory cards and made by
 *             `mirage image make`. A partition is a block device of its own (block_partition.h).
 * Names.      Files and directories are values and dictionaries. FAT does not tell capitals from small
 *             letters: of ASCII's, all spellings lead to the same value. Names are UTF-8, at most
 *             255 units of UTF-16, not ending in a dot or blank, without " * : < > ? \ |: others
 *             are -EINVAL when written, and are not there when read.
 * Times.      UTC, in steps of 2 s, from 1980 on.
 * Writing.    kv_rw_set() and kv_rw_set_part() write the whole value to free clusters before it
 *             takes the old one's place, in one write of one sector. If the device writes a sector
 *             wholly or not at all, a power cut leaves the old value or the new one; clusters that
 *             nobody has may remain (`mirage image check` finds them). A value that is renamed is
 *             copied: a cut leaves it under the old name, under the new, or whole under each. A
 *             dictionary has one name, the old or the new, when fat_rw connects again; until then it
 *             may have both. Values are below 4 GiB.
 * Damage.     Whatever is on the disk, operations end, in time and memory bounded by its size.
 * Context.    Fiber; one at a time, the others wait.
 * See also.   kv_ro.h, kv_rw.h; config.h: fat_ro(), fat_rw(), fat_of_files()
 */
#ifndef MIRAGE_FAT_KV_H
#define MIRAGE_FAT_KV_H

#include <mirage/attributes.h>
#include <mirage/block.h>
#include <mirage/kv_ro.h>
#include <mirage/kv_rw.h>
#include <mirage/wall_clock.h>

struct fat_volume;

/* Private. */
struct fat_ro_state {
	struct fat_volume *volume;
};

struct fat_ro {
	void *state; /* struct fat_ro_state */
	const struct block *block;
};

/* The same for writing. */
struct fat_rw_state {
	struct fat_volume *volume;
};

struct fat_rw {
	void *state; /* struct fat_rw_state */
	const struct block *block;
	const struct wall_clock *clock; /* for the times of files */
};

extern const struct kv_ro_ops fat_ro_ops;
extern const struct kv_rw_ops fat_rw_ops;

/*
 * Look at the volume. What is wrong with it is logged.
 *
 * -EBADMSG  it is no FAT volume, or a damaged one
 * -EROFS    fat_rw on a device that cannot be written
 * -ENXIO    the device is not connected
 * -ENOMEM, and what the device says
 */
must_check int fat_ro_connect(const struct fat_ro *kv);
must_check int fat_rw_connect(const struct fat_rw *kv);

void fat_ro_disconnect(const struct fat_ro *kv);
void fat_rw_disconnect(const struct fat_rw *kv);

#endif
