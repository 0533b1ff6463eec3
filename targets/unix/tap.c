/* SPDX-License-Identifier: ISC */
/*
 * netif on unix: a tap interface of Linux.
 *
 * A frame is one read or write: the header of abi/virtio_net.h, which lies in the head room if nobody
 * else sees that, the linear part, and the rest. When frames may be longer than a frame's storage, because super-frames were accepted or
 * the MTU is large, the rest is read into a tail: a large buffer of which each frame that needs it
 * takes the next part. So a small frame costs no more memory than without, many middling ones share
 * a buffer, and nothing is copied twice. A tail that no frame refers to any more is filled from its
 * start again, while it is in the cache.
 *
 * The kernel queues what comes; a batch ends where it says EAGAIN. There is no call for several
 * frames at once (docs/decisions/0024-frames-and-the-net-interface.md).
 */
#include "targets/unix/tap.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <mirage/net_driver.h>

#include "net/virtio_header.h"
#include "targets/unix/unix_wait.h"

enum {
	FRAMES_MAX = 1024,      /* each way */
	TAIL_SIZE = 256 * 1024, /* bytes: several super-frames */
	TAIL_NEED = 64 * 1024,  /* bytes: what one frame may need of it */
	TAILS_MAX = 64,         /* 16 MiB */
	TAIL_ALIGNMENT = 64,    /* bytes */
	HEADER_SIZE = sizeof(struct virtio_net_frame_header),
};

_Static_assert(TAIL_NEED + FRAME_STORAGE_SIZE - FRAME_HEAD_ROOM >= FRAME_LENGTH_MAX,
               "a linear part and a tail hold any frame");

static struct netif_driver *driver_of(const void *self)
{
	return ((const struct netif *)self)->state->driver;
}

/* ------------------------------------------------------------------ receiving */

/* Whether frames may come that are longer than the linear part. A byte is left, to tell. */
static bool needs_tail(const struct netif_driver *driver)
{
	const uint32_t segmentation = NET_OFFLOAD_TCP4 | NET_OFFLOAD_TCP6 | NET_OFFLOAD_UDP;

	return (driver->accepted & segmentation) != 0 ||
	       driver->mtu + NET_HEADER_LENGTH + NET_TAG_LENGTH >=
	               FRAME_STORAGE_SIZE - FRAME_HEAD_ROOM;
}

static int prepare_tail(struct netif_driver *driver)
{
	if (driver->tail != NULL && buffer_references(driver->tail) == 1)
		driver->tail_used = 0;
	if (driver->tail != NULL && TAIL_SIZE - driver->tail_used >= TAIL_NEED)
		return 0;
	buffer_release(driver->tail);
	driver->tail = NULL;
	driver->tail_used = 0;
	if (driver->tails == NULL) {
		int result = buffer_pool_new(&driver->tails, TAIL_SIZE, TAILS_MAX);

		if (result != 0)
			return result;
	}
	return buffer_new(&driver->tail, driver->tails);
}

/* Storage for the next frame. */
static int prepare(struct netif_driver *driver)
{
	if (driver->spare == NULL) {
		int result = frame_new(&driver->spare, driver->receiving, FRAME_HEAD_ROOM);

		if (result != 0)
			return result;
	}
	return needs_tail(driver) ? prepare_tail(driver) : 0;
}

static bool frame_waits(const struct netif_driver *driver)
{
	struct pollfd look = { .fd = driver->fd, .events = POLLIN };

	return poll(&look, 1, 0) == 1;
}

/*
 * Read header and frame: the header into the head room just before the frame's bytes, so that it
 * is one piece with them. Bytes read, 0: none waits, or an error.
 */
static ssize_t read_frame(const struct netif_driver *driver)
{
	struct iovec parts[2] = {
		{ .iov_base = frame_bytes(driver->spare) - HEADER_SIZE,
		  .iov_len = HEADER_SIZE + frame_tail_room(driver->spare) },
	};
	ssize_t length;

	if (needs_tail(driver)) {
		parts[1].iov_base = buffer_slice(driver->tail).bytes + driver->tail_used;
		parts[1].iov_len = TAIL_NEED;
	}
	do
		length = parts[1].iov_len == 0
		                 ? read(driver->fd, parts[0].iov_base, parts[0].iov_len)
		                 : readv(driver->fd, parts, 2);
	while (length < 0 && errno == EINTR);
	if (length >= 0)
		return length;
	if (errno == EAGAIN)
		return 0;
	return errno == EBADFD ? -ENODEV : -EIO;
}

