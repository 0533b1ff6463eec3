// SPDX-License-Identifier: ISC
/* Ethernet, IPv6 and UDP: mplc's code compiled in place, and by hand. */
#include <mirage/formats/ethernet.h>
#include <mirage/formats/ipv6.h>
#include <mirage/formats/udp.h>

#include "bench/mpl/hand.h"

SIDE int udp_generated_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	struct packet_pseudo pseudo;
	struct ethernet ethernet;
	struct ipv6 ipv6;
	struct udp udp;
	int error = ethernet_parse_inline(slice_of(bytes, length), &ethernet);

	if (error != 0)
		return error;
	if (ethernet_type(&ethernet) != ETHERNET_TYPE_IPV6)
		return -ENOMSG;
	error = ipv6_parse_inline(ethernet_data(&ethernet), &ipv6);
	if (error != 0)
		return error;
	if (ipv6_extensions_last(&ipv6) != IPV4_PROTOCOL_UDP)
		return -ENOMSG;
	message->source6 = ipv6_source(&ipv6);
	message->destination6 = ipv6_destination(&ipv6);
	pseudo = packet_pseudo_ipv6(message->source6, message->destination6, 17);
	if (offloaded)
		pseudo.mode = PACKET_CHECKSUM_SKIP;
	error = udp_parse_inline(ipv6_data(&ipv6), &udp, pseudo);
	if (error != 0)
		return error;
	message->source_port = udp_source_port(&udp);
	message->destination_port = udp_destination_port(&udp);
	message->data = udp_data(&udp).bytes;
	message->length = udp_data(&udp).length;
	return 0;
}

SIDE int udp_generated_build(uint8_t *bytes, size_t room, bool offloaded,
                             const struct message *message)
{
	struct packet_pseudo pseudo =
		packet_pseudo_ipv6(message->source6, message->destination6, 17);

	if (room < 62)
		return -ENOBUFS;
	if (offloaded)
		pseudo.mode = PACKET_CHECKSUM_PARTIAL;
	const struct udp_fields udp = {
		.source_port = message->source_port,
		.destination_port = message->destination_port,
		.data = packet_bytes_in_place(message->length),
	};
	int built = udp_build_inline(slice_of(bytes + 54, room - 54), &udp, pseudo);
	if (built < 0)
		return built;
	const struct ipv6_fields ipv6 = {
		.next_header = IPV4_PROTOCOL_UDP,
		.hop_limit = 64,
		.source = message->source6,
		.destination = message->destination6,
		.data = packet_bytes_in_place((size_t)built),
	};
	built = ipv6_build_inline(slice_of(bytes + 14, room - 14), &ipv6);
	if (built < 0)
		return built;
	const struct ethernet_fields ethernet = {
		.destination = message->to,
		.source = message->from,
		.type = ETHERNET_TYPE_IPV6,
		.data = packet_bytes_in_place((size_t)built),
	};
	return ethernet_build_inline(slice_of(bytes, room), &ethernet);
}

static inline uint32_t pseudo_sum(const uint8_t *ip, uint8_t protocol, size_t length)
{
	return checksum_add(__builtin_bswap16(protocol) + __builtin_bswap16((uint16_t)length),
	                    ip + 8, 32);
}

/* The options of an extension header, at `option` up to `length`. */
static int check_options(const uint8_t *option, size_t length)
{
	for (size_t at = 0; at < length;) {
		uint8_t type = option[at++];

		if (type == 0)
			continue;
		if (at == length || option[at] > length - at - 1)
			return -EBADMSG;
		if ((type == 5 && option[at] != 2) || (type == 0xc2 && option[at] != 4))
			return -EPROTO;
		if (type == 0xc2 && load32(option + at + 1) < 65536)
			return -ERANGE;
		at += 1 + (size_t)option[at];
	}
	return 0;
}

/* The next header after extension headers, which are checked and stepped over. */
static __attribute__((noinline)) int skip_extensions(const uint8_t *ip, size_t length,
                                                     uint8_t *next, size_t *at)
{
	for (;;) {
		size_t size;

		if (*next != 0 && *next != 43 && *next != 44 && *next != 51 && *next != 60)
			return 0;
		if (length - *at < 8)
			return -EMSGSIZE;
		size = *next == 44   ? 8
		       : *next == 51 ? ((size_t)ip[*at + 1] + 2) * 4
		                     : ((size_t)ip[*at + 1] + 1) * 8;
		if (size < 8)
			return -ERANGE;
		if (size > length - *at)
			return -EMSGSIZE;
		if (*next == 0 || *next == 60) {
			int error = check_options(ip + *at + 2, size - 2);

			if (error != 0)
				return error;
		}
		*next = ip[*at];
		*at += size;
	}
}

SIDE int udp_hand_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	const uint8_t *ip = bytes + 14;

	if (length < 14)
		return -EMSGSIZE;
	if (load16(bytes + 12) != 0x86dd)
		return -ENOMSG;
	length -= 14;
	if (length < 40)
		return -EMSGSIZE;
	size_t total = 40 + (size_t)load16(ip + 4), at = 40;
	uint8_t next = ip[6];
	if (ip[0] >> 4 != 6)
		return -EPROTO;
	if (__builtin_expect(next != 17, 0)) {
		int error = skip_extensions(ip, length, &next, &at);

		if (error != 0)
			return error;
		if (next != 17)
			return -ENOMSG;
	}
	if (total < at)
		return -EBADMSG;
	if (total > length)
		return -EMSGSIZE;
	const uint8_t *udp = ip + at;
	length = total - at;
	if (length < 8)
		return -EMSGSIZE;
	size_t size = load16(udp + 4);
	if (size < 8)
		return -ERANGE;
	if (size > length)
		return -EMSGSIZE;
	if (!offloaded) {
		if (load16(udp + 6) == 0)
			return -EILSEQ;
		if (checksum_finish(checksum_add(pseudo_sum(ip, 17, size), udp, size)) != 0)
			return -EILSEQ;
	}
	memcpy(&message->source6, ip + 8, 16);
	memcpy(&message->destination6, ip + 24, 16);
	message->source_port = load16(udp);
	message->destination_port = load16(udp + 2);
	message->data = udp + 8;
	message->length = size - 8;
	return 0;
}

SIDE int udp_hand_build(uint8_t *bytes, size_t room, bool offloaded, const struct message *message)
{
	uint8_t *ip = bytes + 14, *udp = ip + 40;

	if (room < 62 || message->length > room - 62)
		return -ENOBUFS;
	size_t size = 8 + message->length;
	if (size > UINT16_MAX)
		return -EOVERFLOW;
	memcpy(bytes, &message->to, 6);
	memcpy(bytes + 6, &message->from, 6);
	store16(bytes + 12, 0x86dd);
	store32(ip, 0x60000000);
	store16(ip + 4, (uint16_t)size);
	store16(ip + 6, 17 << 8 | 64);
	memcpy(ip + 8, &message->source6, 16);
	memcpy(ip + 24, &message->destination6, 16);
	store16(udp, message->source_port);
	store16(udp + 2, message->destination_port);
	store16(udp + 4, (uint16_t)size);
	store16(udp + 6, 0);
	uint32_t sum = pseudo_sum(ip, 17, size);

	if (!offloaded) {
		uint16_t checksum = checksum_finish(checksum_add(sum, udp, size));

		checksum_store(udp + 6, checksum == 0 ? 0xffff : checksum);
	} else {
		checksum_store(udp + 6, (uint16_t)checksum_fold(sum));
	}
	return (int)(54 + size);
}
