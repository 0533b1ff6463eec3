/* SPDX-License-Identifier: ISC */
/* Captures, read back block by block. That other programs read them too is asked in test/e2e. */
#include "on_virtual.h"

#include <stdlib.h>

#include <mirage/net_pair.h>
#include <mirage/net_pcap.h>

struct memory {
	uint8_t bytes[300 * 1024];
	size_t length;
	size_t room; /* then the disk is full */
	bool closed;
};

static int memory_write(void *context, const void *bytes, size_t length)
{
	struct memory *memory = context;

	if (length > memory->room - memory->length)
		return -ENOSPC;
	memcpy(memory->bytes + memory->length, bytes, length);
	memory->length += length;
	return 0;
}

static void memory_close(void *context)
{
	((struct memory *)context)->closed = true;
}

struct bench {
	struct memory memory;
	struct net_pair *pair;
	struct net_pcap_state state;
	struct net_pcap pcap;
	struct net net;
	const struct net *peer;
};

static struct bench *bench_open(size_t room)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	bench->memory.room = room;
	assert_int_equal(net_pair_new(&bench->pair, &(struct net_pair_options){ .depth = 3 }), 0);
	bench->pcap =
		(struct net_pcap){ .state = &bench->state, .below = net_pair_end(bench->pair, 0) };
	bench->net = (struct net){ .ops = &net_pcap_ops, .self = &bench->pcap };
	bench->peer = net_pair_end(bench->pair, 1);
	const struct net_pcap_sink sink = { &bench->memory, memory_write, memory_close };

	assert_int_equal(net_pcap_attach(&bench->pcap, &sink), 0);
	return bench;
}

static void bench_close(struct bench *bench)
{
	net_pcap_disconnect(&bench->pcap);
	assert_true(bench->memory.closed);
	net_pair_free(bench->pair);
	free(bench);
}

static struct frame *new_frame(const struct net *net, size_t length)
{
	struct net_info info;
	struct frame *frame;

	net_info(net, &info);
	assert_int_equal(frame_new(&frame, info.frames, FRAME_HEAD_ROOM), 0);
	memset(frame_append(frame, length), (int)length, length);
	return frame;
}

static uint32_t read32(const uint8_t *bytes)
{
	uint32_t number;

	memcpy(&number, bytes, sizeof(number));
	return number;
}

/* One packet of a capture. */
struct packet {
	uint64_t wall;
	uint32_t length;
	uint32_t flags;
	const uint8_t *bytes;
	char comment[100];
};

static void read_options(const uint8_t *next, const uint8_t *end, struct packet *packet)
{
	while (next < end) {
		uint16_t code, length;

		memcpy(&code, next, 2);
		memcpy(&length, next + 2, 2);
		if (code == 1)
			memcpy(packet->comment, next + 4, length);
		if (code == 2)
			packet->flags = read32(next + 4);
		next += 4 + (length + 3u) / 4 * 4;
		if (code == 0)
			break;
	}
	assert_ptr_equal(next, end);
}

/* Read a whole capture, checking its frame; the number of packets. */
static size_t read_capture(const struct memory *memory, struct packet packets[], size_t max)
{
	size_t at = 0, count = 0, blocks = 0;

	while (at < memory->length) {
		const uint8_t *block = memory->bytes + at;
		uint32_t type = read32(block), total = read32(block + 4);

		assert_true(total % 4 == 0 && total >= 12 && total <= memory->length - at);
		assert_int_equal(read32(block + total - 4), total);
		if (blocks == 0) {
			assert_int_equal(type, 0x0a0d0d0a);
			assert_int_equal(read32(block + 8), 0x1a2b3c4d);
		} else if (blocks == 1) {
			assert_int_equal(type, 1);
			assert_int_equal(read32(block + 8), 1); /* Ethernet */
		} else {
			assert_int_equal(type, 6);
			assert_true(count < max);
			struct packet *packet = &packets[count++];

			*packet = (struct packet){
				.wall = (uint64_t)read32(block + 12) << 32 | read32(block + 16),
				.length = read32(block + 20),
				.bytes = block + 28,
			};
			assert_int_equal(read32(block + 24), packet->length);
			read_options(block + 28 + (packet->length + 3) / 4 * 4, block + total - 4,
			             packet);
		}
		at += total;
		blocks++;
	}
	assert_true(blocks >= 2);
	return count;
}

static int both_directions_main(void *argument)
{
	struct bench *bench = bench_open(sizeof(bench->memory.bytes));
	struct packet packets[8];
	struct frame *frames[4];

	(void)argument;
	assert_int_equal(read_capture(&bench->memory, packets, 8), 0);
	frames[0] = new_frame(&bench->net, 61);
	assert_int_equal(net_send(&bench->net, frames, 1), 1);
	assert_int_equal(fiber_sleep(duration_of_sec(5)), 0);
	frames[0] = new_frame(bench->peer, 1514);
	assert_int_equal(net_send(bench->peer, frames, 1), 1);
	assert_int_equal(net_receive(&bench->net, frames, 4), 1);
	assert_false(frame_is_shared(frames[0]));
	frame_release(frames[0]);

	assert_int_equal(read_capture(&bench->memory, packets, 8), 2);
	assert_int_equal(packets[0].length, 61);
	assert_int_equal(packets[0].flags & 3, 2);
	assert_int_equal(packets[0].bytes[60], 61);
	assert_int_equal(packets[1].length, 1514);
	assert_int_equal(packets[1].flags & 3, 1);
	assert_int_equal(packets[1].wall - packets[0].wall, duration_of_sec(5));
	assert_string_equal(packets[1].comment, "");
	bench_close(bench);
	return 0;
}

