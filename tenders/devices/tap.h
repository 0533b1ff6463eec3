/* SPDX-License-Identifier: ISC */
/*
 * Taps of Linux: Ethernet interfaces whose other end is a descriptor.
 */
#ifndef TENDERS_DEVICES_TAP_H
#define TENDERS_DEVICES_TAP_H

#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/report/reason.h"

struct tap {
	int descriptor;
	uint16_t mtu; /* bytes of payload */
};

/*
 * Attach to the tap `interface`, which exists and is up.
 *
 * -ENOENT     there is no such interface
 * -ENETDOWN   it is down
 * -EBUSY      another process is attached to it
 * others      what the kernel said
 */
must_check int tap_attach(struct tap *tap, const char *interface, struct reason *reason);

/*
 * Take over an open descriptor: of a tap, or of anything that gives and takes one frame per read
 * and write. The MTU is NET_MTU_DEFAULT if the kernel does not tell it.
 *
 * -EBADF      not an open descriptor
 * -EINVAL     a tap that puts headers before its frames
 */
must_check int tap_inherit(struct tap *tap, int descriptor, struct reason *reason);

#endif
