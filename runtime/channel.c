// SPDX-License-Identifier: ISC
/* Channels: a ring of messages with a queue of fibers at each end. */
#include <mirage/channel.h>

#include <errno.h>
#include <string.h>

int channel_init(struct channel *channel, void *storage, size_t message_size, size_t capacity)
{
	size_t total;

	if (message_size == 0 || capacity == 0 ||
	    __builtin_mul_overflow(message_size, capacity, &total))
		return -EINVAL;
	*channel = (struct channel){
		.storage = storage,
		.message_size = message_size,
		.capacity = capacity,
	};
	wait_queue_init(&channel->senders);
	wait_queue_init(&channel->receivers);
	return 0;
}

static unsigned char *slot(const struct channel *channel, size_t position)
{
	size_t index = channel->first + position;

	if (index >= channel->capacity)
		index -= channel->capacity;
	return channel->storage + index * channel->message_size;
}

int channel_send(struct channel *channel, const void *message, nanoseconds deadline)
{
	while (!channel->closed && channel->count == channel->capacity) {
		int result = wait_queue_wait(&channel->senders, deadline);

		if (result != 0)
			return result;
	}
	if (channel->closed)
		return -EPIPE;
	memcpy(slot(channel, channel->count++), message, channel->message_size);
	wait_queue_wake_one(&channel->receivers);
	return 0;
}

int channel_receive(struct channel *channel, void *message, nanoseconds deadline)
{
	while (channel->count == 0) {
		if (channel->closed)
			return -EPIPE;
		int result = wait_queue_wait(&channel->receivers, deadline);
		if (result != 0)
			return result;
	}
	memcpy(message, slot(channel, 0), channel->message_size);
	channel->first = channel->first + 1 == channel->capacity ? 0 : channel->first + 1;
	channel->count--;
	wait_queue_wake_one(&channel->senders);
	return 0;
}

void channel_close(struct channel *channel)
{
	channel->closed = true;
	wait_queue_wake_all(&channel->senders);
	wait_queue_wake_all(&channel->receivers);
}