static void both_directions_are_recorded_with_their_time(void **state)
{
	(void)state;
	on_virtual(both_directions_main, NULL);
}

static int taken_main(void *argument)
{
	struct bench *bench = bench_open(sizeof(bench->memory.bytes));
	struct packet packets[8];
	struct frame *frames[5];

	(void)argument;
	for (size_t i = 0; i < 5; i++)
		frames[i] = new_frame(&bench->net, 60 + i);
	assert_int_equal(net_send(&bench->net, frames, 5), 3); /* the depth of the pair */
	assert_int_equal(read_capture(&bench->memory, packets, 8), 3);
	assert_int_equal(net_send(&bench->net, frames + 3, 2), 0);
	assert_int_equal(read_capture(&bench->memory, packets, 8), 3);
	assert_false(frame_is_shared(frames[3]));
	frame_release_all(frames + 3, 2);
	frames[0] = new_frame(&bench->net, 5);
	assert_int_equal(net_send(&bench->net, frames, 1), -EINVAL);
	frame_release(frames[0]);
	assert_int_equal(read_capture(&bench->memory, packets, 8), 3);
	bench_close(bench);
	return 0;
}

static void only_what_was_taken_is_recorded(void **state)
{
	(void)state;
	on_virtual(taken_main, NULL);
}

/* Longer than the buffer of the device, in parts, and with a length that needs padding. */
static int super_frame_main(void *argument)
{
	static uint8_t payload[65001];
	struct bench *bench = bench_open(sizeof(bench->memory.bytes));
	struct packet packets[8];
	struct frame *frames[3];

	(void)argument;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	assert_int_equal(net_accept_offloads(bench->peer, NET_OFFLOAD_ALL), 0);
	for (size_t i = 0; i < 3; i++) {
		struct view view = { .slice = slice_of(payload, sizeof(payload)) };

		frames[i] = new_frame(&bench->net, 66);
		assert_int_equal(frame_append_view(frames[i], &view), 0);
		assert_int_equal(frame_set_checksum_partial(frames[i], 34, 16), 0);
		assert_int_equal(
			frame_set_segmentation(frames[i], FRAME_SEGMENTATION_TCP4, 1448, 66), 0);
	}
	assert_int_equal(net_send(&bench->net, frames, 3), 3);
	assert_int_equal(read_capture(&bench->memory, packets, 8), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(packets[i].length, 66 + sizeof(payload));
		assert_memory_equal(packets[i].bytes + 66, payload, sizeof(payload));
		assert_string_equal(packets[i].comment,
		                    "super-frame: segments of 1448 bytes of payload");
	}
	bench_close(bench);
	return 0;
}

static void super_frames_are_recorded_whole(void **state)
{
	(void)state;
	on_virtual(super_frame_main, NULL);
}

static int full_disk_main(void *argument)
{
	struct bench *bench = bench_open(380);
	struct packet packets[8];
	struct frame *frame;

	(void)argument;
	for (size_t i = 0; i < 6; i++) {
		frame = new_frame(&bench->net, 60);
		assert_int_equal(net_send(&bench->net, &frame, 1), 1);
		assert_int_equal(net_receive(bench->peer, &frame, 1), 1);
		frame_release(frame);
	}
	assert_int_equal(read_capture(&bench->memory, packets, 8), 2);
	bench_close(bench);
	return 0;
}

static void a_full_disk_ends_the_capture_and_not_the_network(void **state)
{
	(void)state;
	on_virtual(full_disk_main, NULL);
}

static int file_main(void *argument)
{
	struct net_pcap_state pcap_state;
	struct net_pair *pair;

	(void)argument;
	assert_int_equal(net_pair_new(&pair, NULL), 0);
	const struct net_pcap pcap = { .state = &pcap_state,
		                       .below = net_pair_end(pair, 0),
		                       .file = "/nonexistent/capture.pcapng" };

	assert_int_equal(net_pcap_connect(&pcap), -ENOENT);
	net_pair_free(pair);
	return 0;
}

static void a_file_that_cannot_be_made_is_an_error(void **state)
{
	(void)state;
	on_virtual(file_main, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_are_recorded_with_their_time),
		cmocka_unit_test(only_what_was_taken_is_recorded),
		cmocka_unit_test(super_frames_are_recorded_whole),
		cmocka_unit_test(a_full_disk_ends_the_capture_and_not_the_network),
		cmocka_unit_test(a_file_that_cannot_be_made_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