/* Give the spare frame the `length` bytes that were read. */
static int fill(struct netif_driver *driver, size_t length)
{
	struct frame *frame = driver->spare;
	size_t room = frame_tail_room(frame);
	size_t linear = length < room ? length : room;

	if (length < NET_HEADER_LENGTH || (length == room && !needs_tail(driver)) ||
	    frame_append(frame, linear) == NULL)
		return -EINVAL;
	if (length == linear)
		return 0;
	struct view view = {
		.buffer = buffer_acquire(driver->tail),
		.slice = slice_of(buffer_slice(driver->tail).bytes + driver->tail_used,
		                  length - linear),
	};
	int result = frame_append_view(frame, &view);

	if (result != 0) {
		view_release(&view);
		return result;
	}
	driver->tail_used +=
		(length - linear + TAIL_ALIGNMENT - 1) / TAIL_ALIGNMENT * TAIL_ALIGNMENT;
	return 0;
}

/* 1: a frame; 0: none waits; -EINVAL: one that was dropped; another error: none. */
static int receive_one(struct netif_driver *driver, struct frame **frame)
{
	struct virtio_net_frame_header header;
	int result = prepare(driver);

	if (result != 0)
		return frame_waits(driver) ? result : 0;
	ssize_t length = read_frame(driver);

	if (length <= 0)
		return (int)length;
	memcpy(&header, frame_bytes(driver->spare) - HEADER_SIZE, HEADER_SIZE);
	result = (size_t)length < sizeof(header) ? -EINVAL
	                                         : fill(driver, (size_t)length - sizeof(header));
	if (result == 0)
		result = virtio_header_read(&header, driver->spare, driver->accepted);
	if (result != 0) {
		frame_release(driver->spare);
		driver->spare = NULL;
		driver->statistics.received_invalid++;
		return -EINVAL;
	}
	*frame = driver->spare;
	driver->spare = NULL;
	driver->statistics.received_frames++;
	driver->statistics.received_bytes += frame_length(*frame);
	return 1;
}

static ssize_t tap_receive(const void *self, struct frame *frames[], size_t count)
{
	struct netif_driver *driver = driver_of(self);
	size_t taken = 0;

	for (size_t tries = 0; tries < count; tries++) {
		int result = receive_one(driver, &frames[taken]);

		if (result == 1)
			taken++;
		else if (result != -EINVAL)
			return taken > 0 ? (ssize_t)taken : result;
	}
	return (ssize_t)taken;
}

/* ------------------------------------------------------------------ sending */

static ssize_t write_frame(const struct netif_driver *driver, const struct frame *frame)
{
	struct iovec parts[1 + 1 + FRAME_FRAGMENTS_MAX];
	struct virtio_net_frame_header header;
	struct iovec *first = parts;
	int count = 1;
	ssize_t length;

	virtio_header_write(&header, frame);
	parts[0] = (struct iovec){ .iov_base = &header, .iov_len = HEADER_SIZE };
	for (size_t i = 0; i < frame_part_count(frame); i++) {
		struct slice part = frame_part(frame, i);

		parts[count++] = (struct iovec){ .iov_base = part.bytes, .iov_len = part.length };
	}
	if (!frame_is_shared(frame) && frame_head_room(frame) >= HEADER_SIZE) {
		/* Nobody else sees the head room: header and linear part become one. */
		first = &parts[1];
		first->iov_base = memcpy(frame_bytes(frame) - HEADER_SIZE, &header, HEADER_SIZE);
		first->iov_len += HEADER_SIZE;
		count--;
	}
	do
		length = count == 1 ? write(driver->fd, first->iov_base, first->iov_len)
		                    : writev(driver->fd, first, count);
	while (length < 0 && errno == EINTR);
	return length;
}

