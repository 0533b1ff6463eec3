/* SPDX-License-Identifier: ISC */
/*
 * A network device that does what networks do.
 *
 * Each direction is a lane: its own random numbers, its own frames on the way. Every frame enters
 * its lane with the time at which it leaves; one that is not delayed leaves at once. Frames that are
 * received leave when the user asks, frames that are sent when their time comes: by a timer, since
 * nobody asks. If the device below is full then, the first frame stays and the lane takes no more.
 */
#include <mirage/net_faulty.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/fiber.h>
#include <mirage/log.h>
#include <mirage/net_driver.h>
#include <mirage/runtime.h>
#include <mirage/timer.h>

#include "net/device/held.h"

#define MILLION           1000000
#define REORDER_DEFAULT   duration_of_ms(1)
#define RETRY_AFTER       duration_of_ms(1) /* when the device below is full */
#define COPIES_MAX        1024              /* frames, and fragments, that were copied */
#define FRAGMENT_SIZE_MAX ((size_t)FRAME_LENGTH_MAX)

LOG_SOURCE(log_faulty, "faulty");

struct lane {
	uint64_t random;
	struct held held;
	struct net_faulty_counts counts;
};

struct net_faulty_driver {
	const struct net_faulty *self;
	uint32_t mtu;
	struct frame_pool *copies;
	struct buffer_pool *fragments; /* made when first needed */
	struct lane lanes[2];          /* by enum net_direction */
	struct timer timer;            /* the first frame to be sent */
};

/* ------------------------------------------------------------------ chance */

static struct net_faulty_driver *driver_of(const void *self)
{
	return ((const struct net_faulty *)self)->state->driver;
}

