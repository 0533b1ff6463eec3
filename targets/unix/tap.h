/* SPDX-License-Identifier: ISC */
/*
 * A tap interface of Linux, opened. Private to tap*.c, which are netif on unix.
 */
#ifndef TARGETS_UNIX_TAP_H
#define TARGETS_UNIX_TAP_H

#include <net/if.h>

#include <mirage/log.h>
#include <mirage/netif.h>

extern const struct log_source log_netif; /* "netif" */

struct netif_driver {
	int fd;      /* of the tap, non-blocking */
	int control; /* a socket, to ask about the interface */
	char name[IFNAMSIZ];
	struct mac_address mac;
	uint32_t mtu;
	uint32_t available; /* enum net_offload: what the kernel has */
	uint32_t accepted;  /* what it may hand us */
	struct frame_pool *sending;
	struct frame_pool *receiving;
	struct buffer_pool *tails; /* made when first needed */
	struct frame *spare;       /* to read the next frame into, or NULL */
	struct buffer *tail;       /* for what of it does not fit there, or NULL */
	size_t tail_used;          /* bytes of the tail that frames refer to */
	struct net_statistics statistics;
};

/*
 * Open the interface of `self` and fill the descriptors, name, address, MTU and offloads of the
 * driver. The log tells what went wrong. Errors as netif_connect().
 */
must_check int tap_open(struct netif_driver *driver, const struct netif *self);

/* Close what tap_open() opened. */
void tap_close(struct netif_driver *driver);

/* Tell the kernel what it may hand us. 0 or -errno. */
must_check int tap_set_offloads(const struct netif_driver *driver, uint32_t offloads);

/* Whether the interface is up and has a carrier. */
bool tap_link_up(const struct netif_driver *driver);

#endif
