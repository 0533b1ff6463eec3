/* SPDX-License-Identifier: ISC */
/*
 * Waiting for a network device, for drivers on Solo5 targets.
 *
 * Context.    Fiber.
 */
#ifndef TARGETS_SOLO5_WAIT_H
#define TARGETS_SOLO5_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>

/*
 * Block the calling fiber until the tender says that device `handle` can be read, or until
 * `deadline`. Try to read first: readiness is level-triggered, but each look costs a call.
 *
 * -ETIMEDOUT, -ECANCELED
 * -EINVAL     `handle` is no handle
 */
must_check int solo5_wait_readable(unsigned int handle, nanoseconds deadline);

/*
 * Frames of device `handle` that were dropped because the instance had nothing to do and no fiber
 * waited for them. A tender cannot be told to leave a device out, so they would keep it awake.
 */
uint64_t solo5_wait_dropped(unsigned int handle);

/*
 * Say who keeps the frames that come for device `handle` while the instance sleeps and no fiber waits
 * for it: `keep(context)` is called from the run loop and takes what it has room for, without blocking.
 * True if it left none for want of room; else what is left, and all where nobody keeps, is dropped and
 * counted. NULL: nobody.
 */
void solo5_wait_set_keeper(unsigned int handle, bool (*keep)(void *context), void *context);

#endif
