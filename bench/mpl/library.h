/* SPDX-License-Identifier: ISC */
/*
 * A packet library by hand, of the same shape as mplc's: a layer is checked once and then read through
 * a view, and is built from a struct, with any options and a payload from anywhere.
 */
#ifndef BENCH_MPL_LIBRARY_H
#define BENCH_MPL_LIBRARY_H

#include "bench/mpl/hand.h"

struct bytes {
	const uint8_t *bytes;
	size_t length;
};

struct library_ethernet {
	const uint8_t *bytes;
	struct bytes data;
};

struct library_ipv4 {
	const uint8_t *bytes;
	struct bytes options, data;
};

struct library_tcp {
	const uint8_t *bytes;
	struct bytes options, data;
};

/* What a checksum starts from: of addresses and protocol. */
struct library_pseudo {
	bool offloaded;
	uint64_t sum;
};

int library_ethernet_parse(struct bytes bytes, struct library_ethernet *view);
int library_ipv4_parse(struct bytes bytes, struct library_ipv4 *view);
int library_tcp_parse(struct bytes bytes, struct library_tcp *view,
                      const struct library_pseudo *pseudo);

/* The next option that is more than padding, at *at. Options were checked: no errors. */
bool library_tcp_next(const struct library_tcp *view, size_t *at, struct bytes *option);

struct library_ethernet_fields {
	struct mac_address destination, source;
	uint16_t type;
	struct bytes data;
};

struct library_ipv4_fields {
	uint8_t tos, ttl, protocol;
	uint16_t identification, fragment; /* with the flags */
	struct ipv4_address source, destination;
	struct bytes options, data;
};

struct library_tcp_fields {
	uint16_t source_port, destination_port, window, urgent;
	uint32_t sequence, acknowledgement;
	uint8_t flags;
	struct bytes options, data;
};

/* Bytes written, or an error. */
int library_ethernet_build(uint8_t *to, size_t room, const struct library_ethernet_fields *fields);
int library_ipv4_build(uint8_t *to, size_t room, const struct library_ipv4_fields *fields);
int library_tcp_build(uint8_t *to, size_t room, const struct library_tcp_fields *fields,
                      const struct library_pseudo *pseudo);

/* An option of TCP; bytes written, or an error. */
struct library_option {
	uint8_t kind;
	union {
		uint16_t mss;
		uint8_t shift;
		struct {
			uint32_t value, echo;
		} timestamps;
		struct bytes other; /* any other, without kind and length */
	};
};

int library_options_build(uint8_t *to, size_t room, const struct library_option *options,
                          size_t count);

#endif
