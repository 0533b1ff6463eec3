/* SPDX-License-Identifier: ISC */
/*
 * A network device that records. Packets are collected in a buffer, which is written out at the end
 * of each call, so that a capture is complete whenever the instance does something else.
 */
#include <mirage/net_pcap.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/log.h>
#include <mirage/runtime.h>

#include "net/device/pcap.h"
#include "net/device/pcapng.h"

enum {
	BUFFER_SIZE = 64 * 1024,
	SEND_BATCH = 64, /* frames that are held while the device below has them */
};

LOG_SOURCE(log_pcap, "pcap");

struct net_pcap_driver {
	const struct net *below;
	struct net_pcap_sink sink;
	bool recording;
	size_t used; /* bytes of the buffer */
	uint8_t buffer[BUFFER_SIZE];
};

static struct net_pcap_driver *driver_of(const void *self)
{
	return ((const struct net_pcap *)self)->state->driver;
}

/* ------------------------------------------------------------------ writing */

static void write_out(struct net_pcap_driver *driver, const void *bytes, size_t length)
{
	if (!driver->recording || length == 0)
		return;
	int result = driver->sink.write(driver->sink.context, bytes, length);

	if (result == 0)
		return;
	driver->recording = false;
	log_error_from(&log_pcap, "the capture cannot be written, and ends: %s", strerror(-result));
}

static void flush(struct net_pcap_driver *driver)
{
	write_out(driver, driver->buffer, driver->used);
	driver->used = 0;
}

static void append(struct net_pcap_driver *driver, const void *bytes, size_t length)
{
	if (length > BUFFER_SIZE - driver->used)
		flush(driver);
	if (length > BUFFER_SIZE) {
		write_out(driver, bytes, length);
		return;
	}
	memcpy(driver->buffer + driver->used, bytes, length);
	driver->used += length;
}

/* What a reader of the capture should know of the frame; "" for most. */
static void comment_of(const struct frame *frame, char comment[PCAPNG_COMMENT_MAX])
{
	comment[0] = '\0';
	if (frame_segmentation(frame) != FRAME_SEGMENTATION_NONE)
		error_ignore(snprintf(comment, PCAPNG_COMMENT_MAX,
		                      "super-frame: segments of %zu bytes of payload",
		                      frame_segment_size(frame)) < 0,
		             "no conversion in it can fail");
	else if (frame_checksum(frame) == FRAME_CHECKSUM_PARTIAL)
		error_ignore(snprintf(comment, PCAPNG_COMMENT_MAX,
		                      "the checksum is left to the device") < 0,
		             "no conversion in it can fail");
}

static void record(struct net_pcap_driver *driver, const struct frame *frame,
                   enum pcapng_direction direction, nanoseconds wall)
{
	uint8_t before[PCAPNG_BEFORE_MAX], behind[PCAPNG_BEHIND_MAX];
	char comment[PCAPNG_COMMENT_MAX];

	comment_of(frame, comment);
	size_t before_length = pcapng_before(before, wall, frame_length(frame), comment);
	size_t behind_length = pcapng_behind(behind, direction, frame_length(frame), comment);

	append(driver, before, before_length);
	for (size_t i = 0; i < frame_part_count(frame); i++)
		append(driver, frame_part(frame, i).bytes, frame_part(frame, i).length);
	append(driver, behind, behind_length);
}

static void record_all(struct net_pcap_driver *driver, struct frame *frames[], size_t count,
                       enum pcapng_direction direction)
{
	const struct target *target = runtime_target(runtime_current());

	if (!driver->recording || count == 0)
		return;
	nanoseconds wall = target->ops->clock_wall(target->state);

	for (size_t i = 0; i < count; i++)
		record(driver, frames[i], direction, wall);
	flush(driver);
}

/* ------------------------------------------------------------------ the device */

/*
 * What is taken below is released there, so it is held until it is known what was taken.
 */
static ssize_t send_batch(struct net_pcap_driver *driver, struct frame *frames[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		frame_acquire(frames[i]);
	ssize_t sent = net_send(driver->below, frames, count);

	record_all(driver, frames, sent > 0 ? (size_t)sent : 0, PCAPNG_OUTBOUND);
	frame_release_all(frames, count);
	return sent;
}

static ssize_t pcap_send(const void *self, struct frame *frames[], size_t count)
{
	struct net_pcap_driver *driver = driver_of(self);
	size_t sent = 0;

	while (sent < count) {
		size_t batch = count - sent < SEND_BATCH ? count - sent : SEND_BATCH;
		ssize_t taken = send_batch(driver, &frames[sent], batch);

		if (taken < 0)
			return sent > 0 ? (ssize_t)sent : taken;
		sent += (size_t)taken;
		if ((size_t)taken < batch)
			break;
	}
	return (ssize_t)sent;
}

static ssize_t pcap_receive(const void *self, struct frame *frames[], size_t count)
{
	struct net_pcap_driver *driver = driver_of(self);
	ssize_t taken = net_receive(driver->below, frames, count);

	record_all(driver, frames, taken > 0 ? (size_t)taken : 0, PCAPNG_INBOUND);
	return taken;
}

static void pcap_info(const void *self, struct net_info *info)
{
	net_info(driver_of(self)->below, info);
}

static int pcap_wait_readable(const void *self, nanoseconds deadline)
{
	return net_wait_readable(driver_of(self)->below, deadline);
}

static int pcap_wait_writable(const void *self, nanoseconds deadline)
{
	return net_wait_writable(driver_of(self)->below, deadline);
}

static int pcap_accept_offloads(const void *self, uint32_t offloads)
{
	return net_accept_offloads(driver_of(self)->below, offloads);
}

static void pcap_statistics(const void *self, struct net_statistics *statistics)
{
	net_statistics(driver_of(self)->below, statistics);
}

const struct net_ops net_pcap_ops = {
	.info = pcap_info,
	.send = pcap_send,
	.receive = pcap_receive,
	.wait_readable = pcap_wait_readable,
	.wait_writable = pcap_wait_writable,
	.accept_offloads = pcap_accept_offloads,
	.statistics = pcap_statistics,
};

int net_pcap_attach(const struct net_pcap *self, const struct net_pcap_sink *sink)
{
	struct net_pcap_driver *driver = calloc(1, sizeof(*driver));
	uint8_t start[PCAPNG_START_MAX];
	struct net_info info;

	if (driver == NULL)
		return -ENOMEM;
	net_info(self->below, &info);
	driver->below = self->below;
	driver->sink = *sink;
	int result = sink->write(sink->context, start, pcapng_start(start, info.name));

	if (result != 0) {
		free(driver);
		return result;
	}
	driver->recording = true;
	self->state->driver = driver;
	return 0;
}

void net_pcap_disconnect(const struct net_pcap *self)
{
	struct net_pcap_driver *driver = driver_of(self);

	if (driver->sink.close != NULL)
		driver->sink.close(driver->sink.context);
	free(driver);
	self->state->driver = NULL;
}
