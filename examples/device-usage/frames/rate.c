#include "rate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <mirage/fiber.h>
#include <mirage/log.h>

enum {
	BATCH = 64,
	TYPE_EXPERIMENT = 0x88b5, /* of IEEE 802: for experiments on one's own network */
};

static void log_rate(const char *what, uint64_t frames, uint64_t bytes, nanoseconds time)
{
	if (time == 0)
		time = 1;
	log_info("%s %" PRIu64 " frames, %" PRIu64 " bytes in %" PRIu64 " ms: %" PRIu64
	         " frames/s, %" PRIu64 " Mbit/s, %" PRIu64 " ns each",
	         what, frames, bytes, time / 1000000,
	         (uint64_t)((unsigned __int128)frames * 1000000000 / time), bytes * 8000 / time,
	         frames > 0 ? time / frames : 0);
}

/* A frame for everybody: as a stack does it, new each time, with its header put before it. */
static int frame_make(struct frame **out, const struct net_info *info, size_t size)
{
	struct frame *frame;
	int result = frame_new(&frame, info->frames, FRAME_HEAD_ROOM);

	if (result != 0)
		return result;
	uint8_t *payload = frame_append(frame, size - NET_HEADER_LENGTH);
	uint8_t *header = payload != NULL ? frame_prepend(frame, NET_HEADER_LENGTH) : NULL;

	if (header == NULL) {
		frame_release(frame);
		return -EMSGSIZE;
	}
	memset(header, 0xff, 6);
	memcpy(header + 6, info->mac.bytes, 6);
	header[12] = TYPE_EXPERIMENT >> 8;
	header[13] = TYPE_EXPERIMENT & 0xff;
	*out = frame;
	return 0;
}

static int send_batch(const struct net *net, const struct net_info *info, size_t count, size_t size)
{
	struct frame *batch[BATCH];
	size_t made = 0;
	int result = 0;

	while (made < count && result == 0) {
		result = frame_make(&batch[made], info, size);
		made += result == 0;
	}
	ssize_t sent = result != 0 ? result : net_send_until(net, batch, made, NEVER);

	frame_release_all(&batch[sent > 0 ? sent : 0], made - (size_t)(sent > 0 ? sent : 0));
	return sent < 0 ? (int)sent : 0;
}

int rate_flood(const struct net *net, const struct monotonic_clock *clock, uint64_t count,
               size_t size)
{
	struct net_info info;
	nanoseconds start = monotonic_clock_now(clock);
	uint64_t sent = 0;
	int result = 0;

	net_info(net, &info);
	while (sent < count && result == 0) {
		size_t batch = count - sent < BATCH ? (size_t)(count - sent) : BATCH;

		result = send_batch(net, &info, batch, size);
		if (result == 0)
			sent += batch;
		if (result == 0)
			result = fiber_yield();
	}
	log_rate("sent", sent, sent * size, monotonic_clock_now(clock) - start);
	return result;
}

int rate_sink(const struct net *net, const struct monotonic_clock *clock, uint64_t count)
{
	struct frame *batch[BATCH];
	nanoseconds start = 0;
	uint64_t frames = 0, bytes = 0;

	while (frames < count) {
		ssize_t taken = net_receive_until(net, batch, BATCH, NEVER);

		if (taken < 0)
			return (int)taken;
		if (frames == 0)
			start = monotonic_clock_now(clock);
		for (ssize_t i = 0; i < taken; i++)
			bytes += frame_length(batch[i]);
		frames += (uint64_t)taken;
		frame_release_all(batch, (size_t)taken);
	}
	log_rate("received", frames, bytes, monotonic_clock_now(clock) - start);
	return 0;
}
