// SPDX-License-Identifier: ISC
/*
 * io_uring.
 *
 * Theory of operation. Two rings are shared with the kernel: we put operations at the tail of the
 * one and take completions from the head of the other. What was started goes to the kernel with the
 * next wait, all in one system call.
 *
 * Of the fibers that wait, one is the reaper: it waits for the ring's descriptor to become readable.
 * The others wait in a queue, which is woken whenever completions have been taken. Nobody takes any
 * while there is a reaper but the reaper itself, or it would wait for an event that is gone.
 *
 * An operation's user data is the address of its result.
 */
#include "targets/unix/io_ring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mirage/fiber.h>
#include <mirage/wait_queue.h>

#include "targets/unix/unix_wait.h"

struct io_ring {
	int fd;
	void *rings; /* both, in one mapping */
	size_t rings_size;
	struct io_uring_sqe *entries;
	size_t entries_size;
	struct {
		unsigned int *tail, *mask, *array;
	} submission;
	struct {
		unsigned int *head, *tail, *mask;
		const struct io_uring_cqe *entries;
	} completion;
	unsigned int started;   /* and not yet given to the kernel */
	unsigned int in_flight; /* started or given to the kernel, completion not yet taken */
	bool reaper;            /* a fiber waits for the descriptor */
	struct wait_queue waiters;
};

static void *ring_map(const struct io_ring *ring, size_t size, off_t what)
{
	void *address =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, what);

	return address == MAP_FAILED ? NULL : address;
}

static unsigned int *word(const struct io_ring *ring, uint32_t offset)
{
	return (unsigned int *)(void *)((char *)ring->rings + offset);
}

static int rings_map(struct io_ring *ring, const struct io_uring_params *params)
{
	size_t submission = params->sq_off.array + params->sq_entries * sizeof(unsigned int);
	size_t completion = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);

	ring->rings_size = submission > completion ? submission : completion;
	ring->entries_size = params->sq_entries * sizeof(struct io_uring_sqe);
	ring->rings = ring_map(ring, ring->rings_size, IORING_OFF_SQ_RING);
	ring->entries = ring_map(ring, ring->entries_size, IORING_OFF_SQES);
	if (ring->rings == NULL || ring->entries == NULL)
		return -ENOMEM;
	ring->submission.tail = word(ring, params->sq_off.tail);
	ring->submission.mask = word(ring, params->sq_off.ring_mask);
	ring->submission.array = word(ring, params->sq_off.array);
	ring->completion.head = word(ring, params->cq_off.head);
	ring->completion.tail = word(ring, params->cq_off.tail);
	ring->completion.mask = word(ring, params->cq_off.ring_mask);
	ring->completion.entries = (const void *)((char *)ring->rings + params->cq_off.cqes);
	return 0;
}

int io_ring_new(struct io_ring **result)
{
	struct io_uring_params params;
	struct io_ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL)
		return -ENOMEM;
	memset(&params, 0, sizeof(params));
	wait_queue_init(&ring->waiters);
	ring->fd = (int)syscall(SYS_io_uring_setup, IO_RING_DEPTH, &params);
	int error = ring->fd < 0 ? -errno : 0;
	/* Linux 5.6, of early 2020, has all that is used here. */
	if (error == 0 && (params.features & IORING_FEAT_RW_CUR_POS) == 0)
		error = -ENOSYS;
	if (error == 0)
		error = rings_map(ring, &params);
	if (error != 0) {
		io_ring_free(ring);
		return error;
	}
	*result = ring;
	return 0;
}

void io_ring_free(struct io_ring *ring)
{
	if (ring == NULL)
		return;
	if (ring->rings != NULL)
		munmap(ring->rings, ring->rings_size);
	if (ring->entries != NULL)
		munmap(ring->entries, ring->entries_size);
	if (ring->fd >= 0)
		close(ring->fd);
	free(ring);
}

