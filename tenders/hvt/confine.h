/* SPDX-License-Identifier: ISC */
/*
 * Giving up what a tender with a running guest has no use for: a guest that took it over could read
 * and write its devices and its console, and nothing else.
 */
#ifndef TENDERS_HVT_CONFINE_H
#define TENDERS_HVT_CONFINE_H

#include <mirage/attributes.h>

#include "tenders/launch/launch.h"

/* Drop all capabilities, for good, of this thread and those that it starts from now on. */
must_check int confine_capabilities(struct reason *reason);

/*
 * Allow only the system calls that serving a guest takes, on the descriptors that it takes them on,
 * for all threads. `processor` is the KVM one; `event` the ring's, or -1.
 */
must_check int confine_calls(struct launch *launch, int processor, int event);

#endif
