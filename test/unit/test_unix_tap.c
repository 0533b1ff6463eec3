/* SPDX-License-Identifier: ISC */
/* netif on unix under the sanitizers: a tap in a network namespace that this process makes for itself. */
#include "on_virtual.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mirage/netif.h>

#include "abi/virtio_net.h"
#include "targets/unix/tap.h"
#include "targets/unix/unix_target.h"

enum {
	HEADER = sizeof(struct virtio_net_frame_header),
};

static const char *why_not;

static void interface_request(unsigned long request, struct ifreq *interface)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(interface->ifr_name, sizeof(interface->ifr_name), "tap0");
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, request, interface), 0);
	close(fd);
}

static void set_mtu(int mtu)
{
	struct ifreq interface = { .ifr_mtu = mtu };

	interface_request(SIOCSIFMTU, &interface);
}

static void set_up(bool up)
{
	struct ifreq interface = { .ifr_flags = (short)(up ? IFF_UP : 0) };

	interface_request(SIOCSIFFLAGS, &interface);
}

/* A namespace of our own, with tap0 up and without IPv6, which talks by itself. */
static const char *make_tap(void)
{
	struct ifreq interface = { .ifr_name = "tap0", .ifr_flags = IFF_TAP | IFF_NO_PI };

	if (unshare(CLONE_NEWNET) != 0)
		return "this user may not make a network namespace";
	int quiet = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY);

	if (quiet >= 0 && write(quiet, "1", 1) != 1)
		return "IPv6 cannot be turned off here";
	close(quiet);
	int fd = open("/dev/net/tun", O_RDWR);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &interface) != 0 || ioctl(fd, TUNSETPERSIST, 1) != 0)
		return "no tap can be made here";
	close(fd);
	set_up(true);
	return NULL;
}

static int peer_open(void)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
		                       .sll_protocol = htons(ETH_P_IP),
		                       .sll_ifindex = (int)if_nametoindex("tap0") };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_IP)), yes = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof(yes)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static struct netif_state netif_state;
static const struct netif netif = { .state = &netif_state, .name = "tap0" };
static const struct net net = { .ops = &netif_ops, .self = &netif };
static int peer;

static int (*body)(void);

static int connected(void *argument)
{
	(void)argument;
	assert_int_equal(netif_connect(&netif), 0);
	peer = peer_open();
	int result = body();

	close(peer);
	netif_disconnect(&netif);
	return result;
}

static void on_unix(int (*test)(void))
{
	struct runtime *runtime;

	if (why_not != NULL) {
		print_message("skipped: %s\n", why_not);
		skip();
	}
	body = test;
	assert_int_equal(runtime_new(&runtime, &unix_target, NULL), 0);
	assert_int_equal(runtime_run(runtime, connected, NULL), 0);
	runtime_free(runtime);
}

/* An IPv4 packet to nobody, whose payload counts. As TCP, if it is to be cut. */
static size_t fill_packet(uint8_t *packet, size_t length)
{
	size_t ip = length - ETH_HLEN;

	for (size_t i = 0; i < length; i++)
		packet[HEADER + i] = (uint8_t)(i * 11 + length); /* no two alike */
	memset(packet, 0, HEADER);
	uint8_t *ethernet = packet + HEADER;

	memset(ethernet, 2, 12);
	memset(ethernet + 12, 0, 42);
	ethernet[12] = 8;
	ethernet[14] = 0x45;
	ethernet[16] = (uint8_t)(ip >> 8);
	ethernet[17] = (uint8_t)ip;
	ethernet[22] = 64;
	ethernet[23] = 6;
	ethernet[46] = 0x50;
	return HEADER + length;
}

static void peer_sends(size_t length, size_t segment)
{
	static uint8_t packet[HEADER + FRAME_LENGTH_MAX];
	size_t bytes = fill_packet(packet, length);

	if (segment > 0) {
		const struct virtio_net_frame_header header = {
			.flags = VIRTIO_NET_FLAG_NEEDS_CHECKSUM,
			.segmentation = VIRTIO_NET_SEGMENTATION_TCP4,
			.header_length = { 54 },
			.segment_size = { (uint8_t)segment, (uint8_t)(segment >> 8) },
			.checksum_start = { 34 },
			.checksum_offset = { 16 },
		};
		memcpy(packet, &header, sizeof(header));
	}
	assert_int_equal(send(peer, packet, bytes, 0), bytes);
}

/* Compare a frame with what peer_sends() sent, but for the checksums. */
static void assert_came(const struct frame *frame, size_t length)
{
	static uint8_t sent[HEADER + FRAME_LENGTH_MAX], came[FRAME_LENGTH_MAX];

	frame_check(frame);
	fill_packet(sent, length);
	assert_int_equal(frame_length(frame), length);
	assert_int_equal(frame_read(frame, 0, came, length), 0);
	assert_memory_equal(came, sent + HEADER, 24);
	assert_memory_equal(came + 54, sent + HEADER + 54, length - 54);
}

static struct frame *receive_one(void)
{
	struct frame *frame;

	assert_int_equal(net_receive_until(&net, &frame, 1,
	                                   deadline_after(runtime_now(), duration_of_sec(10))),
	                 1);
	return frame;
}

