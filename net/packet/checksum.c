// SPDX-License-Identifier: ISC
/* Pseudo headers, and CRC-32. */
#include <mirage/packet_checksum.h>

static uint32_t pseudo_sum(const uint8_t *source, const uint8_t *destination, size_t length,
                           uint8_t protocol)
{
	return packet_sum(packet_sum(PACKET_BIG(16, (uint16_t)protocol), source, length),
	                  destination, length);
}

struct packet_pseudo packet_pseudo_ipv4(struct ipv4_address source, struct ipv4_address destination,
                                        uint8_t protocol)
{
	return (struct packet_pseudo){
		.mode = PACKET_CHECKSUM_FULL,
		.sum = pseudo_sum(source.bytes, destination.bytes, sizeof(source.bytes), protocol),
	};
}

struct packet_pseudo packet_pseudo_ipv6(struct ipv6_address source, struct ipv6_address destination,
                                        uint8_t next_header)
{
	return (struct packet_pseudo){
		.mode = PACKET_CHECKSUM_FULL,
		.is_ipv6 = true,
		.sum = pseudo_sum(source.bytes, destination.bytes, sizeof(source.bytes),
		                  next_header),
	};
}

uint32_t packet_crc32(uint32_t crc, const uint8_t *bytes, size_t length)
{
	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
	}
	return ~crc;
}
