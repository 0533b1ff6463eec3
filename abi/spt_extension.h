/* SPDX-License-Identifier: ISC */
/*
 * What this project's spt tender offers beyond Solo5's ABI, to images that look for it: the fields
 * below lie behind the command line's SPT_COMMAND_LINE_SIZE bytes, at the next multiple of 8. Under
 * another tender that is memory without the mark.
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

struct spt_extension {
	uint64_t mark;
	uint64_t features;
};

static_assert(sizeof(struct spt_extension) == 16, "extension");

/* Its address, of spt_boot's `command_line`. */
static inline uint64_t spt_extension_address(uint64_t command_line)
{
	return (command_line + SPT_COMMAND_LINE_SIZE + 7) & ~UINT64_C(7);
}

#endif
