/* SPDX-License-Identifier: ISC */
/*
 * Keeping the two ways to a pair in step: the entry of its directory, and the list of all pairs.
 *
 * When a pair moves to another block its directory's entry is changed first, with the word that the list
 * is behind (LITTLEFS_SYNC); then the list. The list then still has a pair of which one block is that of
 * the moved one. A pair of which the tree has neither block is an orphan: its directory was removed, or
 * not made in the end.
 */
#ifndef STORAGE_LITTLEFS_PAIRS_H
#define STORAGE_LITTLEFS_PAIRS_H

#include "storage/littlefs/volume.h"

/* Have everything that leads to `old` lead to `new`, and the global state become `state`. */
must_check int littlefs_replace_pair(struct littlefs_volume *volume, struct littlefs_pair old,
                                     struct littlefs_pair new, const uint32_t state[3]);

/* Call `visit` for each pair that the tree leads to, until it returns other than 0, which is returned. */
must_check int littlefs_for_each_of_tree(struct littlefs_volume *volume,
                                         int (*visit)(void *context,
                                                      struct littlefs_metadata *metadata),
                                         void *context);

/* Bring the list in step with the tree, without its orphans, and take the word back that it is not. */
must_check int littlefs_drop_orphans(struct littlefs_volume *volume);

#endif
