/* SPDX-License-Identifier: ISC */
#include "tenders/devices/block.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenders/devices/declared.h"

static int apply_block(void *state, const struct option_argument *argument, struct reason *reason)
{
	struct block_options *options = state;
	size_t index;

	int error = declared_index(options->manifest, argument, SOLO5_DEVICE_BLOCK_BASIC, &index,
	                           reason);
	if (error != 0)
		return error;
	if (options->paths[index] != NULL)
		return declared_twice(argument, reason);
	options->paths[index] = argument->value;
	return 0;
}

static int apply_block_size(void *state, const struct option_argument *argument,
                            struct reason *reason)
{
	struct block_options *options = state;
	uint64_t size;
	size_t index;

	int error = declared_index(options->manifest, argument, SOLO5_DEVICE_BLOCK_BASIC, &index,
	                           reason);
	if (error != 0)
		return error;
	if (options_number(argument->value, BLOCK_SIZE_MAX, &size) != 0 || size < BLOCK_SIZE_MIN ||
	    (size & (size - 1)) != 0)
		return reason_set(
			reason, -EINVAL,
			"Block size must be a multiple of 2 greater than or equal %d (a power of "
			"two, at most %d)",
			BLOCK_SIZE_MIN, BLOCK_SIZE_MAX);
	options->block_sizes[index] = (uint16_t)size;
	return 0;
}

static const struct option options_table[] = {
	{ "block", OPTION_NAMED, "NAME=PATH", "attach the file or device PATH as NAME",
	  apply_block },
	{ "block-sector-size", OPTION_NAMED, "NAME=N", "size of its blocks in bytes (512)",
	  apply_block_size },
};

struct option_module block_options_module(struct block_options *state)
{
	return (struct option_module){ "block", options_table,
		                       sizeof(options_table) / sizeof(options_table[0]), state };
}

/* Fill in what an open file gives. */
static int measure(struct solo5_manifest_entry *entry, int descriptor, uint16_t block_size,
                   const char *path, struct reason *reason)
{
	struct stat status;

	if (fstat(descriptor, &status) != 0)
		return reason_set(reason, -errno, "Could not open block device: %s: %s", path,
		                  strerror(errno));
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return reason_set(reason, -ENOTBLK,
		                  "Could not open block device: %s: neither a regular file nor a "
		                  "block device",
		                  path);

	off_t end = lseek(descriptor, 0, SEEK_END);
	if (end < 0)
		return reason_set(reason, -errno, "Could not determine capacity of %s: %s", path,
		                  strerror(errno));
	if (end < block_size)
		return reason_set(reason, -EINVAL,
		                  "%s: Backing storage must be at least 1 block (%u bytes) in size",
		                  entry->name, block_size);
	if (end % block_size != 0)
		return reason_set(reason, -EINVAL,
		                  "%s: Backing storage size must be block aligned (%u bytes)",
		                  entry->name, block_size);
	entry->block.capacity = (uint64_t)end;
	entry->block.block_size = block_size;
	entry->descriptor = descriptor;
	entry->attached = 1;
	return 0;
}

/* Why a file cannot be opened for reading and writing, in words that help. */
static const char *open_hint(int error)
{
	return error == EACCES || error == EROFS || error == EPERM
	               ? " (it has to be readable and writable)"
	               : "";
}

int block_attach(const struct block_options *options, struct reason *reason)
{
	for (size_t i = 1; i < options->manifest->entry_count; i++) {
		const char *path = options->paths[i];
		uint16_t block_size = options->block_sizes[i];

		if (path == NULL)
			continue;
		/* O_NONBLOCK: not to wait for the other end of a FIFO; files take no notice. */
		int descriptor = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (descriptor < 0)
			return reason_set(reason, -errno, "Could not open block device: %s: %s%s",
			                  path, strerror(errno), open_hint(errno));
		int error = measure(&options->manifest->entries[i], descriptor,
		                    block_size != 0 ? block_size : BLOCK_SIZE_MIN, path, reason);
		if (error != 0) {
			close(descriptor);
			return error;
		}
	}
	return 0;
}
