/* SPDX-License-Identifier: ISC */
/*
 * Operations on files that the kernel does meanwhile: io_uring, by its system calls.
 *
 * Model.      Start any number of operations; each has an `int` of the caller's that holds
 *             IO_RING_PENDING until the operation is done and then its result, as the system call
 *             would give it, or a negative errno value. Wait for them one by one.
 * Ownership.  The result, and all that an operation points to, must stay until it is done.
 * Context.    Fibers of one instance; several may use one ring.
 */
#ifndef TARGETS_UNIX_IO_RING_H
#define TARGETS_UNIX_IO_RING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <mirage/attributes.h>

struct io_ring;

enum {
	IO_RING_PENDING = INT_MIN,
	IO_RING_DEPTH = 64, /* operations that can be in flight in one ring */
};

/*
 * -ENOSYS, -EPERM  the kernel has no io_uring, or does not let us
 * -ENOMEM, -EMFILE, -ENFILE
 */
must_check int io_ring_new(struct io_ring **ring);

/* Nothing may be in flight. NULL is allowed. */
void io_ring_free(struct io_ring *ring);

/* Parts of memory that a file's bytes go to or come from. */
struct io_ring_transfer {
	int fd;
	const struct iovec *parts;
	unsigned int count;
	uint64_t offset; /* in the file */
	bool aside;      /* leave even the copying to a thread of the kernel's */
};

/* Start an operation. If the ring is full, blocks until it has room; cancelling does not end that. */
void io_ring_readv(struct io_ring *ring, const struct io_ring_transfer *transfer, int *result);
void io_ring_writev(struct io_ring *ring, const struct io_ring_transfer *transfer, int *result);
void io_ring_fdatasync(struct io_ring *ring, int fd, int *result);
void io_ring_fallocate(struct io_ring *ring, int fd, int mode, uint64_t offset, uint64_t length,
                       int *result);

/* Block until *result is that of the operation. Neither deadlines nor cancelling end it. */
void io_ring_wait(struct io_ring *ring, const int *result);

#endif
