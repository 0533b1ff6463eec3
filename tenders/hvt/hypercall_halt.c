/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "tenders/hvt/hypercall.h"

int hypercall_halt(struct hypercalls *hypercalls, guest_address argument, struct reason *reason)
{
	struct hvt_halt halt;

	if (guest_memory_read(&hypercalls->memory, argument, &halt, sizeof(halt)) != 0)
		return hypercall_bad_address(reason, "halt", argument, sizeof(halt));
	if (halt.cookie != 0) {
		guest_address cookie = guest_address_of(halt.cookie);
		const void *bytes =
			guest_memory_span(&hypercalls->memory, cookie, HVT_COOKIE_SIZE, GUEST_READ);
		if (bytes == NULL)
			return hypercall_bad_address(reason, "halt", cookie, HVT_COOKIE_SIZE);
		memcpy(&hypercalls->cookie, bytes, sizeof(hypercalls->cookie));
		hypercalls->has_cookie = true;
	}
	hypercalls->exit_status = halt.exit_status & 0xff;
	return HYPERCALL_HALTED;
}
