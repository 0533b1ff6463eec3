/* SPDX-License-Identifier: ISC */
/*
 * Frames: reference-counted Ethernet frames from a pool with a budget, as network devices and
 * protocols hand them on without copying.
 *
 *     storage, of the pool's size                            fragments, up to FRAME_FRAGMENTS_MAX
 *     +-----------+-----------------------+-----------+      +--------------+  +---------+
 *     | head room |      linear part      | tail room |      | counted part |  |   ...   |
 *     +-----------+-----------------------+-----------+      | of a buffer  |  |         |
 *                 ^                       ^                  +--------------+  +---------+
 *                 frame_bytes()           + frame_linear_length()
 *                 '------------------- the frame, frame_length() bytes ------------------'
 *
 * Model.      The bytes of a frame are its linear part, then its fragments in order. Headers are
 *             always linear: a layer puts its own into the head room (frame_prepend()) and takes
 *             it off again (frame_remove()). A payload that is somebody's already, such as an
 *             application's data or the tail of a super-frame, is a fragment: a view (buffer.h)
 *             that the frame holds a reference of.
 * Offsets.    In calls they count from the first byte that the frame has then. What is remembered
 *             stays with its byte when layers prepend and remove.
 * Metadata.   Where headers start, what is known of the checksum, and how the frame is to be cut
 *             into segments: see `enum frame_checksum` and `enum frame_segmentation`. It travels
 *             with the frame in both directions, for a stack and for devices.
 * Ownership.  frame_new(), frame_acquire() and frame_copy() each give the caller one reference, to
 *             be given back once with frame_release(), or handed on: net_send() takes it.
 * Sharing.    A frame with more than one reference is for reading only, its metadata included.
 *             Fragments are for reading only, always: others may hold the same buffer.
 * Context.    One instance; counts are not atomic. Nothing blocks.
 * See also.   net.h, buffer.h; docs/decisions/0024-frames-and-the-net-interface.md
 */
#ifndef MIRAGE_FRAME_H
#define MIRAGE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/buffer.h>
#include <mirage/slice.h>

enum {
	FRAME_FRAGMENTS_MAX = 17, /* 64 KiB in pages of 4 KiB, wherever they begin */
	FRAME_LENGTH_MAX =
		65553, /* bytes: an IP packet of 65,535, an Ethernet header, a VLAN tag */
	FRAME_STORAGE_MAX = 65472,  /* bytes */
	FRAME_HEAD_ROOM = 114,      /* bytes: the usual. An IP header behind Ethernet's is at 128 */
	FRAME_STORAGE_SIZE = 2048,  /* bytes: the usual, for frames of 1,518 */
	FRAME_UNKNOWN = UINT16_MAX, /* of an offset that was never set */
};

/*
 * The checksum of the transport protocol.
 *
 *                sent                                     received
 *   NONE         it is in place                           nobody has looked at it: compute
 *   PARTIAL      the device is to add up the bytes from   the sender is on this machine and left
 *                `start` to the end and put the result    it to us: the bytes are good; before the
 *                to `start + offset`, where the sum of    frame goes elsewhere it must be finished
 *                the pseudo header is now                 (frame_checksum_finish(), or a device)
 *   VERIFIED     not allowed                              the device has found it right
 */
enum frame_checksum {
	FRAME_CHECKSUM_NONE,
	FRAME_CHECKSUM_PARTIAL,
	FRAME_CHECKSUM_VERIFIED,
};

/*
 * Super-frames: one frame that stands for several, whose headers are alike. `segment_size` bytes of
 * payload go into each but the last. A device that sends one cuts it; one that was received is what
 * a device (or the sender on this machine) put together. The checksum of a super-frame is PARTIAL
 * or VERIFIED.
 */
enum frame_segmentation {
	FRAME_SEGMENTATION_NONE,
	FRAME_SEGMENTATION_TCP4, /* TCP over IPv4 */
	FRAME_SEGMENTATION_TCP6, /* TCP over IPv6 */
	FRAME_SEGMENTATION_UDP, /* datagrams over IPv4 or IPv6, each with a UDP header of its own */
};

struct frame_pool;

