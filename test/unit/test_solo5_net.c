/* SPDX-License-Identifier: ISC */
/* netif on Solo5 targets, over a tender that is a variable. */
#include <stdlib.h>

#include "on_virtual.h"

/* The unix target's has the same names. */
#include "targets/solo5/net.c"

#include "targets/solo5/target.h"

enum {
	NET = 1,
	DEVICES = 2,
	QUEUE = 1000,
};

static struct {
	struct {
		struct solo5_manifest header;
		struct solo5_manifest_entry entries[DEVICES];
	} manifest;
	struct virtual_target *target;
	size_t first, count; /* frames that wait: each is LENGTH bytes of its number */
	size_t length;
	nanoseconds arrives; /* when `arrivals` more come; 0: never */
	size_t arrivals;
	size_t late;           /* frames that come just when none is left to read */
	uint8_t written[4096]; /* the last frame that was sent */
	size_t written_length;
	size_t writes;
	bool refuses;
	unsigned int waits;
} tender;

void host_console_write(const void *bytes, size_t length)
{
	(void)bytes;
	(void)length;
}

nanoseconds host_clock_monotonic(void)
{
	return tender.target->target.ops->clock_monotonic(tender.target->target.state);
}

const struct solo5_manifest *host_manifest(void)
{
	return &tender.manifest.header;
}

ssize_t host_net_read(unsigned int handle, void *frame, size_t size)
{
	assert_int_equal(handle, NET);
	if (tender.count == 0) {
		tender.count = tender.late;
		tender.late = 0;
		return -EAGAIN;
	}
	assert_true(size >= tender.manifest.entries[NET].net.mtu + 14u);
	assert_true(tender.length <= size);
	memset(frame, (int)tender.first, tender.length);
	tender.first++;
	tender.count--;
	return (ssize_t)tender.length;
}

void host_net_forget(unsigned int handle)
{
	fail_msg("device %u is not gone", handle);
}

int host_net_write(unsigned int handle, const void *frame, size_t length)
{
	assert_int_equal(handle, NET);
	tender.writes++;
	if (tender.refuses)
		return -EIO;
	assert_true(length <= sizeof(tender.written));
	memcpy(tender.written, frame, length);
	tender.written_length = length;
	return 0;
}

uint64_t host_wait(nanoseconds deadline)
{
	nanoseconds next = deadline;

	tender.waits++;
	assert_true(tender.waits < 1000); /* a target that spins */
	if (tender.count > 0)
		next = 0;
	else if (tender.arrives != 0 && tender.arrives < next)
		next = tender.arrives;
	assert_true(next != NEVER);
	tender.target->target.ops->wait(tender.target->target.state, next);
	if (tender.arrives != 0 && tender.arrives <= host_clock_monotonic()) {
		tender.arrives = 0;
		tender.count += tender.arrivals;
	}
	return tender.count > 0 ? UINT64_C(1) << NET : 0;
}

static struct netif_state netif_state;
static struct netif netif = { .state = &netif_state, .name = "service" };
static const struct net net = { .ops = &netif_ops, .self = &netif };

static int (*body)(void);

static int connected(void *argument)
{
	(void)argument;
	assert_int_equal(netif_connect(&netif), 0);
	int result = body();

	netif_disconnect(&netif);
	return result;
}

static int run_on_tender(int (*entry)(void *argument))
{
	struct virtual_target target;
	struct runtime *runtime;

	tender.target = &target;
	tender.length = 60;
	tender.manifest.header = (struct solo5_manifest){ 1, DEVICES };
	tender.manifest.entries[0].type = SOLO5_DEVICE_RESERVED_FIRST;
	memcpy(tender.manifest.entries[NET].name, "service", sizeof("service"));
	tender.manifest.entries[NET].type = SOLO5_DEVICE_NET_BASIC;
	tender.manifest.entries[NET].attached = 1;
	memcpy(tender.manifest.entries[NET].net.mac, "\2\1\2\3\4\5", 6);
	virtual_target_init(&target);
	target.monotonic = 1000000;
	struct target_ops ops = *target.target.ops;

	ops.wait = solo5_wait;
	ops.can_wake = solo5_can_wake;
	const struct target over = { .name = "solo5", .ops = &ops, .state = target.target.state };

	assert_int_equal(runtime_new(&runtime, &over, NULL), 0);
	int result = runtime_run(runtime, entry, NULL);

	runtime_free(runtime);
	virtual_target_fini(&target);
	return result;
}

