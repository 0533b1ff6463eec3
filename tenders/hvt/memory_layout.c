/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>

#include "abi/hvt.h"
#include "tenders/hvt/vm.h"

enum {
	RING_RESERVE = 2 << 20, /* of the whole unit that holds the ring */
};

static_assert(sizeof(struct hvt_net_ring) <= RING_RESERVE, "the ring has room");

int memory_layout_plan(struct memory_layout *layout, uint64_t wanted, bool ring, bool *adjusted,
                       struct reason *reason)
{
	uint64_t size = wanted & ~(HVT_MEMORY_UNIT - 1);

	if (wanted > HVT_MEMORY_MAX)
		return reason_set(reason, -EINVAL,
		                  "guest memory size %" PRIu64
		                  " bytes exceeds the max size %" PRIu64 " bytes",
		                  wanted, HVT_MEMORY_MAX);
	if (size < HVT_MEMORY_MIN)
		return reason_set(reason, -EINVAL,
		                  "guest memory size %" PRIu64
		                  " bytes is below the min size %" PRIu64 " bytes",
		                  wanted, HVT_MEMORY_MIN);

	/* A guest of one unit has nothing to spare for the ring's buffers. */
	if (ring && size < 2 * (uint64_t)RING_RESERVE)
		ring = false;
	if (ring && size + RING_RESERVE > HVT_MEMORY_MAX)
		size = HVT_MEMORY_MAX - RING_RESERVE;
	layout->size = size;
	layout->mapped = ring ? size + RING_RESERVE : size;
	layout->ring = ring ? size : 0;
	*adjusted = size != wanted;
	return 0;
}
