/* SPDX-License-Identifier: ISC */
/*
 * What this project's spt tender offers beyond Solo5's ABI, to images that look for it: the fields
 * below lie between Solo5's boot information and the manifest. Under another tender the manifest, or
 * something without the mark, is there.
 */
#ifndef ABI_SPT_EXTENSION_H
#define ABI_SPT_EXTENSION_H

#include "abi/spt.h"

#define SPT_EXTENSION_MARK UINT64_C(0x5d3ac51e6a49b7e2) /* of no meaning */

enum {
	/*
	 * epoll_ctl(`epoll_descriptor`, EPOLL_CTL_DEL, a network device's descriptor) is allowed: a
	 * tap that was deleted is ready for ever, and would end every wait at once.
	 */
	SPT_FEATURE_FORGET = 1,
};

struct spt_boot_extended {
	struct spt_boot boot;
	uint64_t mark;
	uint64_t features;
};

static_assert(sizeof(struct spt_boot_extended) == 56, "extended boot information");

#endif
