/*
 * Two networks made one: what comes on either side goes out on the other. Frames are handed on as they
 * are, metadata and all: nothing is copied, cut or summed here.
 */
#include <errno.h>
#include <inttypes.h>

#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/net.h>

#include "mirage/key_gen.h"

enum {
	BATCH = 32,
};

struct direction {
	const struct net *from;
	const struct net *to;
	uint64_t refused; /* longer than the other side's MTU */
};

/* Send what can be sent; a frame that cannot is dropped, and the rest goes on. */
static int hand_on(struct direction *direction, struct frame *frames[], size_t count)
{
	for (size_t done = 0; done < count;) {
		ssize_t sent = net_send_until(direction->to, &frames[done], count - done, NEVER);

		if (sent == -ECANCELED || sent == -ENODEV) {
			frame_release_all(&frames[done], count - done);
			return (int)sent;
		}
		if (sent < 0) {
			frame_release(frames[done]);
			direction->refused++;
			sent = 1;
		}
		done += (size_t)sent;
	}
	return 0;
}

static int bridge(void *argument)
{
	struct direction *direction = argument;
	struct frame *frames[BATCH];
	int result = 0;

	while (result == 0) {
		ssize_t taken = net_receive_until(direction->from, frames, BATCH, NEVER);

		if (taken < 0)
			return (int)taken;
		for (ssize_t i = 0; i < taken; i++)
			if (frame_checksum(frames[i]) == FRAME_CHECKSUM_VERIFIED)
				frame_set_checksum_none(frames[i]); /* it is in place */
		result = hand_on(direction, frames, (size_t)taken);
	}
	return result;
}

/* Let each side hand over what the other can send. */
static int agree(const struct net *left, const struct net *right)
{
	struct net_info l, r;

	net_info(left, &l);
	net_info(right, &r);
	int result = net_accept_offloads(left, l.receive_offloads & r.send_offloads);

	if (result == 0)
		result = net_accept_offloads(right, r.receive_offloads & l.send_offloads);
	return result;
}

int bridge_start(const struct net *left, const struct net *right)
{
	struct direction directions[2] = { { .from = left, .to = right },
		                           { .from = right, .to = left } };
	struct scope scope;
	int result = key_offload() ? agree(left, right) : 0;

	if (result != 0)
		return result;
	scope_open(&scope);
	result = fiber_start(&scope, "left to right", bridge, &directions[0]);
	if (result == 0)
		result = fiber_start(&scope, "right to left", bridge, &directions[1]);
	if (result == 0) {
		log_info("bridging");
		result = scope_wait_all(&scope, NEVER);
	}
	scope_close(&scope);
	log_info("%" PRIu64 " and %" PRIu64 " frames were too long for the other side",
	         directions[0].refused, directions[1].refused);
	return result;
}