/* All fields are private: use the functions below. They are here to be inlined. */
struct frame {
	uint8_t *storage;
	uint32_t references;
	uint32_t length;        /* of the linear part and all fragments */
	uint16_t storage_size;  /* bytes */
	uint16_t first;         /* of the frame's bytes, in the storage */
	uint16_t linear_length; /* bytes */
	uint8_t fragment_count;
	uint8_t checksum;     /* enum frame_checksum */
	uint8_t segmentation; /* enum frame_segmentation */
	bool congestion;      /* TCP's CWR is set: for the first segment only */
	uint16_t segment_size;
	/* Offsets into the storage, or FRAME_UNKNOWN. */
	uint16_t network;
	uint16_t transport;
	uint16_t payload;
	uint16_t checksum_start;
	uint16_t checksum_offset; /* from there */
	struct frame_pool *pool;
	struct frame *next; /* in a queue, or in the pool's list of free frames */
	struct view fragments[FRAME_FRAGMENTS_MAX];
};

/* ------------------------------------------------------------------ pools */

/*
 * Make a pool of frames with `storage_size` bytes of storage each, of which at most `count_max`
 * exist at a time. Memory is taken when first needed and kept until frame_pool_free().
 *
 * -EINVAL  storage_size is 0 or above FRAME_STORAGE_MAX, or count_max is 0
 * -ENOMEM
 */
must_check int frame_pool_new(struct frame_pool **pool, size_t storage_size, size_t count_max);

/* Free a pool. NULL is allowed. A frame that is still referenced is a bug and aborts. */
void frame_pool_free(struct frame_pool *pool);

struct frame_pool_statistics {
	size_t storage_size; /* bytes per frame */
	size_t count_max;    /* the budget */
	size_t in_use;       /* referenced now */
	size_t in_use_max;   /* most at once */
	uint64_t refused;    /* frame_new() calls that found the budget spent */
};

void frame_pool_statistics(const struct frame_pool *pool, struct frame_pool_statistics *statistics);

/* ------------------------------------------------------------------ frames */

/*
 * Take an empty frame with one reference and `head_room` bytes before it, usually FRAME_HEAD_ROOM.
 * The rest of the storage is tail room; its contents are unspecified.
 *
 * -ERANGE   the storage is smaller than head_room
 * -ENOBUFS  the pool's budget is spent
 * -ENOMEM   the heap is
 */
must_check int frame_new(struct frame **frame, struct frame_pool *pool, size_t head_room);

/* Add a reference; returns `frame`. */
struct frame *frame_acquire(struct frame *frame);

/* Give a reference back; the last one releases the fragments and the frame. NULL is allowed. */
void frame_release(struct frame *frame);

/* frame_release() for each of `count` frames. */
void frame_release_all(struct frame *frames[], size_t count);

/*
 * Make a frame with the same bytes, metadata and head room, that may be written to: the linear part
 * is copied, the fragments are shared. It comes from `pool`.
 *
 * -ERANGE   head room and linear part do not fit the pool's storage
 * -ENOBUFS, -ENOMEM
 */
must_check int frame_copy(struct frame **copy, const struct frame *frame, struct frame_pool *pool);

static inline bool frame_is_shared(const struct frame *frame)
{
	return frame->references > 1;
}

/* ------------------------------------------------------------------ bytes */

/* The first byte. frame_linear_length() bytes may be accessed from here. */
static inline uint8_t *frame_bytes(const struct frame *frame)
{
	return frame->storage + frame->first;
}

/* All bytes of the frame. */
static inline size_t frame_length(const struct frame *frame)
{
	return frame->length;
}

/* Bytes of the linear part. */
static inline size_t frame_linear_length(const struct frame *frame)
{
	return frame->linear_length;
}

static inline size_t frame_head_room(const struct frame *frame)
{
	return frame->first;
}

static inline size_t frame_tail_room(const struct frame *frame)
{
	return (size_t)frame->storage_size - frame->first - frame->linear_length;
}

/*
 * The frame as a list of parts, for devices: part 0 is the linear part (perhaps empty), the others
 * are the fragments.
 */
static inline size_t frame_part_count(const struct frame *frame)
{
	return (size_t)frame->fragment_count + 1;
}

