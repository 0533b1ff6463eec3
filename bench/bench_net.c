/* SPDX-License-Identifier: ISC */
/*
 * Frames through a tap: the net interface against a bare loop of system calls over the same tap, in
 * turns. Out: written to the tap, where the kernel drops them. In: a packet socket fills the tap's
 * queue, which is not measured; then it is emptied, which is. Small frames are made anew each time,
 * as a stack does; of super-frames the payload is a fragment, counted and not copied.
 *
 * Every figure is the best of several rounds: what is slower was disturbed. Makes a network namespace
 * of its own, so it needs root; without, it says so and does nothing.
 *
 * `bench_net fill|read|write LENGTH COUNT` are the peers alone, on tap0, for bench_net_spt.sh: fill
 * sends COUNT frames into tap0's queue, read and write are bare loops that print their rate.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <mirage/log.h>
#include <mirage/netif.h>
#include <mirage/runtime.h>

#include "abi/virtio_net.h"
#include "targets/unix/unix_target.h"

enum {
	ROUNDS = 15,
	BATCH = 64,
	SUPER_BATCH = 8,       /* super-frames at a time: half a megabyte, in the cache */
	QUEUE = 256,           /* frames that wait in the tap */
	OUT_BYTES = 100000000, /* to send in a round, at most */
	OUT_FRAMES = 50000,    /* likewise */
	HEADER = sizeof(struct virtio_net_frame_header),
	SUPER = 65226, /* bytes: 45 segments of 1448 and the headers */
	SUPER_HEADERS = 66,
	SEGMENT = 1448,
};

static uint8_t packet[HEADER + FRAME_LENGTH_MAX]; /* what is sent, with its header */
static uint8_t room[HEADER + FRAME_LENGTH_MAX];   /* what is read by the bare loop */

static no_return void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Ethernet and IPv4 to nobody, with TCP where it is a super-frame. The header included. */
static size_t make_packet(size_t length)
{
	size_t ip = length - ETH_HLEN;
	uint8_t *ethernet = packet + HEADER;

	memset(packet, 0, sizeof(packet));
	if (length > ETH_FRAME_LEN) {
		static const struct virtio_net_frame_header header = {
			.flags = VIRTIO_NET_FLAG_NEEDS_CHECKSUM,
			.segmentation = VIRTIO_NET_SEGMENTATION_TCP4,
			.header_length = { SUPER_HEADERS },
			.segment_size = { SEGMENT & 255, SEGMENT >> 8 },
			.checksum_start = { 34 },
			.checksum_offset = { 16 },
		};
		memcpy(packet, &header, sizeof(header));
	}
	memset(ethernet, 2, 12); /* another station's */
	ethernet[12] = 8;
	ethernet[14] = 0x45;
	ethernet[16] = (uint8_t)(ip >> 8);
	ethernet[17] = (uint8_t)ip;
	ethernet[22] = 64;
	ethernet[23] = 6;
	ethernet[46] = 0x80; /* TCP with 12 bytes of options */
	return HEADER + length;
}

/* ------------------------------------------------------------------ the tap and its other side */

static void interface_request(unsigned long request, struct ifreq *interface)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(interface->ifr_name, sizeof(interface->ifr_name), "tap0");
	if (fd < 0 || ioctl(fd, request, interface) != 0)
		fail("tap0");
	close(fd);
}

static int tap_attach(void)
{
	struct ifreq interface = { .ifr_name = "tap0",
		                   .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	unsigned long offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &interface) != 0 ||
	    ioctl(fd, TUNSETOFFLOAD, offloads) != 0)
		fail("tap0");
	return fd;
}

static void tap_make(void)
{
	struct ifreq interface = { .ifr_qlen = 2 * QUEUE };
	int quiet = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY);

	if (quiet >= 0 && write(quiet, "1", 1) != 1)
		fail("disable_ipv6");
	int fd = tap_attach();

	if (ioctl(fd, TUNSETPERSIST, 1) != 0)
		fail("tap0");
	interface_request(SIOCSIFTXQLEN, &interface);
	interface.ifr_flags = IFF_UP;
	interface_request(SIOCSIFFLAGS, &interface);
	close(fd);
}

