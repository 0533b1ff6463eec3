/* SPDX-License-Identifier: ISC */
/*
 * What the sides of bench_mpl read of a packet and build one of, and what a side is.
 */
#ifndef BENCH_MPL_MESSAGE_H
#define BENCH_MPL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/address.h>

/* Not inlined, copied for constants or looked into: all sides are called as from another file. */
#define SIDE __attribute__((noipa))

/* Of the options that a TCP header may have, those that a stack wants of a segment. */
struct message {
	struct mac_address to, from;
	struct ipv4_address source, destination;
	struct ipv6_address source6, destination6;
	uint16_t source_port, destination_port, window;
	uint32_t sequence, acknowledgement, timestamp, echo;
	uint8_t flags;
	bool has_timestamp; /* built with the option */
	const uint8_t *data;
	size_t length;
	/* Of a DHCP acknowledgement. */
	uint32_t transaction, lease, renewal, rebinding;
	uint8_t type;
	struct ipv4_address your, server, mask, router, broadcast;
	struct ipv4_address name_servers[2];
	size_t name_server_count;
	const uint8_t *domain;
	size_t domain_length;
};

/* 0, or an error. */
typedef int (*parse_function)(uint8_t *bytes, size_t length, bool offloaded,
                              struct message *message);

/* Bytes written, or an error. The payload of TCP and UDP is in place already. */
typedef int (*build_function)(uint8_t *bytes, size_t room, bool offloaded,
                              const struct message *message);

/* x_parse_inline() and x_build_inline(), and one function of C for the whole packet. */
int tcp_generated_parse(uint8_t *, size_t, bool, struct message *);
int tcp_generated_build(uint8_t *, size_t, bool, const struct message *);
int tcp_hand_parse(uint8_t *, size_t, bool, struct message *);
int tcp_hand_build(uint8_t *, size_t, bool, const struct message *);
int udp_generated_parse(uint8_t *, size_t, bool, struct message *);
int udp_generated_build(uint8_t *, size_t, bool, const struct message *);
int udp_hand_parse(uint8_t *, size_t, bool, struct message *);
int udp_hand_build(uint8_t *, size_t, bool, const struct message *);
int dhcp_generated_parse(uint8_t *, size_t, bool, struct message *);
int dhcp_generated_build(uint8_t *, size_t, bool, const struct message *);
int dhcp_hand_parse(uint8_t *, size_t, bool, struct message *);
int dhcp_hand_build(uint8_t *, size_t, bool, const struct message *);

/* x_parse() and x_build(), and a library of C with a function for each layer. */
int tcp_called_parse(uint8_t *, size_t, bool, struct message *);
int tcp_called_build(uint8_t *, size_t, bool, const struct message *);
int tcp_called_list(uint8_t *, size_t, bool, const struct message *);
int tcp_library_parse(uint8_t *, size_t, bool, struct message *);
int tcp_library_build(uint8_t *, size_t, bool, const struct message *);
int tcp_library_list(uint8_t *, size_t, bool, const struct message *);

/* As around libpcap: structs laid over the bytes, lengths checked, checksums and options believed. */
int tcp_overlay_parse(uint8_t *, size_t, bool, struct message *);

/* NULL without libnet. */
build_function tcp_libnet_start(void);

#endif
