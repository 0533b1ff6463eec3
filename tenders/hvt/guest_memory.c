/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/guest_memory.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "abi/hvt.h"

/* Page zero, descriptors and page tables are not mapped; then comes the boot block. */
static bool has_access(const struct guest_memory *memory, uint64_t start, uint64_t end,
                       enum guest_access access)
{
	if (access == GUEST_READ)
		return start >= HVT_BOOT;
	if (start < HVT_IMAGE)
		return false;
	for (size_t i = 0; i < memory->read_only_count; i++)
		if (start < memory->read_only[i].end && end > memory->read_only[i].start)
			return false;
	return true;
}

void *guest_memory_span(const struct guest_memory *memory, guest_address address, uint64_t length,
                        enum guest_access access)
{
	uint64_t start = address.value;

	if (start >= memory->size || length >= memory->size - start)
		return NULL;
	if (length > 0 && !has_access(memory, start, start + length, access))
		return NULL;
	return memory->bytes + start;
}

int guest_memory_read(const struct guest_memory *memory, guest_address address, void *copy,
                      size_t length)
{
	const void *bytes = guest_memory_span(memory, address, length, GUEST_READ);

	if (bytes == NULL)
		return -EFAULT;
	memcpy(copy, bytes, length);
	return 0;
}

int guest_memory_write(const struct guest_memory *memory, guest_address address, const void *bytes,
                       size_t length)
{
	void *place = guest_memory_span(memory, address, length, GUEST_WRITE);

	if (place == NULL)
		return -EFAULT;
	memcpy(place, bytes, length);
	return 0;
}
