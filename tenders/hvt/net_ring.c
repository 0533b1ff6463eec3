/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/net_ring.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "abi/processor.h"
#include "tenders/hvt/tap_frame.h"
#include "tenders/hvt/hypercall.h"

enum {
	SLOT_MASK = HVT_NET_RING_SLOTS - 1,
	LOOKS_BEFORE_SLEEP = 4096,
};

static_assert((HVT_NET_RING_SLOTS & SLOT_MASK) == 0, "slots are a power of two");

void net_ring_init(struct net_ring *ring, struct hvt_net_ring *shared,
                   const struct guest_memory *memory, const struct manifest *manifest, int event)
{
	*ring = (struct net_ring){
		.shared = shared,
		.memory = memory,
		.manifest = manifest,
		.event = event,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
}

static uint32_t entry_tail(const struct net_ring *ring)
{
	return __atomic_load_n(&ring->shared->entry_tail, __ATOMIC_ACQUIRE);
}

/* Each word once: what is checked is what is used. */
static struct hvt_net_ring_entry copy_entry(const struct net_ring *ring, uint32_t index)
{
	const struct hvt_net_ring_entry *slot = &ring->shared->entries[index & SLOT_MASK];

	return (struct hvt_net_ring_entry){
		.operation = __atomic_load_n(&slot->operation, __ATOMIC_RELAXED),
		.handle = __atomic_load_n(&slot->handle, __ATOMIC_RELAXED),
		.data = __atomic_load_n(&slot->data, __ATOMIC_RELAXED),
		.length = __atomic_load_n(&slot->length, __ATOMIC_RELAXED),
		.id = __atomic_load_n(&slot->id, __ATOMIC_RELAXED),
	};
}

static void commit(struct net_ring *ring, uint32_t id, enum solo5_result result, uint32_t length)
{
	struct hvt_net_ring_commit *slot = &ring->shared->commits[ring->commit_tail & SLOT_MASK];

	__atomic_store_n(&slot->id, id, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->result, (int32_t)result, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->length, length, __ATOMIC_RELAXED);
	ring->commit_tail++;
	__atomic_store_n(&ring->shared->commit_tail, ring->commit_tail, __ATOMIC_RELEASE);
}

static int write_entry(struct net_ring *ring, const struct hvt_net_ring_entry *entry,
                       struct reason *reason)
{
	guest_address data = guest_address_of(entry->data);
	const void *frame = guest_memory_span(ring->memory, data, entry->length, GUEST_READ);
	const struct solo5_manifest_entry *device =
		hypercall_device(ring->manifest, entry->handle, SOLO5_DEVICE_NET_BASIC);

	if (frame == NULL)
		return hypercall_bad_address(reason, "net ring write", data, entry->length);
	if (device == NULL || tap_frame_write(device->descriptor, frame, entry->length) != SOLO5_OK)
		ring->lost++;
	return 0;
}

static int read_entry(struct net_ring *ring, const struct hvt_net_ring_entry *entry,
                      struct reason *reason)
{
	guest_address data = guest_address_of(entry->data);
	void *frame = guest_memory_span(ring->memory, data, entry->length, GUEST_WRITE);
	const struct solo5_manifest_entry *device =
		hypercall_device(ring->manifest, entry->handle, SOLO5_DEVICE_NET_BASIC);
	enum solo5_result result = SOLO5_EINVAL;
	uint64_t length = 0;

	if (frame == NULL)
		return hypercall_bad_address(reason, "net ring read", data, entry->length);
	if (device != NULL)
		result = tap_frame_read(device->descriptor, frame, entry->length, &length);
	/* A read gives no more than it was asked for. */
	commit(ring, entry->id, result, (uint32_t)length);
	return 0;
}

static int take_entry(struct net_ring *ring, const struct hvt_net_ring_entry *entry,
                      struct reason *reason)
{
	switch (entry->operation) {
	case HVT_NET_RING_WRITE:
		return write_entry(ring, entry, reason);
	case HVT_NET_RING_READ:
		return read_entry(ring, entry, reason);
	default:
		return 0; /* of a later version: not for us */
	}
}

int net_ring_service(struct net_ring *ring, struct reason *reason)
{
	uint32_t waiting = entry_tail(ring) - ring->entry_head;

	if (waiting > HVT_NET_RING_SLOTS)
		return reason_set(reason, -EFAULT, "net ring: the guest claims %u entries of %d",
		                  (unsigned int)waiting, HVT_NET_RING_SLOTS);
	for (uint32_t i = 0; i < waiting; i++) {
		struct hvt_net_ring_entry entry = copy_entry(ring, ring->entry_head);
		int error = take_entry(ring, &entry, reason);
		if (error != 0)
			return error;
		/* From here on the guest may use the slot and the frame again. */
		__atomic_store_n(&ring->entry_head, ring->entry_head + 1, __ATOMIC_RELAXED);
		__atomic_store_n(&ring->shared->entry_head, ring->entry_head, __ATOMIC_RELEASE);
	}
	return (int)waiting;
}

static int service_locked(struct net_ring *ring, struct reason *reason)
{
	pthread_mutex_lock(&ring->lock);
	int count = net_ring_service(ring, reason);
	pthread_mutex_unlock(&ring->lock);
	return count;
}

static bool has_entries(const struct net_ring *ring)
{
	return entry_tail(ring) != __atomic_load_n(&ring->entry_head, __ATOMIC_RELAXED);
}

static bool look_for_entries(const struct net_ring *ring)
{
	for (int look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
		if (has_entries(ring))
			return true;
		processor_pause();
	}
	return false;
}

/* Sleep until the guest kicks, unless it has filled an entry before it could know that it must. */
static int sleep_until_kicked(struct net_ring *ring, struct reason *reason)
{
	uint64_t kicks;
	int error = 0;

	__atomic_store_n(&ring->shared->needs_kick, 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	while (!has_entries(ring)) {
		if (read(ring->event, &kicks, sizeof(kicks)) == (ssize_t)sizeof(kicks))
			break;
		if (errno != EINTR) {
			error = reason_set(reason, -EFAULT, "net ring: %s", strerror(errno));
			break;
		}
	}
	__atomic_store_n(&ring->shared->needs_kick, 0, __ATOMIC_RELAXED);
	return error;
}

int net_ring_run(struct net_ring *ring, struct reason *reason)
{
	for (;;) {
		int count = service_locked(ring, reason);
		if (count < 0)
			return count;
		if (count > 0 || look_for_entries(ring))
			continue;
		int error = sleep_until_kicked(ring, reason);
		if (error != 0)
			return error;
	}
}

int net_ring_drain(struct net_ring *ring, struct reason *reason)
{
	int count = service_locked(ring, reason);

	return count < 0 ? count : 0;
}
