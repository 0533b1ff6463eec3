/* SPDX-License-Identifier: ISC */
/*
 * Descriptor tables: flat segments, a task state with the stacks for traps, and the trap gates.
 */
#ifndef TARGETS_X86_64_SEGMENTS_H
#define TARGETS_X86_64_SEGMENTS_H

/* Load them all. From here on an exception ends in trap_handle(). Called once, at boot. */
void segments_start(void);

#endif
