/* SPDX-License-Identifier: ISC */
/*
 * The unix target: an image as an ordinary Linux process.
 *
 * Console.    Standard output and input. The process never changes a descriptor's flags: they are
 *             shared with the parent shell.
 * State.      Per thread: several runtimes may run on this one target, each on its own thread,
 *             which also makes and frees them.
 * See also.   unix_wait.h for drivers, target.h for the operations.
 */
#ifndef TARGETS_UNIX_UNIX_TARGET_H
#define TARGETS_UNIX_UNIX_TARGET_H

#include <mirage/target.h>

extern const struct target unix_target;

/*
 * Prepare the process; called once by main(), not needed in tests.
 *
 * Faults on a fiber's guard page are then reported by the fiber's name before the process dies of
 * the signal. SIGPIPE is ignored: an image that talks to the network or writes to a closed console
 * gets an error where it can handle it. SIGINT and SIGTERM keep their default action. Standard
 * descriptors that the parent closed are filled, so that no other file takes their numbers.
 */
void unix_prepare(void);

#endif