static void with_device(uint16_t mtu, int (*test)(void))
{
	memset(&tender, 0, sizeof(tender));
	tender.manifest.entries[NET].net.mtu = mtu;
	body = test;
	assert_int_equal(run_on_tender(connected), 0);
}

static struct frame *new_frame(size_t length, size_t linear)
{
	static uint8_t rest[4096];
	struct net_info info;
	struct frame *frame;

	net_info(&net, &info);
	assert_int_equal(frame_new(&frame, info.frames, FRAME_HEAD_ROOM), 0);
	memset(frame_append(frame, linear), 1, linear);
	memset(rest, 2, sizeof(rest));
	struct view view = { .slice = slice_of(rest, length - linear) };

	assert_int_equal(frame_append_view(frame, &view), 0);
	return frame;
}

static int tells_what_the_manifest_says_main(void)
{
	struct net_info info;

	net_info(&net, &info);
	assert_string_equal(info.name, "service");
	assert_memory_equal(info.mac.bytes, "\2\1\2\3\4\5", 6);
	assert_int_equal(info.mtu, 1400);
	assert_int_equal(info.parts_max, 1);
	assert_int_equal(info.send_offloads | info.receive_offloads, 0);
	assert_int_equal(net_accept_offloads(&net, NET_OFFLOAD_CHECKSUM), -ENOTSUP);
	assert_int_equal(net_accept_offloads(&net, 0), 0);
	return 0;
}

static void it_is_what_the_manifest_says(void **state)
{
	(void)state;
	with_device(1400, tells_what_the_manifest_says_main);
}

static int old_tender_main(void)
{
	struct net_info info;

	net_info(&net, &info);
	assert_int_equal(info.mtu, 1500);
	return 0;
}

static void a_tender_that_knows_no_mtu_means_1500(void **state)
{
	(void)state;
	with_device(0, old_tender_main);
}

static int refused_main(void *argument)
{
	(void)argument;
	return netif_connect(&netif);
}

static void what_the_tender_has_not_or_what_is_too_large_is_refused(void **state)
{
	(void)state;
	memset(&tender, 0, sizeof(tender));
	tender.manifest.entries[NET].net.mtu = 65535;
	assert_int_equal(run_on_tender(refused_main), -EINVAL);
	netif.name = "other";
	tender.manifest.entries[NET].net.mtu = 1500;
	assert_int_equal(run_on_tender(refused_main), -ENODEV);
	netif.name = "service";
}

static int sends_main(void)
{
	struct frame *frame = new_frame(100, 100);
	struct net_statistics statistics;

	assert_int_equal(net_send(&net, &frame, 1), 1);
	assert_int_equal(tender.written_length, 100);
	frame = new_frame(1514, 54);
	assert_int_equal(net_send(&net, &frame, 1), 1);
	assert_int_equal(tender.written_length, 1514);
	assert_int_equal(tender.written[53], 1);
	assert_int_equal(tender.written[54], 2);
	net_statistics(&net, &statistics);
	assert_int_equal(statistics.sent_frames, 2);
	assert_int_equal(statistics.sent_bytes, 1614);
	assert_int_equal(statistics.sent_copied, 1);

	frame = new_frame(1515, 54);
	assert_int_equal(net_send(&net, &frame, 1), -EMSGSIZE);
	frame_bytes(frame)[12] = 0x81; /* a tag is one too many for a tender */
	frame_bytes(frame)[13] = 0;
	assert_int_equal(net_send(&net, &frame, 1), -EMSGSIZE);
	assert_int_equal(frame_truncate(frame, 13), 0);
	assert_int_equal(net_send(&net, &frame, 1), -EINVAL);
	frame_release(frame);
	assert_int_equal(tender.writes, 2);

	tender.refuses = true;
	frame = new_frame(100, 100);
	assert_int_equal(net_send(&net, &frame, 1), 1);
	net_statistics(&net, &statistics);
	assert_int_equal(statistics.sent_lost, 1);
	assert_int_equal(net_wait_writable(&net, NEVER), 0);
	return 0;
}

static void frames_are_sent_in_one_piece_copied_only_if_they_have_parts(void **state)
{
	(void)state;
	with_device(1500, sends_main);
}

