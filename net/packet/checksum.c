// SPDX-License-Identifier: ISC
/* Pseudo headers, and CRC-32. */
#include <mirage/packet_checksum.h>

struct packet_pseudo packet_pseudo_ipv6(struct ipv6_address source, struct ipv6_address destination,
                                        uint8_t next_header)
{
	uint32_t sum = PACKET_BIG(16, (uint16_t)next_header);

	sum = packet_sum(sum, source.bytes, sizeof(source.bytes));
	return (struct packet_pseudo){
		.mode = PACKET_CHECKSUM_FULL,
		.is_ipv6 = true,
		.sum = packet_sum(sum, destination.bytes, sizeof(destination.bytes)),
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
