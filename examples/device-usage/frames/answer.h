/* A station that answers ARP and ping, as a function of one frame. */
#pragma once

#include <stdint.h>

#include <mirage/address.h>
#include <mirage/frame.h>

struct station {
	struct mac_address mac;
	struct ipv4_address address;
};

struct answer_counts {
	uint64_t arp;     /* requests answered */
	uint64_t echo;    /* pings answered */
	uint64_t bad;     /* for us, with a wrong checksum or length */
	uint64_t ignored; /* anything else */
};

/*
 * Turn a received frame, which nobody else refers to, into its answer. True if there is one; else
 * the frame is as it was.
 */
bool answer_make(struct frame *frame, const struct station *station, struct answer_counts *counts);
