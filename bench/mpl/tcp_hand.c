// SPDX-License-Identifier: ISC
/* Ethernet, IPv4 and TCP by hand, for this packet alone: one function each, and the same checks. */
#include "bench/mpl/hand.h"

/* Every option is checked before the packet is taken, and read at once. */
static inline int parse_options(const uint8_t *option, size_t length, struct message *message)
{
	for (size_t at = 0; at < length;) {
		if (option[at] == 0)
			break;
		if (option[at] == 1) {
			at++;
			continue;
		}
		if (length - at < 2 || option[at + 1] < 2 || option[at + 1] > length - at)
			return -EBADMSG;
		size_t size = option[at + 1];
		switch (option[at]) {
		case 2:
			if (size != 4)
				return -EPROTO;
			break;
		case 3:
			if (size != 3)
				return -EPROTO;
			break;
		case 4:
			if (size != 2)
				return -EPROTO;
			break;
		case 5:
			if ((size - 2) % 8 != 0)
				return -EBADMSG;
			break;
		case 8:
			if (size != 10)
				return -EPROTO;
			message->timestamp = load32(option + at + 2);
			message->echo = load32(option + at + 6);
			break;
		default:
			break;
		}
		at += size;
	}
	return 0;
}

SIDE int tcp_hand_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	const uint8_t *ip = bytes + 14;

	if (length < 14)
		return -EMSGSIZE;
	if (load16(bytes + 12) != 0x0800)
		return -ENOMSG;
	length -= 14;
	if (length < 20)
		return -EMSGSIZE;
	size_t header = (size_t)(ip[0] & 15) * 4, total = load16(ip + 2);
	if (ip[0] >> 4 != 4)
		return -EPROTO;
	if (header < 20)
		return -ERANGE;
	if (total < header)
		return -EBADMSG;
	if (total > length)
		return -EMSGSIZE;
	if (checksum_finish(checksum_add(0, ip, header)) != 0)
		return -EILSEQ;
	if (ip[9] != 6)
		return -ENOMSG;
	const uint8_t *tcp = ip + header;
	length = total - header;
	if (length < 20)
		return -EMSGSIZE;
	size_t offset = (size_t)(tcp[12] >> 4) * 4;
	if (offset < 20)
		return -ERANGE;
	if (offset > length)
		return -EMSGSIZE;
	int error = parse_options(tcp + 20, offset - 20, message);
	if (error != 0)
		return error;
	memcpy(&message->source, ip + 12, 4);
	memcpy(&message->destination, ip + 16, 4);
	if (!offloaded) {
		uint64_t sum = pseudo_ipv4(message->source, message->destination, 6, length);

		if (checksum_finish(checksum_add(sum, tcp, length)) != 0)
			return -EILSEQ;
	}
	message->source_port = load16(tcp);
	message->destination_port = load16(tcp + 2);
	message->sequence = load32(tcp + 4);
	message->acknowledgement = load32(tcp + 8);
	message->flags = tcp[13] & 0x1f;
	message->window = load16(tcp + 14);
	message->data = tcp + offset;
	message->length = length - offset;
	return 0;
}

SIDE int tcp_hand_build(uint8_t *bytes, size_t room, bool offloaded, const struct message *message)
{
	uint8_t *ip = bytes + 14, *tcp = ip + 20;
	size_t header = message->has_timestamp ? 32 : 20, segment = header + message->length;

	if (room < 34 + header || message->length > room - 34 - header)
		return -ENOBUFS;
	if (segment > UINT16_MAX - 20)
		return -EOVERFLOW;
	memcpy(bytes, &message->to, 6);
	memcpy(bytes + 6, &message->from, 6);
	store16(bytes + 12, 0x0800);
	store16(ip, 0x4500);
	store16(ip + 2, (uint16_t)(20 + segment));
	store32(ip + 4, 0x00004000);
	store16(ip + 8, 64 << 8 | 6);
	store16(ip + 10, 0);
	memcpy(ip + 12, &message->source, 4);
	memcpy(ip + 16, &message->destination, 4);
	checksum_store(ip + 10, checksum_finish(checksum_add(0, ip, 20)));
	store16(tcp, message->source_port);
	store16(tcp + 2, message->destination_port);
	store32(tcp + 4, message->sequence);
	store32(tcp + 8, message->acknowledgement);
	tcp[12] = (uint8_t)(header << 2);
	tcp[13] = 0x18;
	store16(tcp + 14, message->window);
	store32(tcp + 16, 0);
	if (message->has_timestamp) {
		store32(tcp + 20, 0x0101080a);
		store32(tcp + 24, message->timestamp);
		store32(tcp + 28, message->echo);
	}
	uint64_t sum = pseudo_ipv4(message->source, message->destination, 6, segment);
	checksum_store(tcp + 16, offloaded ? (uint16_t)checksum_fold(sum)
	                                   : checksum_finish(checksum_add(sum, tcp, segment)));
	return (int)(34 + segment);
}
