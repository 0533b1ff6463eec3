/* SPDX-License-Identifier: ISC */
/*
 * Channels: bounded queues of fixed-size messages between fibers of one instance, in order.
 *
 * Ownership.  The caller gives the storage for `capacity` messages; messages are copied in and out.
 *             Channel and storage must outlive every fiber that uses them.
 */
#ifndef MIRAGE_CHANNEL_H
#define MIRAGE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/wait_queue.h>

/* All fields are private. */
struct channel {
	unsigned char *storage;
	size_t message_size;
	size_t capacity;
	size_t first;
	size_t count;
	bool closed;
	struct wait_queue senders;
	struct wait_queue receivers;
};

/*
 * `storage` holds at least message_size * capacity bytes.
 *
 * -EINVAL  message_size or capacity is 0, or their product overflows
 */
must_check int channel_init(struct channel *channel, void *storage, size_t message_size,
                            size_t capacity);

/*
 * Copy `message` in, waiting while the channel is full.
 *
 * -EPIPE      the channel is closed
 * -ETIMEDOUT, -ECANCELED  nothing was sent
 */
must_check int channel_send(struct channel *channel, const void *message, nanoseconds deadline);

/*
 * Copy the oldest message out, waiting while there is none.
 *
 * -EPIPE      the channel is closed and empty
 * -ETIMEDOUT, -ECANCELED  nothing was taken
 */
must_check int channel_receive(struct channel *channel, void *message, nanoseconds deadline);

/* Refuse further messages and wake all waiters. What is queued can still be received. */
void channel_close(struct channel *channel);

#endif