static int filler_open(void)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
		                       .sll_ifindex = (int)if_nametoindex("tap0") };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1, size = 1 << 28;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof(yes)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("packet socket");
	return fd;
}

/* ------------------------------------------------------------------ the two sides */

/* How one side moves frames. The return value is how many were moved. */
struct side {
	void (*open)(struct side *side);
	size_t (*out)(struct side *side, size_t length, size_t count);
	size_t (*in)(struct side *side, size_t length, size_t count);
	void (*close)(struct side *side);
	int fd;
	struct net net;
	struct netif netif;
	struct netif_state state;
	struct net_info info;
	struct buffer_pool *payloads;
	struct view payload;
};

static void bare_open(struct side *side)
{
	side->fd = tap_attach();
}

static size_t bare_out(struct side *side, size_t length, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (write(side->fd, packet, length) != (ssize_t)length)
			fail("write");
	return count;
}

static size_t bare_in(struct side *side, size_t length, size_t count)
{
	size_t taken = 0;

	(void)length;

	while (taken < count && read(side->fd, room, sizeof(room)) > 0)
		taken++;
	return taken;
}

static void bare_close(struct side *side)
{
	close(side->fd);
}

static void mirage_open(struct side *side)
{
	struct buffer *buffer;

	side->netif = (struct netif){ .state = &side->state, .name = "tap0" };
	side->net = (struct net){ .ops = &netif_ops, .self = &side->netif };
	if (netif_connect(&side->netif) != 0)
		exit(1);
	net_info(&side->net, &side->info);
	if (net_accept_offloads(&side->net, side->info.receive_offloads) != 0 ||
	    buffer_pool_new(&side->payloads, FRAME_LENGTH_MAX, 1) != 0 ||
	    buffer_new(&buffer, side->payloads) != 0)
		exit(1);
	memset(buffer_slice(buffer).bytes, 0, FRAME_LENGTH_MAX);
	side->payload = (struct view){ .buffer = buffer, .slice = buffer_slice(buffer) };
}

/* A frame of `length` bytes, from its payload outwards. */
static struct frame *frame_make(struct side *side, size_t length)
{
	size_t headers = length > ETH_FRAME_LEN ? SUPER_HEADERS : ETH_HLEN;
	struct frame *frame;

	if (frame_new(&frame, side->info.frames, FRAME_HEAD_ROOM) != 0)
		exit(1);
	if (length <= ETH_FRAME_LEN) {
		if (frame_append(frame, length - headers) == NULL)
			exit(1);
		memcpy(frame_bytes(frame), packet + HEADER + headers, 20); /* IP's header */
	} else {
		struct view view;

		if (view_sub(&side->payload, 0, length - headers, &view) != 0 ||
		    frame_append_view(frame, &view) != 0)
			exit(1);
	}
	uint8_t *bytes = frame_prepend(frame, headers);

	memcpy(bytes, packet + HEADER, headers);
	if (length > ETH_FRAME_LEN &&
	    (frame_set_checksum_partial(frame, 34, 16) != 0 ||
	     frame_set_segmentation(frame, FRAME_SEGMENTATION_TCP4, SEGMENT, headers) != 0))
		exit(1);
	return frame;
}

static size_t mirage_out(struct side *side, size_t length, size_t count)
{
	struct frame *frames[BATCH];

	for (size_t done = 0; done < count;) {
		size_t batch = count - done < BATCH ? count - done : BATCH;

		for (size_t i = 0; i < batch; i++)
			frames[i] = frame_make(side, length - HEADER);
		if (net_send(&side->net, frames, batch) != (ssize_t)batch)
			fail("net_send");
		done += batch;
	}
	return count;
}

static size_t mirage_in(struct side *side, size_t length, size_t count)
{
	struct frame *frames[BATCH];
	size_t taken = 0, most = length > HEADER + ETH_FRAME_LEN ? SUPER_BATCH : BATCH;

	while (taken < count) {
		ssize_t batch = net_receive(&side->net, frames, most);

		if (batch <= 0)
			break;
		frame_release_all(frames, (size_t)batch);
		taken += (size_t)batch;
	}
	return taken;
}

static void mirage_close(struct side *side)
{
	view_release(&side->payload);
	buffer_pool_free(side->payloads);
	netif_disconnect(&side->netif);
}

