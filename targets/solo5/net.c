/* SPDX-License-Identifier: ISC */
/*
 * netif on Solo5 targets: a device that the tender attached. One frame for each call of the tender,
 * in one piece of memory; the tender never says that it is full.
 */
#include <mirage/netif.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/net_driver.h>

#include "targets/solo5/host.h"
#include "targets/solo5/manifest.h"
#include "targets/solo5/wait.h"

enum {
	FRAMES_MAX = 512,  /* each way */
	BACKLOG_MAX = 256, /* frames kept while nobody receives */
	KEEP_MAX = 1024,   /* frames read at a time for that */
	DEFAULT_MTU = 1500,
	MTU_MAX = FRAME_STORAGE_MAX - FRAME_HEAD_ROOM - NET_HEADER_LENGTH - NET_TAG_LENGTH,
};

LOG_SOURCE(log_netif, "netif");

struct netif_driver {
	const char *name;
	unsigned int handle;
	struct mac_address mac;
	uint32_t mtu;
	struct frame_pool *sending;
	struct frame_pool *receiving;
	struct frame *spare;                /* to read the next frame into, or NULL */
	struct frame *backlog[BACKLOG_MAX]; /* a ring */
	size_t backlog_first;
	size_t backlog_count;
	uint8_t *piece; /* to put a frame in parts together, made when first needed */
	struct net_statistics statistics;
};

static struct netif_driver *driver_of(const void *self)
{
	return ((const struct netif *)self)->state->driver;
}

static size_t length_max(const struct netif_driver *driver)
{
	return driver->mtu + NET_HEADER_LENGTH;
}

/* ------------------------------------------------------------------ receiving */

static bool frame_waits(const struct netif_driver *driver)
{
	return (host_wait(0) >> driver->handle & 1) != 0;
}

/* 1: a frame; 0: none waits; -EINVAL: one that was dropped; another error: none. */
static int receive_one(struct netif_driver *driver, struct frame **frame)
{
	if (driver->spare == NULL) {
		int result = frame_new(&driver->spare, driver->receiving, FRAME_HEAD_ROOM);

		if (result != 0)
			return frame_waits(driver) ? result : 0;
	}
	size_t room = frame_tail_room(driver->spare);
	ssize_t length = host_net_read(driver->handle, frame_bytes(driver->spare), room);

	if (length == -EAGAIN)
		return 0;
	if (length < 0)
		return -EIO;
	if (length < NET_HEADER_LENGTH || (size_t)length > room ||
	    frame_append(driver->spare, (size_t)length) == NULL) {
		driver->statistics.received_invalid++;
		return -EINVAL;
	}
	*frame = driver->spare;
	driver->spare = NULL;
	return 1;
}

/*
 * Called while the instance sleeps and no fiber waits for the device. What does not fit is dropped
 * here, where a frame of any length can be read.
 */
static bool keep_frames(void *context)
{
	struct netif_driver *driver = context;

	for (size_t tries = 0; tries < KEEP_MAX; tries++) {
		struct frame *frame;
		int result = receive_one(driver, &frame);

		if (result == -EINVAL)
			continue;
		if (result != 1)
			return result == 0;
		if (driver->backlog_count == BACKLOG_MAX) {
			frame_release(frame);
			driver->statistics.received_lost++;
			continue;
		}
		size_t last = (driver->backlog_first + driver->backlog_count) % BACKLOG_MAX;

		driver->backlog[last] = frame;
		driver->backlog_count++;
	}
	return true;
}

/* As receive_one(), of those that were kept first. */
static int take_one(struct netif_driver *driver, struct frame **frame)
{
	int result = 1;

	if (driver->backlog_count == 0) {
		result = receive_one(driver, frame);
	} else {
		*frame = driver->backlog[driver->backlog_first];
		driver->backlog_first = (driver->backlog_first + 1) % BACKLOG_MAX;
		driver->backlog_count--;
	}
	if (result == 1) {
		driver->statistics.received_frames++;
		driver->statistics.received_bytes += frame_length(*frame);
	}
	return result;
}

static ssize_t solo5_net_receive(const void *self, struct frame *frames[], size_t count)
{
	struct netif_driver *driver = driver_of(self);
	size_t taken = 0;

	for (size_t tries = 0; tries < count; tries++) {
		int result = take_one(driver, &frames[taken]);

		if (result == 1)
			taken++;
		else if (result != -EINVAL)
			return taken > 0 ? (ssize_t)taken : result;
	}
	return (ssize_t)taken;
}

/* ------------------------------------------------------------------ sending */

/* All of the frame in one piece, or NULL: out of memory. */
static const uint8_t *one_piece(struct netif_driver *driver, const struct frame *frame)
{
	if (frame_part_count(frame) == 1)
		return frame_bytes(frame);
	if (driver->piece == NULL)
		driver->piece = malloc(length_max(driver));
	if (driver->piece == NULL || frame_read(frame, 0, driver->piece, frame_length(frame)) != 0)
		return NULL;
	driver->statistics.sent_copied++;
	return driver->piece;
}

