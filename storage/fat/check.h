/* SPDX-License-Identifier: ISC */
/*
 * Everything that can be wrong with a FAT volume that can be opened.
 *
 * Nothing is changed. Memory is a bit for each cluster and what the names of directories take; no
 * cluster is followed twice, whatever the volume says of itself.
 */
#ifndef STORAGE_FAT_CHECK_H
#define STORAGE_FAT_CHECK_H

#include "storage/fat/volume.h"
#include "storage/kv/finding.h"

/*
 * Look at all of a volume and report what is wrong. Kinds:
 *
 *   bad-link       a chain begins at, or leads to, what is no cluster of the volume
 *   free-cluster   a chain has a cluster that the table says is free
 *   bad-cluster    a chain has a cluster that is marked as bad
 *   loop           a chain leads back into itself
 *   cross-linked   a chain leads into one that has another owner; said of both
 *   short-chain    a file has fewer clusters than its size needs
 *   long-chain     it has more
 *   lost-chain     clusters are in use that nobody has
 *   directory-size a directory with a size, without a cluster, or with too many
 *   dot-entries    "." or ".." missing, or leading elsewhere
 *   bad-name       a name that cannot be
 *   same-name      two entries of a directory with one name
 *   loose-name     slots of long names that belong to no entry
 *   tables-differ  a copy of the table is no copy
 *   free-count     the count of free clusters (FAT32) is wrong
 *   unfinished-move  a directory may have two names (harmless: mend.h)
 *   boot-copy      the copy of the boot sector (FAT32) is none (harmless)
 *
 * -ENOMEM, and what the device says.
 */
must_check int fat_check(struct fat_volume *volume, finding_report *report, void *context);

#endif
