/* SPDX-License-Identifier: ISC */
/*
 * Directories that are moved, and what a cut of the power may leave of it.
 *
 * While a directory is moved it has two names, for its clusters cannot be in two places. A bit in a byte
 * of the boot sector that Microsoft reserves says so meanwhile; whoever connects for writing and finds it
 * set looks for the directory with two names, and takes one away.
 */
#ifndef STORAGE_FAT_MEND_H
#define STORAGE_FAT_MEND_H

#include "storage/fat/volume.h"

/* Say that a directory is about to be moved, or that it has been. Flushed. */
must_check int fat_mark_move(struct fat_volume *volume, bool moving);

/* Whether a move was begun and not finished. */
must_check int fat_is_moving(struct fat_volume *volume, bool *moving);

/*
 * Finish, or undo, a move that was begun. Nothing is done if none was. A volume that is damaged is left as
 * it is. -ENOMEM, and what the device says.
 */
must_check int fat_mend(struct fat_volume *volume);

#endif
