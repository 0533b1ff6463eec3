// SPDX-License-Identifier: ISC
/* Files as block devices. */
#include "cli/image_file.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mirage/block_driver.h>

enum {
	SECTOR_SIZE = 512,
};

static const struct block_info *info(const void *self)
{
	const struct image_file *file = self;

	return &file->info;
}

static int transfer(int descriptor, bool write, uint64_t offset, struct slice slice)
{
	while (slice.length > 0) {
		ssize_t count = write ? pwrite(descriptor, slice.bytes, slice.length, (off_t)offset)
		                      : pread(descriptor, slice.bytes, slice.length, (off_t)offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? -errno : -EIO;
		slice = slice_of(slice.bytes + count, slice.length - (size_t)count);
		offset += (uint64_t)count;
	}
	return 0;
}

static int perform(const struct image_file *file, const struct block_request *request)
{
	uint64_t offset = block_bytes(&file->info, request->sector);
	int error = 0;

	if (request->operation != BLOCK_READ && request->operation != BLOCK_WRITE)
		return 0;
	for (size_t i = 0; i < request->slice_count && error == 0; i++) {
		error = transfer(file->descriptor, request->operation == BLOCK_WRITE, offset,
		                 request->slices[i]);
		offset += request->slices[i].length;
	}
	return error;
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	(void)deadline;
	for (size_t i = 0; i < count; i++)
		requests[i].result = perform(self, &requests[i]);
}

static const struct block_ops image_file_ops = { .info = info, .submit = submit };

static int failure(const char *path)
{
	return diagnostic_failure(NULL, "%s: %s", path, strerror(errno));
}

static void set_up(struct image_file *file, uint64_t size, bool write)
{
	file->info = (struct block_info){
		.sector_count = size / SECTOR_SIZE,
		.sector_size = SECTOR_SIZE,
		.depth = 1,
		.read_write = write,
	};
	file->block = (struct block){ .ops = &image_file_ops, .self = file };
}

int image_file_open(struct image_file *file, const char *path, bool write)
{
	off_t size = -1;

	file->descriptor = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (file->descriptor >= 0)
		size = lseek(file->descriptor, 0, SEEK_END); /* of block devices too */
	if (size < 0)
		return failure(path);
	set_up(file, (uint64_t)size, write);
	return 0;
}

void image_file_use_sectors(struct image_file *file, uint32_t size)
{
	file->info.sector_count = block_bytes(&file->info, file->info.sector_count) / size;
	file->info.sector_size = size;
}

int image_file_make(struct image_file *file, const char *path, uint64_t size)
{
	file->descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (file->descriptor < 0 || ftruncate(file->descriptor, (off_t)size) != 0)
		return failure(path);
	set_up(file, size, true);
	return 0;
}

int image_file_close(struct image_file *file, const char *path)
{
	int result = close(file->descriptor);

	file->descriptor = -1;
	return result == 0 ? 0 : failure(path);
}