/* Give the kernel what was started, and let it block us until `wanted` are done. */
static void enter(struct io_ring *ring, unsigned int wanted)
{
	unsigned int flags = wanted > 0 ? IORING_ENTER_GETEVENTS : 0;

	while (ring->started > 0 || wanted > 0) {
		long count = syscall(SYS_io_uring_enter, ring->fd, ring->started, wanted, flags,
		                     NULL, 0);

		if (count < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY)
			abort(); /* the rings are broken: no result would ever come */
		if (count >= 0) {
			ring->started -= (unsigned int)count;
			wanted = 0;
		}
	}
}

/* Take the completions that are there. */
static void take(struct io_ring *ring)
{
	unsigned int head = *ring->completion.head, first = head;
	unsigned int tail = __atomic_load_n(ring->completion.tail, __ATOMIC_ACQUIRE);

	for (; head != tail; head++) {
		const struct io_uring_cqe *entry =
			&ring->completion.entries[head & *ring->completion.mask];

		*(int *)(uintptr_t)entry->user_data = entry->res;
	}
	__atomic_store_n(ring->completion.head, head, __ATOMIC_RELEASE);
	ring->in_flight -= head - first;
	if (head != first)
		wait_queue_wake_all(&ring->waiters);
}

/* Block until some operation may have been done. */
static void wait_some(struct io_ring *ring)
{
	enter(ring, 0);
	if (ring->reaper) {
		error_ignore(wait_queue_wait(&ring->waiters, NEVER), "shielded, and for ever");
		return;
	}
	unsigned int before = ring->in_flight;

	take(ring);
	if (ring->in_flight < before)
		return;
	ring->reaper = true;
	int error = unix_wait_readable(ring->fd, NEVER);
	ring->reaper = false;
	if (error != 0) /* the descriptor cannot be waited for: then nobody else runs meanwhile */
		enter(ring, 1);
	take(ring);
	wait_queue_wake_all(&ring->waiters); /* one of them is the next reaper */
}

void io_ring_wait(struct io_ring *ring, const int *result)
{
	fiber_shield();
	while (*(const volatile int *)result == IO_RING_PENDING)
		wait_some(ring);
	fiber_unshield();
}

static void start(struct io_ring *ring, const struct io_uring_sqe *operation, int *result)
{
	fiber_shield();
	while (ring->in_flight == IO_RING_DEPTH)
		wait_some(ring);
	fiber_unshield();
	unsigned int tail = *ring->submission.tail;
	unsigned int index = tail & *ring->submission.mask;

	ring->entries[index] = *operation;
	ring->entries[index].user_data = (uintptr_t)result;
	ring->submission.array[index] = index;
	__atomic_store_n(ring->submission.tail, tail + 1, __ATOMIC_RELEASE);
	*result = IO_RING_PENDING;
	ring->started++;
	ring->in_flight++;
}

static void transfer_start(struct io_ring *ring, uint8_t opcode,
                           const struct io_ring_transfer *transfer, int *result)
{
	start(ring,
	      &(struct io_uring_sqe){
		      .opcode = opcode,
		      .flags = transfer->aside ? IOSQE_ASYNC : 0,
		      .fd = transfer->fd,
		      .addr = (uintptr_t)transfer->parts,
		      .len = transfer->count,
		      .off = transfer->offset,
	      },
	      result);
}

void io_ring_readv(struct io_ring *ring, const struct io_ring_transfer *transfer, int *result)
{
	transfer_start(ring, IORING_OP_READV, transfer, result);
}

void io_ring_writev(struct io_ring *ring, const struct io_ring_transfer *transfer, int *result)
{
	transfer_start(ring, IORING_OP_WRITEV, transfer, result);
}

void io_ring_fdatasync(struct io_ring *ring, int fd, int *result)
{
	start(ring,
	      &(struct io_uring_sqe){
		      .opcode = IORING_OP_FSYNC,
		      .fd = fd,
		      .fsync_flags = IORING_FSYNC_DATASYNC,
	      },
	      result);
}

void io_ring_fallocate(struct io_ring *ring, int fd, int mode, uint64_t offset, uint64_t length,
                       int *result)
{
	start(ring,
	      &(struct io_uring_sqe){
		      .opcode = IORING_OP_FALLOCATE,
		      .fd = fd,
		      .addr = length,
		      .len = (uint32_t)mode,
		      .off = offset,
	      },
	      result);
}
