// SPDX-License-Identifier: ISC
/*
 * Block devices of files.
 *
 * Theory of operation. What the page cache answers is done at once: that takes less than a
 * microsecond, which no way of letting others run meanwhile can beat. So reads are tried without
 * waiting for the disk, and writes, which go into the page cache, are simply done. What is left
 * (reads that miss, what takes long to copy, flushing, discarding) is given to an io_uring and waited for at the end of the
 * batch, all in flight together. Without io_uring it is done at once too, and other fibers wait.
 * docs/decisions/0036-unix-block-engine.md has the figures.
 */
#include <mirage/block_of_file.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <mirage/block_driver.h>
#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/runtime.h>

#include "targets/unix/io_ring.h"

LOG_SOURCE(log_block_of_file, "block-of-file");

enum {
	REQUESTS_AT_ONCE = IO_RING_DEPTH,
	REQUESTS_PER_TURN = 16, /* after as many others run: some 16 us of page cache at most */
	LONG_SIZE = 4 << 20, /* bytes: 80 us to copy; a thread of the kernel's takes 30 to wake */
	PARTS_MAX = 16,      /* of a transfer that has to be continued */
};

/* A list of slices is one of struct iovec. */
_Static_assert(sizeof(struct slice) == sizeof(struct iovec), "size");
_Static_assert(offsetof(struct slice, bytes) == offsetof(struct iovec, iov_base), "bytes");
_Static_assert(offsetof(struct slice, length) == offsetof(struct iovec, iov_len), "length");

static const struct block_info *info(const void *self)
{
	const struct block_of_file *file = self;

	return &file->state->info;
}

static const struct iovec *parts_of(const struct block_request *request)
{
	return (const struct iovec *)(const void *)request->slices;
}

static unsigned int part_count(const struct block_request *request)
{
	return request->slice_count < IOV_MAX ? (unsigned int)request->slice_count : IOV_MAX;
}

