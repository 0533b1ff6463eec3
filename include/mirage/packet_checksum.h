/* SPDX-License-Identifier: ISC */
/*
 * Checksums of packets: the Internet checksum (RFC 1071) and its pseudo headers.
 *
 * Model.      Sums are those of <mirage/checksum.h>. A packet whose checksum covers addresses of the
 *             layer below takes a `struct packet_pseudo` when it is parsed or built; it also says
 *             whether to check or compute at all, for devices that do.
 * Context.    Any. Nothing blocks.
 */
#ifndef MIRAGE_PACKET_CHECKSUM_H
#define MIRAGE_PACKET_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/address.h>
#include <mirage/checksum.h>
#include <mirage/packet.h>

enum packet_checksum_mode {
	PACKET_CHECKSUM_FULL,    /* verify on parse, compute on build */
	PACKET_CHECKSUM_PARTIAL, /* do not verify; build leaves the pseudo header's sum for a device */
	PACKET_CHECKSUM_SKIP,    /* do not verify; build leaves 0 */
};

/* The addresses and protocol of the layer below; the length is added when it is known. */
struct packet_pseudo {
	enum packet_checksum_mode mode;
	bool is_ipv6; /* a checksum of 0 ("none") is then an error where IPv4 allows it */
	uint64_t sum; /* of addresses and protocol */
};

static inline struct packet_pseudo
packet_pseudo_ipv4(struct ipv4_address source, struct ipv4_address destination, uint8_t protocol)
{
	uint32_t words[2];

	__builtin_memcpy(&words[0], &source, sizeof(source));
	__builtin_memcpy(&words[1], &destination, sizeof(destination));
	return (struct packet_pseudo){
		.mode = PACKET_CHECKSUM_FULL,
		.sum = (uint64_t)words[0] + words[1] + PACKET_BIG(16, (uint16_t)protocol),
	};
}

static inline struct packet_pseudo
packet_pseudo_ipv6(struct ipv6_address source, struct ipv6_address destination, uint8_t next_header)
{
	uint32_t words[8];
	uint64_t sum = PACKET_BIG(16, (uint16_t)next_header);

	__builtin_memcpy(&words[0], &source, sizeof(source));
	__builtin_memcpy(&words[4], &destination, sizeof(destination));
	for (int i = 0; i < 8; i++)
		sum += words[i];
	return (struct packet_pseudo){
		.mode = PACKET_CHECKSUM_FULL,
		.is_ipv6 = true,
		.sum = sum,
	};
}

/* Neither verify nor compute: checksums are a device's business, or there are no addresses. */
static inline struct packet_pseudo packet_pseudo_skip(void)
{
	return (struct packet_pseudo){ .mode = PACKET_CHECKSUM_SKIP };
}

/* Add bytes to a sum. */
static inline uint32_t packet_sum(uint64_t sum, const uint8_t *bytes, size_t length)
{
	return checksum_add(sum, bytes, length);
}

/* The checksum of a sum, a pseudo header's for example, and bytes: 0 if they hold a right one. */
static inline uint16_t packet_checksum_after(uint64_t sum, const uint8_t *bytes, size_t length)
{
	return PACKET_BIG(16, checksum_finish(packet_sum(sum, bytes, length)));
}

/* The Internet checksum of bytes: 0 if they hold a right one. */
static inline uint16_t packet_checksum(const uint8_t *bytes, size_t length)
{
	return packet_checksum_after(0, bytes, length);
}

/* The sum to start from for `length` bytes below a pseudo header. */
static inline uint64_t packet_pseudo_sum(struct packet_pseudo pseudo, size_t length)
{
	return checksum_carry(pseudo.sum, PACKET_BIG(32, (uint32_t)length));
}

/* CRC-32 (IEEE 802.3), as in an Ethernet frame check sequence; `crc` is 0 for the first piece. */
uint32_t packet_crc32(uint32_t crc, const uint8_t *bytes, size_t length);

#endif
