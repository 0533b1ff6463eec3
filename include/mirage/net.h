/* SPDX-License-Identifier: ISC */
/*
 * Device type `net`: Ethernet frames, in and out, many at a time.
 *
 * Model.      A device takes frames to be sent and hands over frames that came. Both are batches
 *             and neither blocks: whoever has nothing else to do waits with net_wait_readable()
 *             or net_wait_writable(). A device may lose frames, as networks do, and counts them.
 * Frames.     From the destination address to the last byte of payload, without preamble and
 *             check sequence. Take those that are to be sent from the device's own pool
 *             (`net_info.frames`): it knows what memory the hardware reaches. Frames of other
 *             pools are taken too, and may be copied.
 * Ownership.  A frame that was taken for sending is the device's, which releases it when it is
 *             done, at once or much later. A frame that was received is the caller's to release,
 *             soon: the device has a budget of them.
 * Offload.    What a device can do for its user is data, `net_info.send_offloads`; asking for more
 *             is an error. What it may do for the sake of received frames is off until the user
 *             says what it understands (net_accept_offloads()): until then every received frame
 *             fits the MTU and carries its checksums in place.
 * Copies.     None between the frame and the operating system's own. A target whose host takes one
 *             piece of memory per frame (`net_info.parts_max` is 1) copies those that have
 *             fragments; this is counted.
 * Lifetime.   Devices are connected before the jobs start and disconnected after they have ended;
 *             frames must not outlive them.
 * Context.    Fiber. Any number of fibers may use one device; what each receives is then chance.
 *
 * Implementations.  netif (netif.h): a tap on unix, a tender's device on Solo5 targets.
 *                   net_pair (net_pair.h): two devices connected to each other, for tests.
 *                   net_pcap, net_faulty: wrappers that record, and that lose and spoil.
 * See also.   frame.h; net_driver.h for those who write one; examples/device-usage/frames
 */
#ifndef MIRAGE_NET_H
#define MIRAGE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mirage/address.h>
#include <mirage/attributes.h>
#include <mirage/duration.h>
#include <mirage/frame.h>

enum {
	NET_HEADER_LENGTH = 14, /* bytes of an Ethernet header; not part of the MTU */
	NET_TAG_LENGTH = 4,     /* bytes of a VLAN tag (802.1Q); not part of the MTU either */
};

/* Offloads, to be combined. */
enum net_offload {
	NET_OFFLOAD_CHECKSUM = 1 << 0, /* FRAME_CHECKSUM_PARTIAL (and VERIFIED when received) */
	NET_OFFLOAD_TCP4 = 1 << 1,     /* FRAME_SEGMENTATION_TCP4 */
	NET_OFFLOAD_TCP6 = 1 << 2,     /* FRAME_SEGMENTATION_TCP6 */
	NET_OFFLOAD_UDP = 1 << 3,      /* FRAME_SEGMENTATION_UDP */
	NET_OFFLOAD_ALL =
		NET_OFFLOAD_CHECKSUM | NET_OFFLOAD_TCP4 | NET_OFFLOAD_TCP6 | NET_OFFLOAD_UDP,
};

struct net_info {
	const char *name;           /* of the interface, for people; valid while connected */
	struct mac_address mac;     /* the device's own */
	uint32_t mtu;               /* bytes of payload that a frame may carry */
	bool link_up;               /* as of now; frames sent while it is down are lost */
	uint32_t send_offloads;     /* enum net_offload: what net_send() takes */
	uint32_t receive_offloads;  /* what net_accept_offloads() can turn on */
	uint32_t accepted_offloads; /* what it has turned on */
	uint32_t parts_max;         /* parts of a frame that is sent without a copy */
	struct frame_pool *frames;  /* for frames to be sent */
};

struct net_statistics {
	uint64_t sent_frames; /* given to the host or the hardware; a super-frame counts as one */
	uint64_t sent_bytes;
	uint64_t sent_copied; /* of those, frames that had to be made one piece */
	uint64_t sent_lost;   /* taken by the device and then lost: link down, host out of memory */
	uint64_t received_frames; /* handed to the user */
	uint64_t received_bytes;
	uint64_t received_lost;    /* dropped for want of room */
	uint64_t received_invalid; /* dropped because they, or the metadata with them, were wrong */
};