static inline struct slice frame_part(const struct frame *frame, size_t index)
{
	return index == 0 ? slice_of(frame_bytes(frame), frame->linear_length)
	                  : frame->fragments[index - 1].slice;
}

/* The buffer that a fragment refers to, borrowed. NULL for part 0, and for bytes that are nobody's. */
static inline struct buffer *frame_part_buffer(const struct frame *frame, size_t index)
{
	return index == 0 ? NULL : frame->fragments[index - 1].buffer;
}

/* Grow by `length` bytes at the front, into the head room. The new first byte, or NULL: no room. */
static inline must_check uint8_t *frame_prepend(struct frame *frame, size_t length)
{
	if (length > frame_head_room(frame) || length > FRAME_LENGTH_MAX - frame->length)
		return NULL;
	frame->first = (uint16_t)(frame->first - length);
	frame->linear_length = (uint16_t)(frame->linear_length + length);
	frame->length += (uint32_t)length;
	return frame_bytes(frame);
}

/*
 * Grow by `length` bytes at the end of the linear part, into the tail room. The first of them, or
 * NULL: no room, or the frame has fragments already.
 */
static inline must_check uint8_t *frame_append(struct frame *frame, size_t length)
{
	uint8_t *end = frame_bytes(frame) + frame->linear_length;

	if (length > frame_tail_room(frame) || frame->fragment_count > 0)
		return NULL;
	frame->linear_length = (uint16_t)(frame->linear_length + length);
	frame->length += (uint32_t)length;
	return end;
}

/*
 * Append the bytes of `view` as a fragment. On success the view's reference is the frame's and the
 * view is empty; after an error it is as it was. An empty slice takes no fragment.
 *
 * -ENOSPC    the frame has FRAME_FRAGMENTS_MAX fragments
 * -EMSGSIZE  it would be longer than FRAME_LENGTH_MAX
 */
must_check int frame_append_view(struct frame *frame, struct view *view);

/*
 * Put `view` in the place of part `index`, a fragment (so not 0) of the same length; anything else is
 * a bug and aborts. The view's reference is the frame's, the fragment's is released.
 */
void frame_replace_view(struct frame *frame, size_t index, struct view *view);

/*
 * Take `length` bytes off the front: from the linear part, which becomes head room, then from the
 * fragments.
 *
 * -ERANGE  the frame is shorter; it is unchanged
 */
must_check int frame_remove(struct frame *frame, size_t length);

/* Keep only the first `length` bytes. -ERANGE: the frame is shorter; it is unchanged. */
must_check int frame_truncate(struct frame *frame, size_t length);

/*
 * Make the first `length` bytes linear, by copying from the fragments into the tail room. Nothing
 * is done if they are. What frame_bytes() returned remains valid.
 *
 * -ERANGE  the frame is shorter
 * -ENOSPC  the tail room is
 */
must_check int frame_make_linear(struct frame *frame, size_t length);

/* Copy `length` bytes at `offset` out of the frame, whatever the parts. -ERANGE. */
must_check int frame_read(const struct frame *frame, size_t offset, void *bytes, size_t length);

/* ------------------------------------------------------------------ metadata */

/*
 * Remember where the network and the transport header start. An offset beyond the linear part is
 * a bug and aborts.
 */
void frame_set_network(struct frame *frame, size_t offset);
void frame_set_transport(struct frame *frame, size_t offset);

/* The offset, or FRAME_UNKNOWN if it was not set or its byte has been removed. */
static inline size_t frame_offset_of(const struct frame *frame, uint16_t place)
{
	return place == FRAME_UNKNOWN || place < frame->first ? FRAME_UNKNOWN
	                                                      : (size_t)(place - frame->first);
}

static inline size_t frame_network(const struct frame *frame)
{
	return frame_offset_of(frame, frame->network);
}

static inline size_t frame_transport(const struct frame *frame)
{
	return frame_offset_of(frame, frame->transport);
}

static inline enum frame_checksum frame_checksum(const struct frame *frame)
{
	return (enum frame_checksum)frame->checksum;
}

/*
 * Leave the checksum to the device: `start` is where the transport header begins, `offset` where in
 * it the checksum lies (16 in TCP, 6 in UDP). The sum of the pseudo header, folded to 16 bits and
 * not complemented, must be there.
 *
 * -ERANGE  the field is not in the linear part; nothing changed
 */