static int all_lengths_main(void)
{
	static const size_t lengths[] = { 60, 61, 1000, 1513, 1514 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		peer_sends(lengths[i], 0);
		struct frame *frame = receive_one();

		assert_came(frame, lengths[i]);
		assert_int_equal(frame_part_count(frame), 1);
		assert_int_equal(frame_checksum(frame), FRAME_CHECKSUM_NONE);
		frame_release(frame);
	}
	struct frame *frame;

	assert_int_equal(net_receive(&net, &frame, 1), 0);
	assert_int_equal(net_receive_until(&net, &frame, 1, runtime_now() + 1000), -ETIMEDOUT);
	return 0;
}

static void frames_of_all_lengths_come(void **state)
{
	(void)state;
	on_unix(all_lengths_main);
}

static int super_main(void)
{
	struct frame *frames[16];

	assert_int_equal(net_accept_offloads(&net, NET_OFFLOAD_CHECKSUM | NET_OFFLOAD_TCP4), 0);
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 0; i < 8; i++) /* small and large ones share tails */
			peer_sends(i % 2 == 0 ? 65000 - i : 1987 + i * 100, 1448);
		for (size_t i = 0; i < 8; i++)
			frames[i] = receive_one();
		for (size_t i = 0; i < 8; i++) {
			assert_came(frames[i], i % 2 == 0 ? 65000 - i : 1987 + i * 100);
			assert_int_equal(frame_segmentation(frames[i]), FRAME_SEGMENTATION_TCP4);
			assert_int_equal(frame_segment_size(frames[i]), 1448);
			assert_int_equal(frame_checksum(frames[i]), FRAME_CHECKSUM_PARTIAL);
		}
		frame_release_all(frames, 8);
	}
	return 0;
}

static void super_frames_come_whole_and_do_not_overlap(void **state)
{
	(void)state;
	on_unix(super_main);
}

static int cut_main(void)
{
	size_t payload = 0;

	peer_sends(20054, 1000);
	while (payload < 20000) {
		struct frame *frame = receive_one();

		assert_int_equal(frame_segmentation(frame), FRAME_SEGMENTATION_NONE);
		assert_int_equal(frame_checksum(frame), FRAME_CHECKSUM_NONE);
		assert_int_equal(frame_length(frame), 1054);
		payload += frame_length(frame) - 54;
		frame_release(frame);
	}
	assert_int_equal(payload, 20000);
	return 0;
}

static void what_was_not_accepted_is_cut_by_the_kernel(void **state)
{
	(void)state;
	on_unix(cut_main);
}

static int jumbo_main(void)
{
	struct net_info info;
	struct frame *frame;

	net_info(&net, &info);
	assert_int_equal(info.mtu, 9000);
	peer_sends(9014, 0);
	frame = receive_one();
	assert_came(frame, 9014);
	assert_int_equal(frame_part_count(frame), 2);

	/* And back, as it is. */
	assert_int_equal(net_send(&net, &frame, 1), 1);
	return 0;
}

static void a_large_mtu_gives_frames_in_two_parts(void **state)
{
	(void)state;
	if (why_not == NULL)
		set_mtu(9000);
	on_unix(jumbo_main);
	set_mtu(1500);
}

static int grown_main(void)
{
	struct net_statistics statistics;
	struct frame *frame;

	set_mtu(3000); /* after the device has asked */
	peer_sends(3014, 0);
	peer_sends(100, 0);
	frame = receive_one();
	assert_came(frame, 100);
	frame_release(frame);
	net_statistics(&net, &statistics);
	assert_int_equal(statistics.received_invalid, 1);
	set_mtu(1500);
	return 0;
}

static void a_frame_that_the_kernel_had_to_cut_off_is_dropped(void **state)
{
	(void)state;
	on_unix(grown_main);
}

static int hoard_main(void)
{
	static struct frame *frames[1025];
	size_t count = 0;

	while (count < 1024) {
		peer_sends(60, 0);
		frames[count++] = receive_one();
	}
	assert_int_equal(net_receive(&net, &frames[1024], 1), 0);
	peer_sends(61, 0);
	assert_int_equal(net_receive(&net, &frames[1024], 1), -ENOBUFS);
	frame_release(frames[--count]);
	frames[count++] = receive_one();
	assert_int_equal(frame_length(frames[1023]), 61);
	frame_release_all(frames, count);
	return 0;
}

static void who_hoards_frames_is_told(void **state)
{
	(void)state;
	on_unix(hoard_main);
}

