// SPDX-License-Identifier: ISC
/*
 * QEMU's emulation of single programs has no seccomp: for test/unit/tender_aarch64.sh, and for
 * nothing else, the tender is linked with this instead of tenders/seccomp/install.c.
 */
#include "tenders/seccomp/filter.h"

int filter_install(const struct filter *filter, bool all_threads, struct reason *reason)
{
	(void)filter;
	(void)all_threads;
	(void)reason;
	return 0;
}
