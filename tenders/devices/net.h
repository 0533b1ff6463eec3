/* SPDX-License-Identifier: ISC */
/*
 * Network devices: --net:NAME=IFACE, --net:NAME=@FD and --net-mac:NAME=MAC.
 *
 * Options only note what is wanted, in any order; net_attach() then attaches to the taps and fills
 * in the manifest: MAC, MTU, descriptor, attached. Descriptors are non-blocking; a read gives one
 * Ethernet frame without any header before it.
 */
#ifndef TENDERS_DEVICES_NET_H
#define TENDERS_DEVICES_NET_H

#include <stdbool.h>
#include <stdint.h>

#include <mirage/attributes.h>

#include "tenders/manifest/manifest.h"
#include "tenders/options/options.h"
#include "tenders/report/reason.h"

enum {
	NET_MTU_DEFAULT = 1500, /* where a descriptor does not say */
};

/* By index of the manifest's entry. */
struct net_options {
	struct manifest *manifest;
	const char *interfaces[SOLO5_MANIFEST_ENTRIES_MAX]; /* or @FD; NULL: not given */
	uint8_t macs[SOLO5_MANIFEST_ENTRIES_MAX][SOLO5_MAC_LENGTH];
	bool mac_given[SOLO5_MANIFEST_ENTRIES_MAX];
};

/* `state->manifest` must be set, the rest zero. */
struct option_module net_options_module(struct net_options *state);

/* Attach what the options named. The descriptors are the process's from now on. */
must_check int net_attach(const struct net_options *options, struct reason *reason);

/* Read six pairs of hexadecimal digits with colons between. -EINVAL for others and group addresses. */
must_check int net_parse_mac(const char *text, uint8_t mac[SOLO5_MAC_LENGTH]);

#endif