static int error_of(int error)
{
	switch (error) {
	case ENOMEM:
	case ENOBUFS:
		return -ENOMEM;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return -ENOSPC;
	case ENXIO:
	case ENODEV:
		return -ENXIO;
	case EOPNOTSUPP:
	case ENOSYS:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

/* Up to PARTS_MAX parts of what is left of a request of which `done` bytes are done. */
static int parts_left(const struct block_request *request, uint64_t done,
                      struct iovec parts[PARTS_MAX])
{
	int count = 0;

	for (size_t i = 0; i < request->slice_count && count < PARTS_MAX; i++) {
		const struct slice *slice = &request->slices[i];

		if (done >= slice->length) {
			done -= slice->length;
			continue;
		}
		parts[count++] = (struct iovec){ .iov_base = slice->bytes + done,
			                         .iov_len = slice->length - done };
		done = 0;
	}
	return count;
}

/* Do the rest of a request of which `done` bytes are done, blocking the instance. */
static int transfer_rest(const struct block_of_file_state *state,
                         const struct block_request *request, uint64_t done)
{
	uint64_t length = block_bytes(&state->info, request->sector_count);
	uint64_t offset = block_bytes(&state->info, request->sector);
	struct iovec parts[PARTS_MAX];

	while (done < length) {
		int count = parts_left(request, done, parts);
		off_t at = (off_t)(offset + done);
		ssize_t moved = request->operation == BLOCK_READ
		                        ? preadv(state->descriptor, parts, count, at)
		                        : pwritev(state->descriptor, parts, count, at);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved < 0)
			return error_of(errno);
		if (moved == 0) /* the file has been cut short */
			return -EIO;
		done += (uint64_t)moved;
	}
	return 0;
}

static bool is_transfer(const struct block_request *request)
{
	return request->operation == BLOCK_READ || request->operation == BLOCK_WRITE;
}

/* True if others should run even while the bytes are copied. */
static bool is_long(const struct block_of_file_state *state, const struct block_request *request)
{
	return block_bytes(&state->info, request->sector_count) >= LONG_SIZE;
}

static bool may_wait(nanoseconds deadline)
{
	return deadline == NEVER || deadline > runtime_now();
}

/* The ring, or NULL if there is none to be had. */
static struct io_ring *ring_of(struct block_of_file_state *state)
{
	if (state->ring == NULL && !state->without_ring) {
		int error = io_ring_new(&state->ring);

		if (error != 0) {
			log_debug_from(&log_block_of_file, "no io_uring: %s", strerror(-error));
			state->without_ring = true;
		}
	}
	return state->ring;
}

/* How a request stands after it was begun. */
struct progress {
	bool started; /* by the ring, which puts what it says into `result` */
	int result;   /* otherwise, block_submit()'s */
};

/* Give a read or write to the ring. */
static void start_transfer(const struct block_of_file_state *state,
                           const struct block_request *request, struct progress *progress)
{
	const struct io_ring_transfer transfer = {
		.fd = state->descriptor,
		.parts = parts_of(request),
		.count = part_count(request),
		.offset = block_bytes(&state->info, request->sector),
		.aside = is_long(state, request),
	};

	progress->started = true;
	if (request->operation == BLOCK_READ)
		io_ring_readv(state->ring, &transfer, &progress->result);
	else
		io_ring_writev(state->ring, &transfer, &progress->result);
}

static void do_read(struct block_of_file_state *state, const struct block_request *request,
                    nanoseconds deadline, struct progress *progress)
{
	uint64_t length = block_bytes(&state->info, request->sector_count);
	ssize_t moved = 0;

	if (!is_long(state, request))
		moved = preadv2(state->descriptor, parts_of(request), (int)part_count(request),
		                (off_t)block_bytes(&state->info, request->sector), RWF_NOWAIT);
	if (moved >= 0 && (uint64_t)moved == length)
		return;
	if (!may_wait(deadline))
		progress->result = -ETIMEDOUT;
	else if (ring_of(state) != NULL)
		start_transfer(state, request, progress);
	else
		progress->result = transfer_rest(state, request, moved > 0 ? (uint64_t)moved : 0);
}

static void do_write(struct block_of_file_state *state, const struct block_request *request,
                     nanoseconds deadline, struct progress *progress)
{
	if (is_long(state, request)) {
		if (!may_wait(deadline)) {
			progress->result = -ETIMEDOUT;
			return;
		}
		if (ring_of(state) != NULL) {
			start_transfer(state, request, progress);
			return;
		}
	}
	ssize_t moved = pwritev(state->descriptor, parts_of(request), (int)part_count(request),
	                        (off_t)block_bytes(&state->info, request->sector));

	progress->result = transfer_rest(state, request, moved > 0 ? (uint64_t)moved : 0);
}

static void do_flush(struct block_of_file_state *state, nanoseconds deadline,
                     struct progress *progress)
{
	struct io_ring *ring;

	if (!state->info.read_write)
		return;
	if (!may_wait(deadline)) {
		progress->result = -ETIMEDOUT;
	} else if ((ring = ring_of(state)) == NULL) {
		progress->result = fdatasync(state->descriptor) == 0 ? 0 : error_of(errno);
	} else {
		progress->started = true;
		io_ring_fdatasync(ring, state->descriptor, &progress->result);
	}
}

/* On block devices too, whose driver then discards or writes zeroes. */
static void do_discard(struct block_of_file_state *state, const struct block_request *request,
                       nanoseconds deadline, struct progress *progress)
{
	const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	uint64_t offset = block_bytes(&state->info, request->sector);
	uint64_t length = block_bytes(&state->info, request->sector_count);
	struct io_ring *ring;

	if (!may_wait(deadline)) {
		progress->result = -ETIMEDOUT;
	} else if ((ring = ring_of(state)) == NULL) {
		if (fallocate(state->descriptor, mode, (off_t)offset, (off_t)length) != 0)
			progress->result = error_of(errno);
	} else {
		progress->started = true;
		io_ring_fallocate(ring, state->descriptor, mode, offset, length, &progress->result);
	}
}

static void begin(struct block_of_file_state *state, const struct block_request *request,
                  nanoseconds deadline, struct progress *progress)
{
	*progress = (struct progress){ .result = 0 };
	switch (request->operation) {
	case BLOCK_READ:
		do_read(state, request, deadline, progress);
		break;
	case BLOCK_WRITE:
		do_write(state, request, deadline, progress);
		break;
	case BLOCK_FLUSH:
		do_flush(state, deadline, progress);
		break;
	case BLOCK_DISCARD:
		do_discard(state, request, deadline, progress);
		break;
	}
}

/* Wait for a request that the ring has, and translate what it says. */
static int finish(const struct block_of_file_state *state, const struct block_request *request,
                  const struct progress *progress)
{
	io_ring_wait(state->ring, &progress->result);
	int result = progress->result;

	if (is_transfer(request) && (result >= 0 || result == -EINTR || result == -EAGAIN))
		return transfer_rest(state, request, result > 0 ? (uint64_t)result : 0);
	return result < 0 ? error_of(-result) : 0;
}

/* At most REQUESTS_AT_ONCE. */
static void submit_some(struct block_of_file_state *state, struct block_request *requests,
                        size_t count, nanoseconds deadline)
{
	struct progress progress[REQUESTS_AT_ONCE];
	int cancelled = 0;

	for (size_t i = 0; i < count; i++) {
		if (i % REQUESTS_PER_TURN == 0)
			cancelled = cancelled != 0 ? cancelled : fiber_yield();
		if (cancelled == 0)
			begin(state, &requests[i], deadline, &progress[i]);
		else
			progress[i] = (struct progress){ .result = cancelled };
	}
	for (size_t i = 0; i < count; i++)
		requests[i].result = progress[i].started ? finish(state, &requests[i], &progress[i])
		                                         : progress[i].result;
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_of_file *file = self;

	for (size_t i = 0; i < count; i += REQUESTS_AT_ONCE)
		submit_some(file->state, requests + i,
		            count - i < REQUESTS_AT_ONCE ? count - i : REQUESTS_AT_ONCE, deadline);
}

const struct block_ops block_of_file_ops = { .info = info, .submit = submit };

/* The size in bytes of what is open, and of its sectors. */
static int measure(const struct block_of_file *file, uint64_t *size, uint32_t *sector_size)
{
	int fd = file->state->descriptor, logical = 0;
	struct stat status;

	*sector_size = BLOCK_SECTOR_SIZE_MIN;
	if (fstat(fd, &status) != 0)
		return -errno;
	if (S_ISREG(status.st_mode)) {
		*size = (uint64_t)status.st_size;
	} else if (S_ISBLK(status.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, size) != 0 || ioctl(fd, BLKSSZGET, &logical) != 0)
			return -errno;
		*sector_size = (uint32_t)logical;
	} else {
		log_error_from(&log_block_of_file, "%s: neither a regular file nor a block device",
		               file->name);
		return -ENODEV;
	}
	if (file->sector_size != 0)
		*sector_size = file->sector_size;
	return 0;
}

