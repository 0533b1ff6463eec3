/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <unistd.h>

#include "tenders/hvt/hypercall.h"

int hypercall_puts(struct hypercalls *hypercalls, guest_address argument, struct reason *reason)
{
	struct hvt_puts puts;

	if (guest_memory_read(&hypercalls->memory, argument, &puts, sizeof(puts)) != 0)
		return hypercall_bad_address(reason, "puts", argument, sizeof(puts));
	guest_address data = guest_address_of(puts.data);
	const uint8_t *bytes =
		guest_memory_span(&hypercalls->memory, data, puts.length, GUEST_READ);
	if (bytes == NULL)
		return hypercall_bad_address(reason, "puts", data, puts.length);

	/* Best effort: there is nobody to tell that the console is gone. */
	for (uint64_t done = 0; done < puts.length;) {
		ssize_t count = write(hypercalls->console, bytes + done, puts.length - done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		done += (uint64_t)count;
	}
	return 0;
}