static int send_one(struct netif_driver *driver, struct frame *frame)
{
	int result = net_check_frame(frame, driver->mtu, 0);

	if (result != 0)
		return result;
	if (frame_length(frame) > length_max(driver)) /* a tag counts here */
		return -EMSGSIZE;
	const uint8_t *bytes = one_piece(driver, frame);

	if (bytes != NULL && host_net_write(driver->handle, bytes, frame_length(frame)) == 0) {
		driver->statistics.sent_frames++;
		driver->statistics.sent_bytes += frame_length(frame);
	} else {
		driver->statistics.sent_lost++;
	}
	frame_release(frame);
	return 0;
}

static ssize_t solo5_net_send(const void *self, struct frame *frames[], size_t count)
{
	struct netif_driver *driver = driver_of(self);

	for (size_t i = 0; i < count; i++) {
		int result = send_one(driver, frames[i]);

		if (result != 0)
			return i > 0 ? (ssize_t)i : result;
	}
	return (ssize_t)count;
}

/* ------------------------------------------------------------------ the rest */

static void solo5_net_info(const void *self, struct net_info *info)
{
	const struct netif_driver *driver = driver_of(self);

	*info = (struct net_info){
		.name = driver->name,
		.mac = driver->mac,
		.mtu = driver->mtu,
		.link_up = true, /* as far as a tender tells */
		.parts_max = 1,
		.frames = driver->sending,
	};
}

static int solo5_net_wait_readable(const void *self, nanoseconds deadline)
{
	const struct netif_driver *driver = driver_of(self);

	if (driver->backlog_count > 0)
		return fiber_yield();
	int result = solo5_wait_readable(driver->handle, deadline);

	return result == -ETIMEDOUT && frame_waits(driver) ? 0 : result;
}

/* Always; but let the others run. */
static int solo5_net_wait_writable(const void *self, nanoseconds deadline)
{
	(void)self;
	(void)deadline;
	return fiber_yield();
}

static void solo5_net_statistics(const void *self, struct net_statistics *statistics)
{
	const struct netif_driver *driver = driver_of(self);

	*statistics = driver->statistics;
	statistics->received_lost += solo5_wait_dropped(driver->handle);
}

const struct net_ops netif_ops = {
	.info = solo5_net_info,
	.send = solo5_net_send,
	.receive = solo5_net_receive,
	.wait_readable = solo5_net_wait_readable,
	.wait_writable = solo5_net_wait_writable,
	.statistics = solo5_net_statistics,
};

static int find_device(struct netif_driver *driver, const char *name)
{
	const struct solo5_manifest_entry *entry;
	char text[ADDRESS_TEXT_SIZE];
	int result = solo5_manifest_find(name, SOLO5_DEVICE_NET_BASIC, &driver->handle, &entry);

	if (result != 0) {
		log_error_from(&log_netif, "the tender has attached no network device '%s'", name);
		return result;
	}
	driver->name = name;
	driver->mtu = entry->net.mtu != 0 ? entry->net.mtu : DEFAULT_MTU;
	memcpy(driver->mac.bytes, entry->net.mac, sizeof(driver->mac.bytes));
	if (driver->mtu > MTU_MAX) {
		log_error_from(&log_netif, "the MTU of '%s' is %u; at most %u is possible", name,
		               driver->mtu, MTU_MAX);
		return -EINVAL;
	}
	log_info_from(&log_netif, "Plugging into %s with mac %s mtu %u", name,
	              mac_address_print(driver->mac, text), driver->mtu);
	return 0;
}

static void driver_free(struct netif_driver *driver)
{
	frame_pool_free(driver->receiving);
	frame_pool_free(driver->sending);
	free(driver->piece);
	free(driver);
}

int netif_connect(const struct netif *self)
{
	struct netif_driver *driver = calloc(1, sizeof(*driver));
	int result;

	if (driver == NULL)
		return -ENOMEM;
	result = find_device(driver, self->name);
	size_t storage_size = FRAME_HEAD_ROOM + length_max(driver) + NET_TAG_LENGTH;

	if (result == 0)
		result = frame_pool_new(&driver->sending, storage_size, FRAMES_MAX);
	if (result == 0)
		result = frame_pool_new(&driver->receiving, storage_size, FRAMES_MAX);
	if (result != 0) {
		driver_free(driver);
		return result;
	}
	self->state->driver = driver;
	solo5_wait_set_keeper(driver->handle, keep_frames, driver);
	return 0;
}

/* Frames that are still held keep their pools: their holder may yet touch them. */
void netif_disconnect(const struct netif *self)
{
	struct netif_driver *driver = driver_of(self);
	struct frame_pool_statistics sending, receiving;

	solo5_wait_set_keeper(driver->handle, NULL, NULL);
	frame_release(driver->spare);
	while (driver->backlog_count > 0) {
		struct frame *frame;

		if (take_one(driver, &frame) == 1)
			frame_release(frame);
	}
	frame_pool_statistics(driver->sending, &sending);
	frame_pool_statistics(driver->receiving, &receiving);
	if (sending.in_use + receiving.in_use == 0)
		driver_free(driver);
	else
		log_warning_from(&log_netif,
		                 "%s: %zu frames to send and %zu received were not released",
		                 self->name, sending.in_use, receiving.in_use);
	self->state->driver = NULL;
}
