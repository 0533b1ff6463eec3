/* SPDX-License-Identifier: ISC */
/*
 * Networks in config.c. Included by config.h.
 */
#ifndef MIRAGE_CONFIG_NET_H
#define MIRAGE_CONFIG_NET_H

#include <mirage/config.h>

/*
 * The network interface called `name`: on unix a tap, on Solo5 targets a device of the manifest
 * that the tender attaches (`solo5-hvt --net:NAME=tap0`), where names are letters and digits.
 */
#define netif(name) netif_at(CONFIG_HERE, name)

/*
 * The network. On unix the key --interface names the tap (default tap0) and --interface-mac gives it
 * a MAC address (default: a random one); this declares both. On Solo5 targets it is the device
 * "service". Each call gives the same interface: use it once.
 */
#define default_network() default_network_at(CONFIG_HERE)

/* A network whose frames are recorded in `file`, for tcpdump and Wireshark. On unix only. */
#define pcap(net, file) pcap_at(CONFIG_HERE, net, file)

/*
 * A network that loses, doubles, spoils and delays frames: `faulty(net, .drop_ppm = 10000)`. Rates
 * are of a million frames. The fields, all optional, are those of <mirage/net_faulty.h>:
 */
struct faulty_fields {
	uint64_t seed;
	uint32_t drop_ppm;
	uint32_t duplicate_ppm;
	uint32_t corrupt_ppm;
	uint32_t reorder_ppm;
	uint64_t delay;   /* nanoseconds */
	uint64_t jitter;  /* nanoseconds */
	uint64_t reorder; /* nanoseconds */
};
#define faulty(net, ...) faulty_at(CONFIG_HERE, net, &(struct faulty_fields){ __VA_ARGS__ })

net_impl *netif_at(struct location here, const char *name);
net_impl *default_network_at(struct location here);
net_impl *pcap_at(struct location here, net_impl *net, const char *file);
net_impl *faulty_at(struct location here, net_impl *net, const struct faulty_fields *fields);

#endif