static int receives_main(void)
{
	struct frame *frames[8];

	tender.count = 5;
	assert_int_equal(net_receive(&net, frames, 3), 3);
	assert_int_equal(net_receive(&net, frames + 3, 5), 2);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(frame_length(frames[i]), 60);
		assert_int_equal(frame_bytes(frames[i])[0], i);
		assert_int_equal(frame_head_room(frames[i]), FRAME_HEAD_ROOM);
	}
	frame_release_all(frames, 5);
	assert_int_equal(net_receive(&net, frames, 8), 0);
	tender.count = 2;
	tender.length = 13;
	assert_int_equal(net_receive(&net, frames, 8), 0);

	struct net_statistics statistics;

	net_statistics(&net, &statistics);
	assert_int_equal(statistics.received_frames, 5);
	assert_int_equal(statistics.received_bytes, 300);
	assert_int_equal(statistics.received_invalid, 2);
	tender.length = 60;
	tender.arrives = host_clock_monotonic() + 500;
	tender.arrivals = 1;
	assert_int_equal(net_receive_until(&net, frames, 8, host_clock_monotonic() + 100),
	                 -ETIMEDOUT);
	assert_int_equal(net_receive_until(&net, frames, 8, NEVER), 1);
	frame_release(frames[0]);
	tender.count = 1;
	assert_int_equal(net_wait_readable(&net, 0), 0);
	return 0;
}

static void frames_are_received_in_order_and_waited_for(void **state)
{
	(void)state;
	with_device(1500, receives_main);
}

static int hoards_main(void)
{
	static struct frame *frames[FRAMES_MAX + 1];

	tender.count = FRAMES_MAX;
	assert_int_equal(net_receive(&net, frames, FRAMES_MAX), FRAMES_MAX);
	assert_int_equal(net_receive(&net, frames + FRAMES_MAX, 1), 0);
	tender.count = 1;
	assert_int_equal(net_receive(&net, frames + FRAMES_MAX, 1), -ENOBUFS);
	frame_release(frames[0]);
	assert_int_equal(net_receive(&net, frames, 1), 1);
	frame_release_all(frames, FRAMES_MAX);
	return 0;
}

static void who_hoards_frames_is_told(void **state)
{
	(void)state;
	with_device(1500, hoards_main);
}

/* Nobody receives for a while, and more come than are kept. */
static int backlog_main(void)
{
	static struct frame *frames[QUEUE];
	struct net_statistics statistics;

	for (size_t round = 0; round < 3; round++) {
		size_t first = tender.first;

		tender.arrives = host_clock_monotonic() + 500;
		tender.arrivals = BACKLOG_MAX - 10;
		assert_int_equal(fiber_sleep(1000), 0);
		tender.arrives = host_clock_monotonic() + 500;
		tender.arrivals = 30;
		assert_int_equal(fiber_sleep(1000), 0);
		assert_int_equal(tender.count, 0);
		net_statistics(&net, &statistics);
		assert_int_equal(statistics.received_lost, (round + 1) * 20);

		tender.count = 3;
		assert_int_equal(net_wait_readable(&net, NEVER), 0);
		assert_int_equal(net_receive(&net, frames, QUEUE), BACKLOG_MAX + 3);
		for (size_t i = 0; i < BACKLOG_MAX; i++)
			assert_int_equal(frame_bytes(frames[i])[0], (uint8_t)(first + i));
		frame_release_all(frames, BACKLOG_MAX + 3);
	}
	tender.arrives = host_clock_monotonic() + 500;
	tender.arrivals = 10;
	assert_int_equal(fiber_sleep(1000), 0); /* and are there when the device goes */
	return 0;
}

static void frames_that_come_while_nobody_receives_are_kept_up_to_a_bound(void **state)
{
	(void)state;
	with_device(1500, backlog_main);
}

static int late_main(void)
{
	struct frame *frames[4];
	struct net_statistics statistics;

	tender.arrives = host_clock_monotonic() + 500;
	tender.arrivals = 2;
	tender.late = 1;
	assert_int_equal(fiber_sleep(1000), 0);
	net_statistics(&net, &statistics);
	assert_int_equal(statistics.received_lost, 0);
	assert_int_equal(net_receive(&net, frames, 4), 3);
	frame_release_all(frames, 3);
	return 0;
}

static void a_frame_that_comes_while_others_are_kept_is_not_dropped(void **state)
{
	(void)state;
	with_device(1500, late_main);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_the_manifest_says),
		cmocka_unit_test(a_tender_that_knows_no_mtu_means_1500),
		cmocka_unit_test(what_the_tender_has_not_or_what_is_too_large_is_refused),
		cmocka_unit_test(frames_are_sent_in_one_piece_copied_only_if_they_have_parts),
		cmocka_unit_test(frames_are_received_in_order_and_waited_for),
		cmocka_unit_test(who_hoards_frames_is_told),
		cmocka_unit_test(frames_that_come_while_nobody_receives_are_kept_up_to_a_bound),
		cmocka_unit_test(a_frame_that_comes_while_others_are_kept_is_not_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
