/* SPDX-License-Identifier: ISC */
/*
 * Blocks and frames through solo5-spt, one for each system call, beside the same calls from this
 * process, which has no filter: what confinement costs. A file of 64 MiB in the page cache; a tap in
 * a network namespace of our own, which takes root.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

enum {
	FILE_SIZE = 64 << 20,
	BLOCKS = 200000,
	FRAMES = 500000,
	FRAME_MAX = 1514,
	ATTEMPTS = 3, /* the best counts */
};

static const char tender[] = "build/bin/solo5-spt";
static const char block_image[] = "build/test/images/probe_block.spt";
static const char net_image[] = "build/test/images/probe_net.spt";

static char buffer[1 << 16];

static void fail(const char *what)
{
	fprintf(stderr, "bench_spt_devices: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Run a shell command whose output is a number of nanoseconds. */
static double run(const char *command)
{
	char line[64] = "";

	FILE *output = popen(command, "re");
	if (output == NULL || fgets(line, sizeof(line), output) == NULL || pclose(output) != 0)
		fail(command);
	return strtod(line, NULL);
}

static double least(double a, double b)
{
	return a == 0 || b < a ? b : a;
}

static double own_blocks(int file, size_t size, int writing)
{
	double begin = now_ns();
	off_t offset = 0;

	for (int i = 0; i < BLOCKS; i++) {
		ssize_t moved = writing ? pwrite(file, buffer, size, offset)
		                        : pread(file, buffer, size, offset);
		if (moved != (ssize_t)size)
			fail("blocks");
		offset = (offset + (off_t)size) % FILE_SIZE;
	}
	return now_ns() - begin;
}

static void row(const char *name, size_t size, double image_ns, double own_ns, int count)
{
	double each = image_ns / count;

	printf("%-16s %6zu bytes  %8.0f ns each %8.0f MB/s   without a filter %8.0f ns   ratio "
	       "%.2f\n",
	       name, size, each, (double)size / each * 1e3, own_ns / count, image_ns / own_ns);
}

static void measure_blocks(const char *path, size_t size, int writing)
{
	double image = 0;
	double own = 0;
	char command[512];

	snprintf(command, sizeof(command),
	         "%s --block:disk=%s --block-sector-size:disk=%zu %s %s %zu %d", tender, path, size,
	         block_image, writing ? "write-blocks" : "read-blocks", size, BLOCKS);
	int file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		fail(path);
	for (int i = 0; i < ATTEMPTS; i++) {
		image = least(image, run(command));
		own = least(own, own_blocks(file, size, writing));
	}
	close(file);
	row(writing ? "block write" : "block read", size, image, own, BLOCKS);
}

static void blocks(void)
{
	char path[] = "/tmp/bench_spt_devices.XXXXXX";
	int file = mkstemp(path);

	if (file < 0)
		fail(path);
	for (int i = 0; i < FILE_SIZE / (int)sizeof(buffer); i++) {
		if (write(file, buffer, sizeof(buffer)) != (ssize_t)sizeof(buffer))
			fail(path);
	}
	close(file);
	static const size_t sizes[] = { 512, 4096, 32768 };
	for (int writing = 0; writing < 2; writing++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			measure_blocks(path, sizes[i], writing);
	}
	unlink(path);
}

/* A tap in the namespace of this process, up. It goes with its last descriptor. */
static int open_tap(void)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	strcpy(request.ifr_name, "tap0");
	if (tap < 0 || ioctl(tap, TUNSETIFF, &request) != 0)
		fail("/dev/net/tun");
	int link = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (link < 0 || ioctl(link, SIOCSIFFLAGS, &request) != 0)
		fail("tap0");
	close(link);
	return tap;
}

/* A process that sends frames to the image without end. */
static pid_t start_flood(size_t size)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN };

	pid_t pid = fork();
	if (pid != 0)
		return pid;
	int link = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_ifindex = (int)if_nametoindex("tap0");
	address.sll_protocol = htons(0x88b5);
	buffer[12] = (char)0x88;
	buffer[13] = (char)0xb5;
	for (;;) {
		/* A full queue is no reason to stop. */
		if (sendto(link, buffer, size, 0, (struct sockaddr *)&address, sizeof(address)) <
		            0 &&
		    errno != ENOBUFS && errno != EAGAIN)
			_exit(1);
	}
}

static double own_frames(int tap, size_t size, int receiving)
{
	double begin = now_ns();

	for (int done = 0; done < FRAMES; done++) {
		if (receiving) {
			if (read(tap, buffer, sizeof(buffer)) < 0)
				done--;
		} else if (write(tap, buffer, size) < 0) {
			fail("tap0");
		}
	}
	return now_ns() - begin;
}

static void measure_frames(int tap, size_t size, int receiving)
{
	double image = 0;
	double own = 0;
	char command[512];
	pid_t flood = 0;

	snprintf(command, sizeof(command), "%s --net:service=@%d %s %s %zu %d", tender, tap,
	         net_image, receiving ? "receive-frames" : "send-frames", size, FRAMES);
	if (receiving)
		flood = start_flood(size);
	buffer[12] = (char)0x88;
	buffer[13] = (char)0xb5;
	for (int i = 0; i < ATTEMPTS; i++) {
		image = least(image, run(command));
		own = least(own, own_frames(tap, size, receiving));
	}
	if (flood > 0) {
		kill(flood, SIGKILL);
		waitpid(flood, NULL, 0);
	}
	row(receiving ? "frames in" : "frames out", size, image, own, FRAMES);
}

static void frames(void)
{
	if (unshare(CLONE_NEWNET) != 0) {
		printf("frames: not measured: a network namespace takes root\n");
		return;
	}
	int tap = open_tap();
	for (int receiving = 0; receiving < 2; receiving++) {
		measure_frames(tap, 60, receiving);
		measure_frames(tap, FRAME_MAX, receiving);
	}
	close(tap);
}

int main(void)
{
	memset(buffer, 'x', sizeof(buffer));
	blocks();
	frames();
	return 0;
}