struct net_ops {
	void (*info)(const void *self, struct net_info *info);
	ssize_t (*send)(const void *self, struct frame *frames[], size_t count);
	ssize_t (*receive)(const void *self, struct frame *frames[], size_t count);
	int (*wait_readable)(const void *self, nanoseconds deadline);
	int (*wait_writable)(const void *self, nanoseconds deadline);
	/* Optional: NULL means that there is nothing to turn on. */
	int (*accept_offloads)(const void *self, uint32_t offloads);
	void (*statistics)(const void *self, struct net_statistics *statistics);
};

struct net {
	const struct net_ops *ops;
	const void *self; /* wiring: const, set by configuration; what changes hangs off it */
};

/*
 * What the device is and can do. Ask once: on some targets each call asks the host. Only the link
 * and the accepted offloads change while the device is connected, and for a net_pair what it sends.
 */
static inline void net_info(const struct net *net, struct net_info *info)
{
	net->ops->info(net->self, info);
}

/*
 * Offer `count` frames, in order. Never blocks. Returns how many the device took: less than `count`
 * when it is full (net_wait_writable()) or when the next frame is one it cannot send. Frames taken
 * are the device's to release, and may yet be lost; the others remain the caller's. An error
 * concerns frames[0], and none was taken.
 *
 * -EINVAL    the frame is shorter than an Ethernet header, or its metadata contradict its bytes
 * -EMSGSIZE  it, or a segment of it, is longer than the MTU and the header
 * -ENOTSUP   it asks for an offload that the device does not have
 * -ENODEV    the device is gone: the interface was removed
 */
static inline must_check ssize_t net_send(const struct net *net, struct frame *frames[],
                                          size_t count)
{
	return net->ops->send(net->self, frames, count);
}

/*
 * Take up to `count` frames that came, in order, each with one reference. Never blocks. Returns how
 * many, 0 if none waits. Where super-frames were accepted, a few at a time are better than many: those
 * that are released soon are still in the cache.
 *
 * -ENOBUFS  frames wait, and the device has no storage for them: release some that it gave
 * -ENOMEM   the heap has none
 * -ENODEV   the device is gone
 * -EIO      the host failed
 */
static inline must_check ssize_t net_receive(const struct net *net, struct frame *frames[],
                                             size_t count)
{
	return net->ops->receive(net->self, frames, count);
}

/*
 * Block the calling fiber until net_receive(), or net_send(), is worth calling. A deadline that has
 * passed only looks. A device that is gone is ready for both.
 *
 * -ETIMEDOUT, -ECANCELED
 * -ENOMEM     there is no room to wait for one more
 */
static inline must_check int net_wait_readable(const struct net *net, nanoseconds deadline)
{
	return net->ops->wait_readable(net->self, deadline);
}

static inline must_check int net_wait_writable(const struct net *net, nanoseconds deadline)
{
	return net->ops->wait_writable(net->self, deadline);
}

/*
 * Say which offloads the user understands in received frames, of `net_info.receive_offloads`; 0
 * turns all off. Frames that already wait may still be as before: call it first. Segmentation
 * without NET_OFFLOAD_CHECKSUM is refused.
 *
 * -ENOTSUP  the device cannot do all of them; nothing changed
 * -EINVAL   segmentation without checksums, or unknown bits
 */
must_check int net_accept_offloads(const struct net *net, uint32_t offloads);

/* What the device has done since it was connected. */
static inline void net_statistics(const struct net *net, struct net_statistics *statistics)
{
	net->ops->statistics(net->self, statistics);
}

/* ------------------------------------------------------------------ blocking, on top of these */

/*
 * Take up to `count` (at least 1) frames, blocking until there is one. Returns how many.
 *
 * -ETIMEDOUT, -ECANCELED, and the errors of net_receive()
 */
must_check ssize_t net_receive_until(const struct net *net, struct frame *frames[], size_t count,
                                     nanoseconds deadline);

/*
 * Send `count` frames, blocking while the device is full. Returns how many were taken, which is all
 * of them unless something went wrong after the first; the rest remain the caller's.
 *
 * -ETIMEDOUT, -ECANCELED, and the errors of net_send(): none was taken
 */
must_check ssize_t net_send_until(const struct net *net, struct frame *frames[], size_t count,
                                  nanoseconds deadline);

#endif
