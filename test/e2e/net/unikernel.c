/*
 * Says of each IPv4 frame that comes what is known of it, and sends the same bytes back as one
 * super-frame, to be cut by the device: for a peer that knows what to expect (super_frame.py). The
 * frame of one byte of payload ends it.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <mirage/buffer.h>
#include <mirage/checksum.h>
#include <mirage/log.h>
#include <mirage/net.h>

#include "mirage/key_gen.h"

enum {
	TCP = 6,
	IP_AT = NET_HEADER_LENGTH,
	TCP_AT = IP_AT + 20,
	PAYLOAD_AT = TCP_AT + 20,
	SUPER_LENGTH = 60000, /* bytes of payload to send */
	SEGMENT = 1000,
	PART = 4096,
};

/* The sum of the pseudo header of TCP over IPv4. */
static uint32_t pseudo_header(const uint8_t *ip, size_t length)
{
	uint32_t sum = checksum_add(0, ip + 12, 8);

	sum = checksum_add_number(sum, TCP);
	return checksum_add_number(sum, (uint16_t)length);
}

static const char *checksum_text(struct frame *frame)
{
	switch (frame_checksum(frame)) {
	case FRAME_CHECKSUM_PARTIAL:
		return "partial";
	case FRAME_CHECKSUM_VERIFIED:
		return "verified";
	case FRAME_CHECKSUM_NONE:
	default:
		break;
	}
	uint32_t sum = pseudo_header(frame_bytes(frame) + IP_AT, frame_length(frame) - TCP_AT);
	uint32_t whole = sum + frame_sum(frame, TCP_AT);

	return checksum_finish(checksum_add(0, &whole, sizeof(whole))) == 0 ? "right" : "wrong";
}

/* A sum of all payload bytes by place, so that none may move. */
static uint64_t payload_digest(const struct frame *frame)
{
	uint64_t digest = 0;
	size_t place = 0;

	for (size_t i = 0; i < frame_part_count(frame); i++)
		for (size_t j = 0; j < frame_part(frame, i).length; j++, place++)
			if (place >= PAYLOAD_AT)
				digest += (place - PAYLOAD_AT + 1) * frame_part(frame, i).bytes[j];
	return digest;
}

static void report(struct frame *frame)
{
	log_info("length %zu kind %d segment %zu payload-at %zu parts %s checksum %s digest "
	         "%" PRIu64,
	         frame_length(frame), (int)frame_segmentation(frame),
	         frame_segmentation(frame) != FRAME_SEGMENTATION_NONE ? frame_segment_size(frame)
	                                                              : 0,
	         frame_segmentation(frame) != FRAME_SEGMENTATION_NONE ? frame_payload(frame) : 0,
	         frame_part_count(frame) > 1 ? "many" : "one", checksum_text(frame),
	         payload_digest(frame));
}

static int append_payload(struct frame *frame, struct buffer_pool *pool, size_t part)
{
	for (size_t at = 0; at < SUPER_LENGTH; at += part) {
		size_t length = SUPER_LENGTH - at < part ? SUPER_LENGTH - at : part;
		struct buffer *buffer;
		int result = buffer_new(&buffer, pool);

		if (result != 0)
			return result;
		struct view view = { .buffer = buffer,
			             .slice = slice_of(buffer_slice(buffer).bytes, length) };

		for (size_t i = 0; i < length; i++)
			view.slice.bytes[i] = (uint8_t)((at + i) % 251);
		result = frame_append_view(frame, &view);
		if (result != 0)
			return result;
	}
	return 0;
}

/* Headers like those of the frame that came, back to its sender. */
static int make_super(struct frame **out, const struct frame *came, const struct net_info *info,
                      struct buffer_pool *pool)
{
	size_t length = 20 + 20 + SUPER_LENGTH;
	struct frame *frame;
	int result = frame_new(&frame, info->frames, FRAME_HEAD_ROOM);

	if (result != 0)
		return result;
	uint8_t *bytes = frame_append(frame, PAYLOAD_AT);
	uint8_t *ip = bytes + IP_AT;

	memcpy(bytes, frame_bytes(came), PAYLOAD_AT);
	memcpy(bytes, frame_bytes(came) + 6, 6);
	memcpy(bytes + 6, info->mac.bytes, 6);
	memcpy(ip + 12, frame_bytes(came) + IP_AT + 16, 4);
	memcpy(ip + 16, frame_bytes(came) + IP_AT + 12, 4);
	ip[2] = (uint8_t)(length >> 8);
	ip[3] = (uint8_t)length;
	checksum_store(ip + 10, 0);
	checksum_store(ip + 10, checksum_finish(checksum_add(0, ip, 20)));
	checksum_store(bytes + TCP_AT + 16, (uint16_t)pseudo_header(ip, 20 + SUPER_LENGTH));
	result = append_payload(frame, pool, key_spread() ? PART : SUPER_LENGTH);
	if (result == 0)
		result = frame_set_checksum_partial(frame, TCP_AT, 16);
	if (result == 0)
		result =
			frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, SEGMENT, PAYLOAD_AT);
	if (result != 0) {
		frame_release(frame);
		return result;
	}
	*out = frame;
	return 0;
}

static int send_super(const struct net *net, const struct frame *came, const struct net_info *info)
{
	struct buffer_pool *pool;
	struct frame *frame;
	int result = buffer_pool_new(&pool, key_spread() ? PART : SUPER_LENGTH, 20);

	if (result != 0)
		return result;
	result = make_super(&frame, came, info, pool);
	if (result == 0) {
		ssize_t sent = net_send(net, &frame, 1);

		result = sent == 1 ? 0 : (int)sent;
		if (sent != 1)
			frame_release(frame);
	}
	buffer_pool_free(pool);
	return result;
}

int offload_start(const struct net *net)
{
	struct net_info info;
	struct frame *frame;
	bool last = false;

	net_info(net, &info);
	if (key_accept()) {
		int result = net_accept_offloads(net, info.receive_offloads);

		if (result != 0)
			return result;
	}
	log_info("offloads %" PRIx32 " of %" PRIx32, info.send_offloads, info.receive_offloads);
	while (!last) {
		ssize_t taken = net_receive_until(net, &frame, 1, NEVER);

		if (taken < 0)
			return (int)taken;
		const uint8_t *bytes = frame_bytes(frame);

		if (frame_linear_length(frame) > PAYLOAD_AT && bytes[12] == 8 && bytes[13] == 0) {
			report(frame);
			last = frame_length(frame) == PAYLOAD_AT + 1;
			int result = last ? send_super(net, frame, &info) : 0;

			if (result != 0)
				log_error("the super-frame was not sent: %s", strerror(-result));
		}
		frame_release(frame);
	}
	return 0;
}
