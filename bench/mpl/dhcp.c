// SPDX-License-Identifier: ISC
/*
 * A DHCPv4 acknowledgement as a client reads it and a server writes it: mplc's code compiled in
 * place, and by hand.
 */
#include <mirage/formats/dhcpv4.h>

#include "bench/mpl/hand.h"

static const uint8_t client_hardware[16] = { 2, 0, 0, 0, 0, 1 };

static inline void read_option(void *context, const struct dhcpv4_option *option)
{
	struct message *message = context;

	switch ((unsigned)option->tag) {
	case DHCPV4_OPTION_MESSAGE_TYPE:
		message->type = dhcpv4_option_message_type_type(option);
		break;
	case DHCPV4_OPTION_SERVER_IDENTIFIER:
		message->server = dhcpv4_option_server_identifier_address(option);
		break;
	case DHCPV4_OPTION_LEASE_TIME:
		message->lease = dhcpv4_option_lease_time_seconds(option);
		break;
	case DHCPV4_OPTION_RENEWAL_TIME:
		message->renewal = dhcpv4_option_renewal_time_seconds(option);
		break;
	case DHCPV4_OPTION_REBINDING_TIME:
		message->rebinding = dhcpv4_option_rebinding_time_seconds(option);
		break;
	case DHCPV4_OPTION_SUBNET_MASK:
		message->mask = dhcpv4_option_subnet_mask_mask(option);
		break;
	case DHCPV4_OPTION_BROADCAST:
		message->broadcast = dhcpv4_option_broadcast_address(option);
		break;
	case DHCPV4_OPTION_ROUTERS:
		memcpy(&message->router, dhcpv4_option_routers_addresses_bytes(option).bytes, 4);
		break;
	case DHCPV4_OPTION_NAME_SERVERS: {
		struct slice servers = dhcpv4_option_name_servers_addresses_bytes(option);

		message->name_server_count = servers.length / 4 > 2 ? 2 : servers.length / 4;
		memcpy(message->name_servers, servers.bytes, message->name_server_count * 4);
		break;
	}
	case DHCPV4_OPTION_DOMAIN_NAME:
		message->domain = dhcpv4_option_domain_name_name(option).bytes;
		message->domain_length = dhcpv4_option_domain_name_name(option).length;
		break;
	default:
		break;
	}
}

SIDE int dhcp_generated_parse(uint8_t *bytes, size_t length, bool offloaded,
                              struct message *message)
{
	struct dhcpv4 dhcp;
	int error = dhcpv4_parse_each_options(slice_of(bytes, length), &dhcp, read_option, message);

	(void)offloaded;
	if (error != 0)
		return error;
	if (dhcpv4_operation(&dhcp) != DHCPV4_OPERATION_REPLY)
		return -ENOMSG;
	message->transaction = dhcpv4_transaction(&dhcp);
	message->your = dhcpv4_your(&dhcp);
	return 0;
}

/* Write one option if there was no error before. */
packet_inline int put(struct slice into, int at, const struct dhcpv4_option_fields *option)
{
	if (at < 0 || (size_t)at > into.length)
		return at < 0 ? at : -ENOBUFS;
	int built = dhcpv4_option_build_inline(packet_rest(into, (size_t)at), option);
	return built < 0 ? built : at + built;
}

