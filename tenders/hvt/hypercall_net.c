/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/tap_frame.h"
#include "tenders/hvt/hypercall.h"

static int answer(struct hypercalls *hypercalls, guest_address argument, const struct hvt_net *net,
                  const char *name, struct reason *reason)
{
	if (guest_memory_write(&hypercalls->memory, argument, net, sizeof(*net)) != 0)
		return hypercall_bad_address(reason, name, argument, sizeof(*net));
	return 0;
}

int hypercall_net_write(struct hypercalls *hypercalls, guest_address argument,
                        struct reason *reason)
{
	static const char name[] = "net write";
	struct hvt_net net;

	if (guest_memory_read(&hypercalls->memory, argument, &net, sizeof(net)) != 0)
		return hypercall_bad_address(reason, name, argument, sizeof(net));
	guest_address data = guest_address_of(net.data);
	const void *frame = guest_memory_span(&hypercalls->memory, data, net.length, GUEST_READ);
	if (frame == NULL)
		return hypercall_bad_address(reason, name, data, net.length);

	const struct solo5_manifest_entry *entry =
		hypercall_device(hypercalls->manifest, net.handle, SOLO5_DEVICE_NET_BASIC);
	net.result = entry == NULL ? SOLO5_EINVAL
	                           : (int32_t)tap_frame_write(entry->descriptor, frame, net.length);
	return answer(hypercalls, argument, &net, name, reason);
}

int hypercall_net_read(struct hypercalls *hypercalls, guest_address argument, struct reason *reason)
{
	static const char name[] = "net read";
	struct hvt_net net;

	if (guest_memory_read(&hypercalls->memory, argument, &net, sizeof(net)) != 0)
		return hypercall_bad_address(reason, name, argument, sizeof(net));
	guest_address data = guest_address_of(net.data);
	void *frame = guest_memory_span(&hypercalls->memory, data, net.length, GUEST_WRITE);
	if (frame == NULL)
		return hypercall_bad_address(reason, name, data, net.length);

	const struct solo5_manifest_entry *entry =
		hypercall_device(hypercalls->manifest, net.handle, SOLO5_DEVICE_NET_BASIC);
	net.result = entry == NULL ? SOLO5_EINVAL
	                           : (int32_t)tap_frame_read(entry->descriptor, frame, net.length,
	                                                     &net.length);
	return answer(hypercalls, argument, &net, name, reason);
}