/* What the peer gets of a frame in parts, shared with somebody or not. */
static int parts_main(void)
{
	static uint8_t packet[HEADER + FRAME_LENGTH_MAX], came[HEADER + FRAME_LENGTH_MAX];
	struct net_info info;

	net_info(&net, &info);
	for (int shared = 0; shared < 2; shared++)
		for (size_t linear = 14; linear < 70; linear += 7) {
			struct frame *frame;
			size_t bytes = fill_packet(packet, 1000);

			assert_int_equal(frame_new(&frame, info.frames, 20 * (size_t)shared), 0);
			memcpy(frame_append(frame, linear), packet + HEADER, linear);
			for (size_t at = linear; at < 1000;) {
				size_t length = 1000 - at < 100 ? 1000 - at : 100;
				struct view view = { .slice = slice_of(packet + HEADER + at,
					                               length) };

				assert_int_equal(frame_append_view(frame, &view), 0);
				at += length;
			}
			if (shared) { /* with something of the other holder's before it */
				frame_acquire(frame);
				memset(frame_prepend(frame, 20), 9, 20);
				assert_int_equal(frame_remove(frame, 20), 0);
			}
			assert_int_equal(net_send(&net, &frame, 1), 1);
			if (shared) {
				assert_memory_equal(frame_bytes(frame), packet + HEADER, linear);
				for (size_t i = 1; i <= 20; i++)
					assert_int_equal(frame_bytes(frame)[-(ssize_t)i], 9);
				frame_release(frame);
			}
			assert_int_equal(recv(peer, came, sizeof(came), 0), bytes);
			assert_memory_equal(came + HEADER, packet + HEADER, 1000);
		}
	return 0;
}

static void frames_in_parts_are_sent_whole(void **state)
{
	(void)state;
	on_unix(parts_main);
}

static int link_main(void)
{
	struct net_info info;
	struct net_statistics statistics;
	struct frame *frame;

	net_info(&net, &info);
	assert_true(info.link_up);
	set_up(false);
	net_info(&net, &info);
	assert_false(info.link_up);
	assert_int_equal(frame_new(&frame, info.frames, 20), 0);
	memset(frame_append(frame, 60), 0, 60);
	assert_int_equal(net_send(&net, &frame, 1), 1);
	net_statistics(&net, &statistics);
	assert_int_equal(statistics.sent_lost, 1);
	set_up(true);
	return 0;
}

static void while_the_link_is_down_frames_are_lost_and_counted(void **state)
{
	(void)state;
	on_unix(link_main);
}

/* A tap is never full for long. A pipe in its place is. */
static int full_main(void)
{
	static uint8_t bytes[1 << 20];
	struct net_info info;
	struct frame *frame;
	int tap = netif_state.driver->fd, ends[2];

	net_info(&net, &info);
	assert_int_equal(frame_new(&frame, info.frames, 20), 0);
	memset(frame_append(frame, 60), 0, 60);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_true(write(ends[1], bytes, sizeof(bytes)) > 0);
	netif_state.driver->fd = ends[1];
	assert_int_equal(net_send(&net, &frame, 1), 0);
	assert_int_equal(net_wait_writable(&net, 0), -ETIMEDOUT);
	assert_int_equal(net_send_until(&net, &frame, 1, runtime_now() + 1000), -ETIMEDOUT);
	assert_int_equal(frame_length(frame), 60); /* still ours */
	assert_true(read(ends[0], bytes, sizeof(bytes)) > 0);
	assert_int_equal(net_send_until(&net, &frame, 1, NEVER), 1);
	assert_int_equal(read(ends[0], bytes, sizeof(bytes)), HEADER + 60);
	netif_state.driver->fd = tap;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void a_full_device_takes_nothing_and_can_be_waited_for(void **state)
{
	(void)state;
	on_unix(full_main);
}

/* Super-frames that are kept keep the memory of their tails, which has a budget, too. */
static int hoard_tails_main(void)
{
	static struct frame *frames[1000];
	struct frame *more;
	size_t count = 0;
	ssize_t taken = 1;

	assert_int_equal(net_accept_offloads(&net, NET_OFFLOAD_CHECKSUM | NET_OFFLOAD_TCP4), 0);
	while (taken == 1) {
		assert_true(count < 1000);
		peer_sends(65000, 1448);
		taken = net_receive(&net, &frames[count], 1);
		count += taken == 1;
	}
	assert_int_equal(taken, -ENOBUFS);
	assert_in_range(count, 64, 300);
	for (size_t i = 0; i < count; i++)
		assert_came(frames[i], 65000);
	assert_int_equal(net_receive(&net, &more, 1), -ENOBUFS);
	frame_release_all(frames, count);
	more = receive_one();
	assert_came(more, 65000);
	frame_release(more);
	return 0;
}

static void who_hoards_super_frames_is_told(void **state)
{
	(void)state;
	on_unix(hoard_tails_main);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_all_lengths_come),
		cmocka_unit_test(super_frames_come_whole_and_do_not_overlap),
		cmocka_unit_test(what_was_not_accepted_is_cut_by_the_kernel),
		cmocka_unit_test(a_large_mtu_gives_frames_in_two_parts),
		cmocka_unit_test(a_frame_that_the_kernel_had_to_cut_off_is_dropped),
		cmocka_unit_test(who_hoards_frames_is_told),
		cmocka_unit_test(who_hoards_super_frames_is_told),
		cmocka_unit_test(a_full_device_takes_nothing_and_can_be_waited_for),
		cmocka_unit_test(frames_in_parts_are_sent_whole),
		cmocka_unit_test(while_the_link_is_down_frames_are_lost_and_counted),
	};

	why_not = make_tap();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
