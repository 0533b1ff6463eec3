/* SPDX-License-Identifier: ISC */
/*
 * The table of operations of a Solo5 target. Its name is that of the tender's ABI.
 */
#ifndef TARGETS_SOLO5_TARGET_H
#define TARGETS_SOLO5_TARGET_H

#include <mirage/target.h>

extern const struct target solo5_target;

/* "hvt" or "spt": the target's part. */
extern const char solo5_target_name[4];

/* Operations in wait.c. */
void solo5_wait(void *state, nanoseconds deadline);
bool solo5_can_wake(void *state);

#endif