/* 1: taken, sent or lost; 0: the device is full; an error: not taken. */
static int send_one(struct netif_driver *driver, struct frame *frame)
{
	int result = net_check_frame(frame, driver->mtu, driver->available);

	if (result != 0)
		return result;
	if (write_frame(driver, frame) >= 0) {
		driver->statistics.sent_frames++;
		driver->statistics.sent_bytes += frame_length(frame);
	} else if (errno == EAGAIN) {
		return 0;
	} else if (errno == EBADFD) {
		return -ENODEV;
	} else { /* EIO: the link is down; ENOMEM, ENOBUFS: the kernel is */
		driver->statistics.sent_lost++;
	}
	frame_release(frame);
	return 1;
}

static ssize_t tap_send(const void *self, struct frame *frames[], size_t count)
{
	struct netif_driver *driver = driver_of(self);

	for (size_t i = 0; i < count; i++) {
		int result = send_one(driver, frames[i]);

		if (result != 1)
			return i > 0 ? (ssize_t)i : result;
	}
	return (ssize_t)count;
}

/* ------------------------------------------------------------------ the rest */

static void tap_info(const void *self, struct net_info *info)
{
	const struct netif_driver *driver = driver_of(self);

	*info = (struct net_info){
		.name = driver->name,
		.mac = driver->mac,
		.mtu = driver->mtu,
		.link_up = tap_link_up(driver),
		.send_offloads = driver->available,
		.receive_offloads = driver->available,
		.accepted_offloads = driver->accepted,
		.parts_max = 1 + FRAME_FRAGMENTS_MAX,
		.frames = driver->sending,
	};
}

static int tap_wait_readable(const void *self, nanoseconds deadline)
{
	return unix_wait_readable(driver_of(self)->fd, deadline);
}

static int tap_wait_writable(const void *self, nanoseconds deadline)
{
	return unix_wait_writable(driver_of(self)->fd, deadline);
}

static int tap_accept_offloads(const void *self, uint32_t offloads)
{
	struct netif_driver *driver = driver_of(self);

	if ((offloads & ~driver->available) != 0 || tap_set_offloads(driver, offloads) != 0)
		return -ENOTSUP;
	driver->accepted = offloads;
	return 0;
}

static void tap_statistics(const void *self, struct net_statistics *statistics)
{
	*statistics = driver_of(self)->statistics;
}

const struct net_ops netif_ops = {
	.info = tap_info,
	.send = tap_send,
	.receive = tap_receive,
	.wait_readable = tap_wait_readable,
	.wait_writable = tap_wait_writable,
	.accept_offloads = tap_accept_offloads,
	.statistics = tap_statistics,
};

int netif_connect(const struct netif *self)
{
	struct netif_driver *driver = calloc(1, sizeof(*driver));
	int result;

	if (driver == NULL)
		return -ENOMEM;
	result = frame_pool_new(&driver->sending, FRAME_STORAGE_SIZE, FRAMES_MAX);
	if (result == 0)
		result = frame_pool_new(&driver->receiving, FRAME_STORAGE_SIZE, FRAMES_MAX);
	if (result == 0)
		result = tap_open(driver, self);
	if (result != 0) {
		frame_pool_free(driver->receiving);
		frame_pool_free(driver->sending);
		free(driver);
		return result;
	}
	self->state->driver = driver;
	return 0;
}

/* Frames that are still held keep their pools: their holder may yet touch them. */
static bool frames_are_back(const struct netif_driver *driver)
{
	struct frame_pool_statistics sending, receiving;
	struct buffer_pool_statistics tails = { .in_use = 0 };

	if (driver->tails != NULL)
		buffer_pool_statistics(driver->tails, &tails);
	frame_pool_statistics(driver->sending, &sending);
	frame_pool_statistics(driver->receiving, &receiving);
	if (sending.in_use + receiving.in_use + tails.in_use == 0)
		return true;
	log_warning_from(&log_netif,
	                 "%s: %zu frames to send, %zu received and %zu tails were not released",
	                 driver->name, sending.in_use, receiving.in_use, tails.in_use);
	return false;
}

void netif_disconnect(const struct netif *self)
{
	struct netif_driver *driver = driver_of(self);

	frame_release(driver->spare);
	buffer_release(driver->tail);
	tap_close(driver);
	if (frames_are_back(driver)) {
		buffer_pool_free(driver->tails);
		frame_pool_free(driver->receiving);
		frame_pool_free(driver->sending);
		free(driver);
	}
	self->state->driver = NULL;
}
