/* SPDX-License-Identifier: ISC */
/*
 * What hvt's part of host.h needs from the start and from traps.
 */
#ifndef TARGETS_HVT_HOST_H
#define TARGETS_HVT_HOST_H

#include <mirage/attributes.h>

#include "abi/hvt.h"

/* Keep what the boot information says. Called before anything of host.h. */
void hvt_host_start(const struct hvt_boot *boot);

/* End with `status`; `cookie` is NULL or what the tender's core dump is to say of the registers. */
no_return void hvt_halt(int status, const struct hvt_trap_cookie *cookie);

#endif
