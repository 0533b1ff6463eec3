/* SPDX-License-Identifier: ISC */
/*
 * What spt's part of host.h needs from the start.
 */
#ifndef TARGETS_SPT_HOST_H
#define TARGETS_SPT_HOST_H

#include "abi/spt.h"

/* Keep the boot information, which is valid for ever. Called before anything of host.h. */
void spt_host_start(const struct spt_boot *boot);

#endif
