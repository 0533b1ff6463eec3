// SPDX-License-Identifier: ISC
/*
 * The guest's side of the network ring. The tender moves entry_head past an entry when the frame has
 * been written: its slot is free then. One slot always stays empty, as the tender expects.
 */
#include "targets/hvt/net_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/processor.h"

enum {
	SLOT_MASK = HVT_NET_RING_SLOTS - 1,
	OUTSTANDING_MAX = HVT_NET_RING_SLOTS - 1,
	MEMORY_MIN = 32 << 20, /* of a guest in which 2 MiB of slots are not much */
};

struct hvt_net_ring *net_ring_of_boot(const struct hvt_boot *boot)
{
	/* Before Solo5 0.11 the manifest lies where these fields are now. */
	if (boot->manifest < (uintptr_t)(boot + 1) || boot->memory_size < MEMORY_MIN ||
	    (boot->host_features & HVT_FEATURE_NET_RING) == 0 || boot->net_ring == 0)
		return NULL;
	return (struct hvt_net_ring *)(uintptr_t)boot->net_ring;
}

static uint32_t outstanding(const struct net_ring_writer *writer)
{
	return writer->tail - __atomic_load_n(&writer->ring->entry_head, __ATOMIC_ACQUIRE);
}

static void kick_if_asleep(const struct net_ring_writer *writer)
{
	/* The thread says that it sleeps and looks once more; we tell the tail and look if it does. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&writer->ring->needs_kick, __ATOMIC_RELAXED) != 0)
		writer->kick();
}

static void wait_for_at_most(const struct net_ring_writer *writer, uint32_t count)
{
	while (outstanding(writer) > count) {
		kick_if_asleep(writer);
		processor_pause();
	}
}

static bool has_slots(struct net_ring_writer *writer)
{
	if (writer->slots == NULL)
		writer->slots = malloc((size_t)HVT_NET_RING_SLOTS * HVT_NET_RING_FRAME_MAX);
	if (writer->slots == NULL)
		writer->ring = NULL; /* this guest is too small for it */
	return writer->slots != NULL;
}

int net_ring_write(struct net_ring_writer *writer, unsigned int handle, const void *frame,
                   size_t length)
{
	if (writer->ring == NULL || !has_slots(writer))
		return -ENOTSUP;
	if (length > HVT_NET_RING_FRAME_MAX) {
		wait_for_at_most(writer, 0);
		return -ENOTSUP;
	}
	wait_for_at_most(writer, OUTSTANDING_MAX - 1);
	uint32_t index = writer->tail & SLOT_MASK;
	uint8_t *slot = writer->slots + (size_t)index * HVT_NET_RING_FRAME_MAX;

	memcpy(slot, frame, length);
	writer->ring->entries[index] = (struct hvt_net_ring_entry){
		.operation = HVT_NET_RING_WRITE,
		.handle = handle,
		.data = (uintptr_t)slot,
		.length = (uint32_t)length,
		.id = index,
	};
	writer->tail++;
	__atomic_store_n(&writer->ring->entry_tail, writer->tail, __ATOMIC_RELEASE);
	kick_if_asleep(writer);
	return 0;
}