must_check int frame_set_checksum_partial(struct frame *frame, size_t start, size_t offset);

/* Say that the checksum is in place, or (of a received frame) unknown. */
static inline void frame_set_checksum_none(struct frame *frame)
{
	frame->checksum = FRAME_CHECKSUM_NONE;
}

/* Say that the device has verified it. For devices. */
static inline void frame_set_checksum_verified(struct frame *frame)
{
	frame->checksum = FRAME_CHECKSUM_VERIFIED;
}

/* Of a partial checksum: where the sum starts, and where the field lies from there. */
static inline size_t frame_checksum_start(const struct frame *frame)
{
	return frame_offset_of(frame, frame->checksum_start);
}

static inline size_t frame_checksum_offset(const struct frame *frame)
{
	return frame->checksum_offset;
}

/*
 * The sum (checksum.h) of all bytes from `offset`, which is not beyond the linear part, to the end of
 * the frame.
 */
uint32_t frame_sum(const struct frame *frame, size_t offset);

/*
 * Finish a partial checksum in software: afterwards it is FRAME_CHECKSUM_NONE, and in place. Any
 * other state is left alone. A sum of zero is written as 0xffff, which is right for UDP, where zero
 * means that there is none, and means the same in TCP. Not for super-frames: a bug that aborts.
 *
 * -ERANGE  the start has been removed from the frame
 */
must_check int frame_checksum_finish(struct frame *frame);

static inline enum frame_segmentation frame_segmentation(const struct frame *frame)
{
	return (enum frame_segmentation)frame->segmentation;
}

/*
 * Make a super-frame: the headers end at `payload`, and each segment carries `segment_size` bytes
 * of what follows.
 *
 * -EINVAL  segment_size is 0, or the kind is no kind
 * -ERANGE  the headers are not in the linear part
 */
must_check int frame_set_segmentation(struct frame *frame, enum frame_segmentation segmentation,
                                      size_t segment_size, size_t payload);

static inline void frame_set_segmentation_none(struct frame *frame)
{
	frame->segmentation = FRAME_SEGMENTATION_NONE;
}

static inline size_t frame_segment_size(const struct frame *frame)
{
	return frame->segment_size;
}

/* Of a super-frame: where the payload begins, or FRAME_UNKNOWN. */
static inline size_t frame_payload(const struct frame *frame)
{
	return frame_offset_of(frame, frame->payload);
}

/* Of a TCP super-frame: the first segment carries CWR and the others do not (RFC 3168). */
static inline bool frame_congestion(const struct frame *frame)
{
	return frame->congestion;
}

static inline void frame_set_congestion(struct frame *frame, bool congestion)
{
	frame->congestion = congestion;
}

/* ------------------------------------------------------------------ queues */

/*
 * Frames in order, one behind the other. A frame is in one queue at most, and only while whoever puts
 * it there has its only reference, which the queue then holds; a shared frame is a bug and aborts.
 */
struct frame_queue {
	struct frame *first;
	struct frame *last;
	size_t count;
	size_t bytes; /* of all frames; they must not change their length in the queue */
};

static inline void frame_queue_init(struct frame_queue *queue)
{
	*queue = (struct frame_queue){ .first = NULL };
}

/* Put a frame behind the others. */
void frame_queue_push(struct frame_queue *queue, struct frame *frame);

/* Put a frame behind `before`, which is in the queue, or before all others if that is NULL. */
void frame_queue_insert(struct frame_queue *queue, struct frame *before, struct frame *frame);

/* The frame behind `frame` in its queue, or NULL. */
static inline struct frame *frame_queue_next(const struct frame *frame)
{
	return frame->next;
}

/* Take the first frame out, or NULL if there is none. */
struct frame *frame_queue_pop(struct frame_queue *queue);

/* Release all frames. */
void frame_queue_release(struct frame_queue *queue);

/* ------------------------------------------------------------------ for tests */

/* Abort with a sentence if an invariant of the frame does not hold. Called after each step of a
   model check and a fuzz target. */
void frame_check(const struct frame *frame);

#endif
