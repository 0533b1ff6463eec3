/* SPDX-License-Identifier: ISC */
/*
 * What a Solo5 tender does for an image, whichever its ABI: hypercalls on hvt, system calls on spt.
 *
 * Implemented once by each target (targets/hvt/host.c, targets/spt/host.c) and bound when the image
 * is linked; drivers above it are the same on both. Handles are those of the manifest
 * (abi/solo5_manifest.h). Nothing here knows fibers: see wait.h for waiting.
 *
 * Context.    Anywhere, traps included for host_console_write() and host_abort().
 */
#ifndef TARGETS_SOLO5_HOST_H
#define TARGETS_SOLO5_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

#include "abi/solo5_manifest.h"

/* One call to the tender; what it cannot write is dropped. */
void host_console_write(const void *bytes, size_t length);

nanoseconds host_clock_monotonic(void);
nanoseconds host_clock_wall(void);

/*
 * Block the instance until `deadline` (0: only look) or until a network device can be read. Returns
 * the set of those: bit n is handle n. May return early, with an empty set.
 */
uint64_t host_wait(nanoseconds deadline);

/*
 * Give the tender one Ethernet frame of 14 bytes to MTU + 14. The bytes are the caller's again when
 * it returns. -EIO: the tender did not take it, and it is lost.
 */
must_check int host_net_write(unsigned int handle, const void *frame, size_t length);

/*
 * Take one frame into `frame`, which has room for `size` bytes, at least MTU + 14. Never blocks.
 * Returns its length, -EAGAIN if none waits, -EIO.
 */
must_check ssize_t host_net_read(unsigned int handle, void *frame, size_t size);

/*
 * Device `handle` is gone: from now on it shall not end host_wait(). Some tenders see that themselves,
 * and some cannot be told.
 */
void host_net_forget(unsigned int handle);

/*
 * The most bytes that one call of the two below may move: the device's block size, and where the
 * tender takes more at once, a multiple of it.
 */
size_t host_block_span_max(unsigned int handle);

/*
 * Read or write one block, or several up to host_block_span_max(), at `offset` bytes, both multiples
 * of the block size. Blocks the instance. -EINVAL: not so, or beyond the capacity; -EIO.
 */
must_check int host_block_read(unsigned int handle, uint64_t offset, void *bytes, size_t length);
must_check int host_block_write(unsigned int handle, uint64_t offset, const void *bytes,
                                size_t length);

no_return void host_exit(int status);
no_return void host_abort(void);

/* The manifest with what the tender attached, valid for ever. */
const struct solo5_manifest *host_manifest(void);

#endif
