/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/hypercall.h"

#include <errno.h>
#include <inttypes.h>

typedef int hypercall_handler(struct hypercalls *hypercalls, guest_address argument,
                              struct reason *reason);

struct row {
	hypercall_handler *handler;
	uint32_t device; /* there must be an attached device of this type; 0: none */
};

static const struct row rows[HVT_HYPERCALLS] = {
	[HVT_WALL_TIME] = { hypercall_wall_time, 0 },
	[HVT_PUTS] = { hypercall_puts, 0 },
	[HVT_POLL] = { hypercall_poll, 0 },
	[HVT_BLOCK_WRITE] = { hypercall_block_write, SOLO5_DEVICE_BLOCK_BASIC },
	[HVT_BLOCK_READ] = { hypercall_block_read, SOLO5_DEVICE_BLOCK_BASIC },
	[HVT_NET_WRITE] = { hypercall_net_write, SOLO5_DEVICE_NET_BASIC },
	[HVT_NET_READ] = { hypercall_net_read, SOLO5_DEVICE_NET_BASIC },
	[HVT_HALT] = { hypercall_halt, 0 },
};

int hypercall_bad_address(struct reason *reason, const char *what, guest_address address,
                          uint64_t length)
{
	return reason_set(reason, -EFAULT,
	                  "%s: Invalid guest access: gpa=0x%" PRIx64 ", sz=%" PRIu64, what,
	                  address.value, length);
}

const struct solo5_manifest_entry *hypercall_device(const struct manifest *manifest,
                                                    uint64_t handle, uint32_t type)
{
	if (handle == 0 || handle >= manifest->entry_count)
		return NULL;
	const struct solo5_manifest_entry *entry = &manifest->entries[handle];
	return entry->type == type && entry->attached ? entry : NULL;
}

static bool any_device(const struct manifest *manifest, uint32_t type)
{
	for (uint64_t handle = 1; handle < manifest->entry_count; handle++)
		if (hypercall_device(manifest, handle, type) != NULL)
			return true;
	return false;
}

int hypercall(struct hypercalls *hypercalls, uint16_t port, uint32_t value, struct reason *reason)
{
	uint32_t number = (uint32_t)port - HVT_PORT_BASE;

	/* Ports wrap to large numbers below the base. */
	if (number == 0 || number >= HVT_HYPERCALLS)
		return reason_set(reason, -EFAULT, "Invalid guest port access: port=0x%x",
		                  (unsigned int)port);
	const struct row *row = &rows[number];
	if (row->device != 0 && !any_device(hypercalls->manifest, row->device))
		return reason_set(reason, -EFAULT, "Invalid guest hypercall: num=%u",
		                  (unsigned int)number);
	return row->handler(hypercalls, guest_address_of(value), reason);
}