#define PUT(option_tag, ...) \
	at = put(into, at,   \
	         &(struct dhcpv4_option_fields){ .tag = DHCPV4_OPTION_##option_tag, __VA_ARGS__ })

SIDE int dhcp_generated_build(uint8_t *bytes, size_t room, bool offloaded,
                              const struct message *message)
{
	const struct slice into = slice_of(bytes, room);
	int at = 240;

	(void)offloaded;
	PUT(MESSAGE_TYPE, .message_type.type = DHCPV4_OPTION_MESSAGE_TYPE_TYPE_ACK);
	PUT(SERVER_IDENTIFIER, .server_identifier.address = message->server);
	PUT(LEASE_TIME, .lease_time.seconds = message->lease);
	PUT(RENEWAL_TIME, .renewal_time.seconds = message->renewal);
	PUT(REBINDING_TIME, .rebinding_time.seconds = message->rebinding);
	PUT(SUBNET_MASK, .subnet_mask.mask = message->mask);
	PUT(BROADCAST, .broadcast.address = message->broadcast);
	PUT(ROUTERS,
	    .routers.addresses = { .encoded = packet_bytes(&message->router, 4), .count = 1 });
	PUT(NAME_SERVERS,
	    .name_servers.addresses = {
		    .encoded = packet_bytes(message->name_servers, message->name_server_count * 4),
		    .count = message->name_server_count,
	    });
	PUT(DOMAIN_NAME, .domain_name.name = packet_bytes(message->domain, message->domain_length));
	PUT(END, .code = 255);
	if (at < 0)
		return at;
	const struct dhcpv4_fields dhcp = {
		.operation = DHCPV4_OPERATION_REPLY,
		.hardware_type = 1,
		.hardware_size = 6,
		.transaction = message->transaction,
		.your = message->your,
		.server = message->server,
		.hardware = packet_bytes(client_hardware, sizeof(client_hardware)),
		.options.encoded = packet_bytes_in_place((size_t)at - 240),
	};
	return dhcpv4_build_inline(into, &dhcp);
}

static inline int read_by_hand(uint8_t code, const uint8_t *value, size_t size,
                               struct message *message)
{
	switch (code) {
	case 1:
		if (size != 4)
			return -EPROTO;
		memcpy(&message->mask, value, 4);
		return 0;
	case 3:
		if (size < 4 || size % 4 != 0)
			return -EBADMSG;
		memcpy(&message->router, value, 4);
		return 0;
	case 6:
		if (size < 4 || size % 4 != 0)
			return -EBADMSG;
		message->name_server_count = size > 4 ? 2 : 1;
		memcpy(message->name_servers, value, size > 4 ? 8 : 4);
		return 0;
	case 15:
		message->domain = value;
		message->domain_length = size;
		return 0;
	case 26:
	case 57:
		if (size != 2)
			return -EPROTO;
		return load16(value) < (code == 26 ? 68 : 576) ? -ERANGE : 0;
	case 28:
		if (size != 4)
			return -EPROTO;
		memcpy(&message->broadcast, value, 4);
		return 0;
	case 42:
		return size < 4 || size % 4 != 0 ? -EBADMSG : 0;
	case 50:
		return size != 4 ? -EPROTO : 0;
	case 51:
		if (size != 4)
			return -EPROTO;
		message->lease = load32(value);
		return 0;
	case 53:
		if (size != 1)
			return -EPROTO;
		message->type = *value;
		return 0;
	case 54:
		if (size != 4)
			return -EPROTO;
		memcpy(&message->server, value, 4);
		return 0;
	case 55:
		return size < 1 ? -ERANGE : 0;
	case 58:
		if (size != 4)
			return -EPROTO;
		message->renewal = load32(value);
		return 0;
	case 59:
		if (size != 4)
			return -EPROTO;
		message->rebinding = load32(value);
		return 0;
	case 61:
		return size < 2 ? -ERANGE : 0;
	default:
		return 0;
	}
}

SIDE int dhcp_hand_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	(void)offloaded;
	if (length < 240)
		return -EMSGSIZE;
	if (bytes[2] > 16)
		return -ERANGE;
	if (load32(bytes + 236) != 0x63825363)
		return -EPROTO;
	for (size_t at = 240; at < length;) {
		uint8_t code = bytes[at++];

		if (code == 255)
			break;
		if (code == 0)
			continue;
		if (at == length)
			return -EBADMSG;
		size_t size = bytes[at++];
		if (size > length - at)
			return -EBADMSG;
		int error = read_by_hand(code, bytes + at, size, message);
		if (error != 0)
			return error;
		at += size;
	}
	if (bytes[0] != 2)
		return -ENOMSG;
	message->transaction = load32(bytes + 4);
	memcpy(&message->your, bytes + 16, 4);
	return 0;
}

static inline uint8_t *put_address(uint8_t *at, uint8_t code, const struct ipv4_address *address)
{
	store16(at, (uint16_t)(code << 8 | 4));
	memcpy(at + 2, address, 4);
	return at + 6;
}

static inline uint8_t *put_number(uint8_t *at, uint8_t code, uint32_t number)
{
	store16(at, (uint16_t)(code << 8 | 4));
	store32(at + 2, number);
	return at + 6;
}

SIDE int dhcp_hand_build(uint8_t *bytes, size_t room, bool offloaded, const struct message *message)
{
	size_t servers = message->name_server_count * 4;
	/* The type, seven options of four bytes, two of any length, and the end. */
	const size_t fixed = 240 + 3 + 7 * 6 + 2 + 2 + 1;

	(void)offloaded;
	if (servers > 255 || message->domain_length > 255)
		return -EOVERFLOW;
	if (room < fixed + servers + message->domain_length)
		return -ENOBUFS;
	bytes[0] = 2;
	bytes[1] = 1;
	bytes[2] = 6;
	bytes[3] = 0;
	store32(bytes + 4, message->transaction);
	memset(bytes + 8, 0, 8);
	memcpy(bytes + 16, &message->your, 4);
	memcpy(bytes + 20, &message->server, 4);
	memset(bytes + 24, 0, 4);
	memcpy(bytes + 28, client_hardware, 16);
	memset(bytes + 44, 0, 192);
	store32(bytes + 236, 0x63825363);
	uint8_t *at = bytes + 240;
	at[0] = 53;
	at[1] = 1;
	at[2] = 5;
	at = put_address(at + 3, 54, &message->server);
	at = put_number(at, 51, message->lease);
	at = put_number(at, 58, message->renewal);
	at = put_number(at, 59, message->rebinding);
	at = put_address(at, 1, &message->mask);
	at = put_address(at, 28, &message->broadcast);
	at = put_address(at, 3, &message->router);
	*at++ = 6;
	*at++ = (uint8_t)servers;
	memcpy(at, message->name_servers, servers);
	at += servers;
	*at++ = 15;
	*at++ = (uint8_t)message->domain_length;
	memcpy(at, message->domain, message->domain_length);
	at += message->domain_length;
	*at++ = 255;
	return (int)(at - bytes);
}
