/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "tenders/hvt/hypercall.h"

/* Move all of it, or a negative errno value. A read of the device writes to the guest. */
static int transfer(enum guest_access access, int descriptor, uint8_t *bytes, uint64_t length,
                    uint64_t offset)
{
	for (uint64_t done = 0; done < length;) {
		off_t at = (off_t)(offset + done);
		ssize_t count = access == GUEST_WRITE
		                        ? pread(descriptor, bytes + done, length - done, at)
		                        : pwrite(descriptor, bytes + done, length - done, at);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			return -EIO; /* somebody made the file shorter */
		done += (uint64_t)count;
	}
	return 0;
}

/* Whether the device has all of the range: the result for the guest. */
static int32_t check(const struct solo5_manifest_entry *entry, const struct hvt_block *block)
{
	if (entry == NULL || block->offset >= entry->block.capacity ||
	    block->length > entry->block.capacity - block->offset)
		return SOLO5_EINVAL;
	return SOLO5_OK;
}

static int block_call(struct hypercalls *hypercalls, guest_address argument,
                      enum guest_access access, struct reason *reason)
{
	const char *name = access == GUEST_WRITE ? "block read" : "block write";
	struct hvt_block block;

	if (guest_memory_read(&hypercalls->memory, argument, &block, sizeof(block)) != 0)
		return hypercall_bad_address(reason, name, argument, sizeof(block));
	guest_address data = guest_address_of(block.data);
	uint8_t *bytes = guest_memory_span(&hypercalls->memory, data, block.length, access);
	if (bytes == NULL)
		return hypercall_bad_address(reason, name, data, block.length);

	const struct solo5_manifest_entry *entry =
		hypercall_device(hypercalls->manifest, block.handle, SOLO5_DEVICE_BLOCK_BASIC);
	int32_t result = check(entry, &block);
	if (result == SOLO5_OK) {
		int error = transfer(access, entry->descriptor, bytes, block.length, block.offset);
		if (error != 0)
			return reason_set(reason, -EFAULT,
			                  "Fatal error when %s: block device '%s': %s",
			                  access == GUEST_WRITE ? "reading" : "writing",
			                  entry->name, strerror(-error));
	}
	argument.value += offsetof(struct hvt_block, result);
	if (guest_memory_write(&hypercalls->memory, argument, &result, sizeof(result)) != 0)
		return hypercall_bad_address(reason, name, argument, sizeof(result));
	return 0;
}

int hypercall_block_write(struct hypercalls *hypercalls, guest_address argument,
                          struct reason *reason)
{
	return block_call(hypercalls, argument, GUEST_READ, reason);
}

int hypercall_block_read(struct hypercalls *hypercalls, guest_address argument,
                         struct reason *reason)
{
	return block_call(hypercalls, argument, GUEST_WRITE, reason);
}
