/* SPDX-License-Identifier: ISC */
/*
 * Everything that can be wrong with a littlefs volume that can be opened.
 */
#ifndef STORAGE_LITTLEFS_CHECK_H
#define STORAGE_LITTLEFS_CHECK_H

#include "storage/kv/finding.h"
#include "storage/littlefs/volume.h"

/*
 * Look at all metadata and at the blocks of all files, and report. `path` is the last part of a name.
 * Nothing is changed. Kinds:
 *
 *   cross-linked     a block belongs to two things, or twice to one
 *   bad-list         the list of a file's blocks leads out of the volume, or its pointers contradict
 *                    each other
 *   bad-directory    a directory has no pair, or one that is not in the list of all
 *   bad-entry        an entry is neither file nor directory, or has a name or contents that cannot be
 *   torn-block       the newer block of a pair is not whole, so the older counts (harmless)
 *   orphan           a directory that nobody has (harmless: it is dropped at the next connection)
 *   unfinished-move  a move that was begun (harmless: it is finished then)
 *
 * -ENOMEM, and what the device says.
 */
must_check int littlefs_check(struct littlefs_volume *volume, finding_report *report,
                              void *context);

#endif