/* splitmix64 */
static uint64_t draw(struct lane *lane)
{
	uint64_t z = lane->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool happens(struct lane *lane, uint32_t ppm)
{
	return draw(lane) % MILLION < ppm;
}

/* What becomes of one frame. All of it is drawn at once, whatever will be used. */
struct fate {
	bool dropped;
	bool duplicated;
	bool corrupted;
	bool reordered;
	uint64_t bit;
	nanoseconds jitter;
};

static struct fate fate_draw(struct lane *lane, const struct net_faulty *self)
{
	struct fate fate;
	uint64_t jitter;

	fate.dropped = happens(lane, self->drop_ppm);
	fate.duplicated = happens(lane, self->duplicate_ppm);
	fate.corrupted = happens(lane, self->corrupt_ppm);
	fate.reordered = happens(lane, self->reorder_ppm);
	fate.bit = draw(lane);
	jitter = draw(lane);
	fate.jitter = self->jitter > 0 && self->jitter < NEVER ? jitter % (self->jitter + 1) : 0;
	return fate;
}

/* ------------------------------------------------------------------ faults */

/* Give the frame a copy of its own instead of part `index`, a fragment, to be written to. */
static int own_fragment(struct net_faulty_driver *driver, struct frame *frame, size_t index)
{
	struct slice old = frame_part(frame, index);
	struct buffer *buffer = NULL;
	int result = 0;

	if (driver->fragments == NULL)
		result = buffer_pool_new(&driver->fragments, FRAGMENT_SIZE_MAX, COPIES_MAX);
	if (result == 0)
		result = buffer_new(&buffer, driver->fragments);
	if (result != 0)
		return result;
	struct view view = {
		.buffer = buffer,
		.slice = slice_of(buffer_slice(buffer).bytes, old.length),
	};

	memcpy(view.slice.bytes, old.bytes, old.length);
	frame_replace_view(frame, index, &view);
	return 0;
}

/* Flip a bit of a frame that is ours alone. */
static int corrupt(struct net_faulty_driver *driver, struct frame *frame, uint64_t bit)
{
	size_t place = (size_t)(bit % (frame_length(frame) * 8));
	size_t at = place / 8;
	size_t index = 0;

	while (at >= frame_part(frame, index).length)
		at -= frame_part(frame, index++).length;
	int result = index > 0 ? own_fragment(driver, frame, index) : 0;

	if (result == 0)
		frame_part(frame, index).bytes[at] ^= (uint8_t)(1u << place % 8);
	return result;
}

/* The frame itself, or a copy in its place if others refer to it. NULL: none could be had. */
static struct frame *own_frame(struct net_faulty_driver *driver, struct frame *frame)
{
	struct frame *copy;

	if (!frame_is_shared(frame))
		return frame;
	int result = frame_copy(&copy, frame, driver->copies);

	frame_release(frame);
	return result == 0 ? copy : NULL;
}

static void enter_twice(struct net_faulty_driver *driver, struct lane *lane,
                        const struct frame *frame, nanoseconds due)
{
	struct frame *copy;

	if (held_room(&lane->held) < 2 || frame_copy(&copy, frame, driver->copies) != 0) {
		lane->counts.lost++;
		return;
	}
	lane->counts.duplicated++;
	held_insert(&lane->held, copy, due);
}

/* Let chance decide over a frame that is ours; there is room for one. */
static void enter(struct net_faulty_driver *driver, struct lane *lane, struct frame *frame)
{
	const struct net_faulty *self = driver->self;
	struct fate fate = fate_draw(lane, self);
	nanoseconds due = deadline_after(deadline_after(runtime_now(), self->delay), fate.jitter);

	lane->counts.frames++;
	if (fate.dropped) {
		lane->counts.dropped++;
		frame_release(frame);
		return;
	}
	if (fate.corrupted) {
		frame = own_frame(driver, frame);
		if (frame == NULL || corrupt(driver, frame, fate.bit) != 0) {
			frame_release(frame);
			lane->counts.lost++;
			return;
		}
		lane->counts.corrupted++;
	}
	if (fate.reordered) {
		due = deadline_after(due, self->reorder > 0 ? self->reorder : REORDER_DEFAULT);
		lane->counts.reordered++;
	}
	if (fate.duplicated)
		enter_twice(driver, lane, frame, due);
	held_insert(&lane->held, frame, due);
}

/* ------------------------------------------------------------------ sending */

/* Send what is due. True if nothing that is due remains. */
static bool flush(struct net_faulty_driver *driver)
{
	struct lane *lane = &driver->lanes[NET_SENT];
	struct frame *frame;

	while ((frame = held_peek(&lane->held, runtime_now())) != NULL) {
		ssize_t sent = net_send(driver->self->below, &frame, 1);

		if (sent == 0) {
			timer_start(&driver->timer, deadline_after(runtime_now(), RETRY_AFTER));
			return false;
		}
		held_take(&lane->held);
		if (sent < 0) {
			lane->counts.lost++;
			frame_release(frame);
		}
	}
	timer_start(&driver->timer, held_first_due(&lane->held));
	return true;
}

static void frame_is_due(struct timer *timer)
{
	flush(list_entry(timer, struct net_faulty_driver, timer));
}

static ssize_t faulty_send(const void *self, struct frame *frames[], size_t count)
{
	struct net_faulty_driver *driver = driver_of(self);
	struct lane *lane = &driver->lanes[NET_SENT];

	for (size_t i = 0; i < count; i++) {
		int result = net_check_frame(frames[i], driver->mtu, 0);

		if (result != 0)
			return i > 0 ? (ssize_t)i : result;
		if (!flush(driver) || held_room(&lane->held) == 0)
			return (ssize_t)i;
		enter(driver, lane, frames[i]);
	}
	flush(driver);
	return (ssize_t)count;
}

static int faulty_wait_writable(const void *self, nanoseconds deadline)
{
	struct net_faulty_driver *driver = driver_of(self);
	struct lane *lane = &driver->lanes[NET_SENT];

	for (;;) {
		int result = 0;

		if (!flush(driver))
			result = net_wait_writable(driver->self->below, deadline);
		else if (held_room(&lane->held) > 0)
			return 0;
		else if (held_first_due(&lane->held) >= deadline)
			result = fiber_sleep_until(deadline) == 0 ? -ETIMEDOUT : -ECANCELED;
		else
			result = fiber_sleep_until(held_first_due(&lane->held));
		if (result != 0)
			return result;
	}
}

/* ------------------------------------------------------------------ receiving */

/* Take what has come below, as far as there is room. */
static int take_from_below(struct net_faulty_driver *driver, size_t count)
{
	struct lane *lane = &driver->lanes[NET_RECEIVED];
	struct frame *frame;

	while (count-- > 0 && held_room(&lane->held) > 0) {
		ssize_t taken = net_receive(driver->self->below, &frame, 1);

		if (taken <= 0)
			return (int)taken;
		enter(driver, lane, frame);
	}
	return 0;
}

static ssize_t faulty_receive(const void *self, struct frame *frames[], size_t count)
{
	struct net_faulty_driver *driver = driver_of(self);
	struct lane *lane = &driver->lanes[NET_RECEIVED];
	int result = take_from_below(driver, count);
	nanoseconds now = runtime_now();
	size_t taken = 0;

	while (taken < count && (frames[taken] = held_peek(&lane->held, now)) != NULL) {
		held_take(&lane->held);
		taken++;
	}
	return taken > 0 ? (ssize_t)taken : result;
}

static int faulty_wait_readable(const void *self, nanoseconds deadline)
{
	const struct net_faulty_driver *driver = driver_of(self);
	const struct held *held = &driver->lanes[NET_RECEIVED].held;

	for (;;) {
		nanoseconds due = held_first_due(held);
		nanoseconds until = due < deadline ? due : deadline;
		int result;

		if (due <= runtime_now())
			return 0;
		if (held_room(held) > 0)
			result = net_wait_readable(driver->self->below, until);
		else
			result = fiber_sleep_until(until) == 0 ? -ETIMEDOUT : -ECANCELED;
		if (result != -ETIMEDOUT || (due > runtime_now() && until == deadline))
			return result;
	}
}

/* ------------------------------------------------------------------ the rest */

static void faulty_info(const void *self, struct net_info *info)
{
	net_info(driver_of(self)->self->below, info);
	info->send_offloads = 0;
	info->receive_offloads = 0;
	info->accepted_offloads = 0;
}

static void faulty_statistics(const void *self, struct net_statistics *statistics)
{
	net_statistics(driver_of(self)->self->below, statistics);
}

const struct net_ops net_faulty_ops = {
	.info = faulty_info,
	.send = faulty_send,
	.receive = faulty_receive,
	.wait_readable = faulty_wait_readable,
	.wait_writable = faulty_wait_writable,
	.statistics = faulty_statistics,
};

int net_faulty_connect(const struct net_faulty *self)
{
	struct net_faulty_driver *driver;
	struct net_info info;

	if (self->drop_ppm > MILLION || self->duplicate_ppm > MILLION ||
	    self->corrupt_ppm > MILLION || self->reorder_ppm > MILLION)
		return -EINVAL;
	driver = calloc(1, sizeof(*driver));
	if (driver == NULL)
		return -ENOMEM;
	net_info(self->below, &info);
	size_t size = (size_t)FRAME_HEAD_ROOM + NET_HEADER_LENGTH + NET_TAG_LENGTH + info.mtu;
	int result = frame_pool_new(
		&driver->copies, size < FRAME_STORAGE_MAX ? size : FRAME_STORAGE_MAX, COPIES_MAX);

	if (result != 0) {
		free(driver);
		return result;
	}
	driver->self = self;
	driver->mtu = info.mtu;
	driver->lanes[NET_SENT].random = self->seed;
	driver->lanes[NET_RECEIVED].random = ~self->seed;
	timer_init(&driver->timer, frame_is_due);
	self->state->driver = driver;
	return 0;
}

static void lane_end(struct lane *lane, const char *direction)
{
	const struct net_faulty_counts *counts = &lane->counts;

	log_info_from(&log_faulty,
	              "of %" PRIu64 " frames %s %" PRIu64 " were dropped, %" PRIu64
	              " doubled, %" PRIu64 " spoiled, %" PRIu64 " held back",
	              counts->frames, direction, counts->dropped, counts->duplicated,
	              counts->corrupted, counts->reordered);
	for (; lane->held.count > 0; held_take(&lane->held))
		frame_release(lane->held.entries[0].frame);
}

void net_faulty_disconnect(const struct net_faulty *self)
{
	struct net_faulty_driver *driver = driver_of(self);
	struct frame_pool_statistics copies;
	struct buffer_pool_statistics fragments = { .in_use = 0 };

	timer_stop(&driver->timer);
	lane_end(&driver->lanes[NET_SENT], "sent");
	lane_end(&driver->lanes[NET_RECEIVED], "received");
	frame_pool_statistics(driver->copies, &copies);
	if (driver->fragments != NULL)
		buffer_pool_statistics(driver->fragments, &fragments);
	if (copies.in_use + fragments.in_use == 0) { /* else their holders may yet touch them */
		buffer_pool_free(driver->fragments);
		frame_pool_free(driver->copies);
		free(driver);
	}
	self->state->driver = NULL;
}

void net_faulty_counts(const struct net_faulty *self, enum net_direction direction,
                       struct net_faulty_counts *counts)
{
	*counts = driver_of(self)->lanes[direction].counts;
}