static struct side sides[] = {
	{ .open = mirage_open, .out = mirage_out, .in = mirage_in, .close = mirage_close },
	{ .open = bare_open, .out = bare_out, .in = bare_in, .close = bare_close },
};

/* ------------------------------------------------------------------ measuring */

static double seconds_out(struct side *side, size_t length, size_t *count)
{
	size_t frames = OUT_BYTES / length < OUT_FRAMES ? OUT_BYTES / length : OUT_FRAMES;
	nanoseconds start = runtime_now();

	*count = side->out(side, length, frames);
	return (double)(runtime_now() - start) / 1e9;
}

static double seconds_in(struct side *side, size_t length, size_t *count, int filler)
{
	for (int i = 0; i < QUEUE; i++)
		if (send(filler, packet, length, 0) < 0 && errno != ENOBUFS)
			fail("send");
	nanoseconds start = runtime_now();

	*count = side->in(side, length, 2 * QUEUE);
	return (double)(runtime_now() - start) / 1e9;
}

/* The best rate of one side in frames per second, in one direction. */
static double measure(struct side *side, size_t length, bool out)
{
	double best = 0;
	int filler = filler_open();

	side->open(side);
	usleep(10000); /* the carrier is there */
	for (int round = 0; round < ROUNDS; round++) {
		size_t count;
		double seconds = out ? seconds_out(side, length, &count)
		                     : seconds_in(side, length, &count, filler);
		double rate = (double)count / seconds;

		if (!out && count < QUEUE / 2)
			fail("too few frames came");
		best = rate > best ? rate : best;
	}
	side->close(side);
	close(filler);
	return best;
}

static void report(const char *name, size_t length, bool out)
{
	size_t bytes = make_packet(length);
	double rate[2] = { 0, 0 };

	for (int turn = 0; turn < 2; turn++) /* in turns, so that both meet the same neighbours */
		for (int i = 0; i < 2; i++) {
			double found = measure(&sides[i], bytes, out);

			rate[i] = found > rate[i] ? found : rate[i];
		}
	fprintf(stderr,
	        "%-4s %-12s %9.0f frames/s %6.1f Gbit/s %6.0f ns  %5.2f times a bare loop (%.0f "
	        "ns)\n",
	        out ? "out" : "in", name, rate[0], rate[0] * (double)length * 8 / 1e9,
	        1e9 / rate[0], rate[0] / rate[1], 1e9 / rate[1]);
}

static int bench_main(void *argument)
{
	(void)argument;
	log_set_all(runtime_current(), LOG_ERROR);
	for (int out = 0; out < 2; out++) {
		report("60 bytes", 60, out);
		report("1514 bytes", 1514, out);
		report("64 KiB", SUPER, out);
	}
	return 0;
}

/* ------------------------------------------------------------------ the peers alone */

static int peer_main(const char *what, size_t length, size_t count)
{
	size_t bytes = make_packet(length), done = 0;
	int fd = strcmp(what, "fill") == 0 ? filler_open() : tap_attach();
	bool reads = strcmp(what, "read") == 0;
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	nanoseconds start = 0;

	if (!reads)
		start = unix_target.ops->clock_monotonic(NULL);
	while (done < count) {
		ssize_t moved = reads ? read(fd, room, sizeof(room)) : write(fd, packet, bytes);

		if (reads && moved < 0)
			poll(&ready, 1, -1);
		if (reads && moved > 0 && start == 0)
			start = unix_target.ops->clock_monotonic(NULL);
		done += moved > 0 || errno == ENOBUFS;
	}
	nanoseconds time = unix_target.ops->clock_monotonic(NULL) - start;

	printf("%s %zu frames: %.0f frames/s\n", what, done, (double)done * 1e9 / (double)time);
	return 0;
}

int main(int argc, char *argv[])
{
	struct runtime *runtime;

	if (argc == 4)
		return peer_main(argv[1], strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	if (unshare(CLONE_NEWNET) != 0) {
		fprintf(stderr, "not measured: making a network namespace needs root\n");
		return 0;
	}
	tap_make();
	if (runtime_new(&runtime, &unix_target, NULL) != 0)
		return 1;
	int result = runtime_run(runtime, bench_main, NULL);

	runtime_free(runtime);
	return result;
}
