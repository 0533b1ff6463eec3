/* SPDX-License-Identifier: ISC */
/* Two devices on one cable: a ring of frames in each direction. */
#include <mirage/net_pair.h>

#include <errno.h>
#include <stdlib.h>

#include <mirage/net_driver.h>
#include <mirage/wait_queue.h>

enum {
	DEFAULT_MTU = 1500,
	DEFAULT_DEPTH = 256,
	DEFAULT_FRAMES_MAX = 1024,
};

/* One device. What came for it is in its ring. */
struct end {
	struct net net;
	struct net_pair *pair;
	struct end *other;
	struct mac_address mac;
	uint32_t accepted; /* enum net_offload */
	struct frame_pool *frames;
	struct frame **ring;
	size_t first; /* index of the oldest frame */
	size_t count; /* of frames in the ring */
	struct wait_queue readable;
	struct wait_queue writable; /* for this end to send */
	struct net_statistics statistics;
};

struct net_pair {
	struct end ends[2];
	uint32_t mtu;
	size_t depth;
	bool link_up;
};

static struct end *end_of(const void *self)
{
	return (struct end *)(uintptr_t)self; /* the wiring is const, the end is not */
}

static void pair_info(const void *self, struct net_info *info)
{
	const struct end *end = end_of(self);

	*info = (struct net_info){
		.name = end == &end->pair->ends[0] ? "pair0" : "pair1",
		.mac = end->mac,
		.mtu = end->pair->mtu,
		.link_up = end->pair->link_up,
		.send_offloads = end->other->accepted,
		.receive_offloads = NET_OFFLOAD_ALL,
		.accepted_offloads = end->accepted,
		.parts_max = 1 + FRAME_FRAGMENTS_MAX,
		.frames = end->frames,
	};
}

/* Hand a frame to the other end, which has room. */
static void deliver(struct end *end, struct frame *frame)
{
	struct end *other = end->other;
	size_t depth = end->pair->depth;

	end->statistics.sent_frames++;
	end->statistics.sent_bytes += frame_length(frame);
	other->ring[(other->first + other->count) % depth] = frame;
	other->count++;
	wait_queue_wake_one(&other->readable);
}

/* 1: taken, delivered or lost; 0: the other end is full; an error: not taken. */
static int send_one(struct end *end, struct frame *frame)
{
	int result = net_check_frame(frame, end->pair->mtu, end->other->accepted);

	if (result != 0)
		return result;
	if (!end->pair->link_up) {
		end->statistics.sent_lost++;
		frame_release(frame);
		return 1;
	}
	if (end->other->count == end->pair->depth)
		return 0;
	deliver(end, frame);
	return 1;
}

static ssize_t pair_send(const void *self, struct frame *frames[], size_t count)
{
	struct end *end = end_of(self);

	for (size_t i = 0; i < count; i++) {
		int result = send_one(end, frames[i]);

		if (result != 1)
			return i > 0 ? (ssize_t)i : result;
	}
	return (ssize_t)count;
}

static ssize_t pair_receive(const void *self, struct frame *frames[], size_t count)
{
	struct end *end = end_of(self);
	size_t taken = 0;

	for (; taken < count && end->count > 0; taken++) {
		frames[taken] = end->ring[end->first];
		end->first = (end->first + 1) % end->pair->depth;
		end->count--;
		end->statistics.received_frames++;
		end->statistics.received_bytes += frame_length(frames[taken]);
	}
	if (taken > 0)
		wait_queue_wake_all(&end->other->writable);
	return (ssize_t)taken;
}

static int pair_wait_readable(const void *self, nanoseconds deadline)
{
	struct end *end = end_of(self);

	while (end->count == 0) {
		int result = wait_queue_wait(&end->readable, deadline);

		if (result != 0)
			return result;
	}
	return 0;
}

static int pair_wait_writable(const void *self, nanoseconds deadline)
{
	struct end *end = end_of(self);

	while (end->other->count == end->pair->depth) {
		int result = wait_queue_wait(&end->writable, deadline);

		if (result != 0)
			return result;
	}
	return 0;
}

static int pair_accept_offloads(const void *self, uint32_t offloads)
{
	end_of(self)->accepted = offloads;
	return 0;
}

static void pair_statistics(const void *self, struct net_statistics *statistics)
{
	*statistics = end_of(self)->statistics;
}

static const struct net_ops pair_ops = {
	.info = pair_info,
	.send = pair_send,
	.receive = pair_receive,
	.wait_readable = pair_wait_readable,
	.wait_writable = pair_wait_writable,
	.accept_offloads = pair_accept_offloads,
	.statistics = pair_statistics,
};

static int end_init(struct net_pair *pair, unsigned index, size_t storage_size, size_t frames_max)
{
	struct end *end = &pair->ends[index];

	end->net = (struct net){ .ops = &pair_ops, .self = end };
	end->pair = pair;
	end->other = &pair->ends[1 - index];
	end->mac = (struct mac_address){ { 2, 0, 0, 0, 0, (uint8_t)(index + 1) } };
	wait_queue_init(&end->readable);
	wait_queue_init(&end->writable);
	end->ring = calloc(pair->depth, sizeof(struct frame *));
	return end->ring == NULL ? -ENOMEM : frame_pool_new(&end->frames, storage_size, frames_max);
}

int net_pair_new(struct net_pair **out, const struct net_pair_options *options)
{
	struct net_pair_options chosen =
		options != NULL ? *options : (struct net_pair_options){ .mtu = 0 };
	struct net_pair *pair;

	if (chosen.mtu == 0)
		chosen.mtu = DEFAULT_MTU;
	if (chosen.depth == 0)
		chosen.depth = DEFAULT_DEPTH;
	if (chosen.frames_max == 0)
		chosen.frames_max = DEFAULT_FRAMES_MAX;
	if (chosen.mtu > FRAME_STORAGE_MAX - FRAME_HEAD_ROOM - NET_HEADER_LENGTH - NET_TAG_LENGTH)
		return -EINVAL;
	pair = calloc(1, sizeof(*pair));
	if (pair == NULL)
		return -ENOMEM;
	pair->mtu = chosen.mtu;
	pair->depth = chosen.depth;
	pair->link_up = true;
	size_t storage_size = FRAME_HEAD_ROOM + NET_HEADER_LENGTH + NET_TAG_LENGTH + chosen.mtu;
	int result = end_init(pair, 0, storage_size, chosen.frames_max);

	if (result == 0)
		result = end_init(pair, 1, storage_size, chosen.frames_max);
	if (result != 0) {
		net_pair_free(pair);
		return result;
	}
	*out = pair;
	return 0;
}

static void ring_empty(struct end *end)
{
	for (; end->count > 0; end->count--) {
		frame_release(end->ring[end->first]);
		end->first = (end->first + 1) % end->pair->depth;
	}
}

void net_pair_free(struct net_pair *pair)
{
	if (pair == NULL)
		return;
	for (size_t i = 0; i < 2; i++)
		ring_empty(&pair->ends[i]);
	for (size_t i = 0; i < 2; i++) {
		free(pair->ends[i].ring);
		frame_pool_free(pair->ends[i].frames);
	}
	free(pair);
}

const struct net *net_pair_end(const struct net_pair *pair, unsigned index)
{
	return &pair->ends[index].net;
}

void net_pair_set_link(struct net_pair *pair, bool up)
{
	pair->link_up = up;
}
