/* SPDX-License-Identifier: ISC */
/*
 * netif: the network device that a target has.
 *
 * On unix        a tap interface of Linux. It must exist: `ip tuntap add tap0 mode tap user $USER`.
 *                The device's own address is chosen anew by each run unless it is configured.
 *                All offloads that the kernel has; frames in parts are sent without a copy.
 * On Solo5       the device of that name that the tender attached, with its address and MTU. One
 *                frame for each call of the tender, in one piece; no offloads.
 *
 * Made by config.c: default_network(), netif("name").
 */
#ifndef MIRAGE_NETIF_H
#define MIRAGE_NETIF_H

#include <mirage/arguments.h>
#include <mirage/attributes.h>
#include <mirage/net.h>

struct netif_driver; /* the target's own */

struct netif_state {
	struct netif_driver *driver; /* while connected */
};

struct netif {
	struct netif_state *state;
	const char *name;                       /* of the interface, or in the manifest */
	const struct argument_value *interface; /* --interface, which then names it; or NULL */
	const struct argument_value *mac;       /* --interface-mac, on unix; NULL or absent: any */
};

extern const struct net_ops netif_ops;

/*
 * Open the interface, and say so in the log (source `netif`), or why not.
 *
 * -ENODEV  there is no such interface, or no taps at all
 * -EPERM   it is not the user's
 * -EBUSY   another program has it
 * -EINVAL  it is no tap, or the name is none
 * -ENOMEM, -EIO
 */
must_check int netif_connect(const struct netif *self);

/* Close it and free its frames, which the user should have released: the log tells if not. */
void netif_disconnect(const struct netif *self);

#endif