static int prepare(const struct block_of_file *file, bool read_write)
{
	uint32_t sector_size;
	uint64_t size = 0;
	int result = measure(file, &size, &sector_size);

	if (result != 0)
		return result;
	if (!block_sector_size_valid(sector_size)) {
		log_error_from(&log_block_of_file,
		               "%s: sectors of %u bytes: give a power of two from %d to %d",
		               file->name, sector_size, BLOCK_SECTOR_SIZE_MIN,
		               BLOCK_SECTOR_SIZE_MAX);
		return -EINVAL;
	}
	if (size % sector_size != 0) {
		log_error_from(&log_block_of_file,
		               "%s: its size, %ju bytes, is no multiple of the sector size, %u: "
		               "make it one with truncate --size=%%%u",
		               file->name, (uintmax_t)size, sector_size, sector_size);
		return -EINVAL;
	}
	file->state->info = (struct block_info){
		.sector_count = size / sector_size,
		.sector_size = sector_size,
		.depth = IO_RING_DEPTH,
		.read_write = read_write,
		.can_discard = read_write,
		.durable = true,
	};
	return 0;
}

/* Open for reading and writing, or for reading if that is all that may be. */
static int open_file(const struct block_of_file *file, bool *read_write)
{
	int fd = file->read_only ? -1 : open(file->name, O_RDWR | O_CLOEXEC);

	*read_write = fd >= 0;
	if (fd < 0 && (file->read_only || errno == EACCES || errno == EPERM || errno == EROFS))
		fd = open(file->name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int error = errno;

		log_error_from(&log_block_of_file, "%s: cannot open it: %s%s", file->name,
		               strerror(error),
		               error == ENOENT ? " (paths are relative to the folder where the "
		                                 "unikernel is started)"
		                               : "");
		return -error;
	}
	if (flock(fd, (*read_write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		log_error_from(&log_block_of_file, "%s: in use: another instance has it open%s",
		               file->name, *read_write ? "" : " for writing");
		close(fd);
		return -EBUSY;
	}
	return fd;
}

int block_of_file_connect(const struct block_of_file *file)
{
	bool read_write;

	*file->state = (struct block_of_file_state){ .descriptor = -1 };
	int fd = open_file(file, &read_write);
	if (fd < 0)
		return fd;
	file->state->descriptor = fd;
	int result = prepare(file, read_write);
	if (result != 0)
		block_of_file_disconnect(file);
	return result;
}

void block_of_file_disconnect(const struct block_of_file *file)
{
	struct block_of_file_state *state = file->state;

	io_ring_free(state->ring);
	if (state->descriptor >= 0)
		close(state->descriptor);
	*state = (struct block_of_file_state){ .descriptor = -1 };
}
