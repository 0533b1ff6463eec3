/* SPDX-License-Identifier: ISC */
/*
 * Hypercalls: what a guest asks of the tender (abi/hvt.h).
 *
 * Model.      The guest stands still while one is served. An argument is copied out of its memory
 *             once, and only the results are written back. A request that makes no sense for a
 *             device is an answer to the guest; one with a pointer out of its memory ends the guest,
 *             because nothing after it can be relied on.
 * Hostile.    Arguments are anybody's.
 * Context.    The thread that runs the guest.
 */
#ifndef TENDERS_HVT_HYPERCALL_H
#define TENDERS_HVT_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "abi/hvt.h"
#include "tenders/devices/readiness.h"
#include "tenders/hvt/guest_memory.h"
#include "tenders/manifest/manifest.h"
#include "tenders/report/reason.h"

enum {
	HYPERCALL_HALTED = 1,
};

/* What the guest's devices are, and what it said at its end. */
struct hypercalls {
	struct guest_memory memory;
	const struct manifest *manifest; /* the tender's own: with descriptors */
	struct readiness readiness;
	int console;             /* descriptor */
	bool poll_interruptible; /* a signal ends a wait early: somebody debugs */

	int exit_status; /* 0 to 255; once halted */
	bool has_cookie;
	struct hvt_trap_cookie cookie;
};

/*
 * Serve what a 32-bit write of `value` to `port` asks for. Returns 0 for the guest to go on,
 * HYPERCALL_HALTED once it has halted, -EFAULT if it must not go on.
 */
must_check int hypercall(struct hypercalls *hypercalls, uint16_t port, uint32_t value,
                         struct reason *reason);

/*
 * The handlers, each with the address of its argument. 0, HYPERCALL_HALTED, or -EFAULT with the
 * reason.
 */
int hypercall_wall_time(struct hypercalls *hypercalls, guest_address argument,
                        struct reason *reason);
int hypercall_puts(struct hypercalls *hypercalls, guest_address argument, struct reason *reason);
int hypercall_poll(struct hypercalls *hypercalls, guest_address argument, struct reason *reason);
int hypercall_block_write(struct hypercalls *hypercalls, guest_address argument,
                          struct reason *reason);
int hypercall_block_read(struct hypercalls *hypercalls, guest_address argument,
                         struct reason *reason);
int hypercall_net_write(struct hypercalls *hypercalls, guest_address argument,
                        struct reason *reason);
int hypercall_net_read(struct hypercalls *hypercalls, guest_address argument,
                       struct reason *reason);
int hypercall_halt(struct hypercalls *hypercalls, guest_address argument, struct reason *reason);

/* Say that a range is not in the guest's memory. Returns -EFAULT. */
int hypercall_bad_address(struct reason *reason, const char *what, guest_address address,
                          uint64_t length);

/* The attached device with this handle and type, or NULL. */
const struct solo5_manifest_entry *hypercall_device(const struct manifest *manifest,
                                                    uint64_t handle, uint32_t type);

#endif
