/* SPDX-License-Identifier: ISC */
/*
 * One guest of the tender: all that it consists of, and its life.
 */
#ifndef TENDERS_HVT_GUEST_H
#define TENDERS_HVT_GUEST_H

#include <stdbool.h>

#include <mirage/attributes.h>

#include "tenders/hvt/debug.h"
#include "tenders/hvt/hypercall.h"
#include "tenders/hvt/net_ring.h"
#include "tenders/hvt/vm.h"
#include "tenders/launch/launch.h"

struct guest {
	struct launch launch;
	struct debug debug;
	bool executable_heap; /* --x-exec-heap */
	struct vm vm;
	struct hypercalls hypercalls;
	bool has_ring;
	struct net_ring ring;
};

/* Make the machine, load the image and set everything up for its first instruction. */
must_check int guest_prepare(struct guest *guest);

/* Start the ring's thread and confine the tender, each if there is need. */
must_check int guest_confine(struct guest *guest);

/* Run it to its end: its exit status, or -EFAULT with the reason in guest->launch. */
must_check int guest_run(struct guest *guest);

#endif
