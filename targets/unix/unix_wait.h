/* SPDX-License-Identifier: ISC */
/*
 * Waiting for file descriptors, for drivers of the unix target.
 *
 * Model.      A driver tries its system call on a non-blocking descriptor and, on EAGAIN, waits
 *             here; then it tries again, since another may have been faster. Any number of fibers
 *             may wait for one descriptor.
 * Descriptors. Not registered in advance and not forgotten explicitly. Close one only when no
 *             fiber waits for it. Regular files, which are always ready, are allowed.
 * Context.    Fiber.
 */
#ifndef TARGETS_UNIX_UNIX_WAIT_H
#define TARGETS_UNIX_UNIX_WAIT_H

#include <stdbool.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

/*
 * Block the calling fiber until `fd` can be read, or written, without blocking; errors and the
 * peer's end of a connection count as both. A deadline that has passed only looks.
 *
 * -ETIMEDOUT, -ECANCELED
 * -EBADF      `fd` is not open
 * -ENOMEM     the kernel or the heap has no room to wait for one more
 */
must_check int unix_wait_readable(int fd, nanoseconds deadline);
must_check int unix_wait_writable(int fd, nanoseconds deadline);

/* True if a fiber waits for a descriptor. */
bool unix_wait_pending(void);

#endif
