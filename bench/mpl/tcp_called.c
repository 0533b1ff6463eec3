// SPDX-License-Identifier: ISC
/* Ethernet, IPv4 and TCP by functions that are called: mplc's, and those of the library by hand. */
#include <mirage/formats/ethernet.h>
#include <mirage/formats/ipv4.h>
#include <mirage/formats/tcp.h>

#include "bench/mpl/library.h"

SIDE int tcp_called_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	struct packet_pseudo pseudo;
	struct tcp_option option;
	struct ethernet ethernet;
	struct ipv4 ipv4;
	struct tcp tcp;
	int error = ethernet_parse(slice_of(bytes, length), &ethernet);

	if (error != 0)
		return error;
	if (ethernet_type(&ethernet) != ETHERNET_TYPE_IPV4)
		return -ENOMSG;
	error = ipv4_parse(ethernet_data(&ethernet), &ipv4);
	if (error != 0)
		return error;
	if (ipv4_protocol(&ipv4) != IPV4_PROTOCOL_TCP)
		return -ENOMSG;
	message->source = ipv4_source(&ipv4);
	message->destination = ipv4_destination(&ipv4);
	pseudo = packet_pseudo_ipv4(message->source, message->destination, 6);
	if (offloaded)
		pseudo.mode = PACKET_CHECKSUM_SKIP;
	error = tcp_parse(ipv4_data(&ipv4), &tcp, pseudo);
	if (error != 0)
		return error;
	message->source_port = tcp_source_port(&tcp);
	message->destination_port = tcp_destination_port(&tcp);
	message->sequence = tcp_sequence(&tcp);
	message->acknowledgement = tcp_acknowledgement(&tcp);
	message->window = tcp_window(&tcp);
	message->flags = (uint8_t)(tcp_ack(&tcp) << 4 | tcp_psh(&tcp) << 3 | tcp_rst(&tcp) << 2 |
	                           tcp_syn(&tcp) << 1 | tcp_fin(&tcp));
	struct tcp_options_iterator iterator = tcp_options(&tcp);
	while (tcp_options_next(&iterator, &option)) {
		if (option.tag != TCP_OPTION_TIMESTAMPS)
			continue;
		message->timestamp = tcp_option_timestamps_value(&option);
		message->echo = tcp_option_timestamps_echo(&option);
	}
	message->data = tcp_data(&tcp).bytes;
	message->length = tcp_data(&tcp).length;
	return 0;
}

SIDE int tcp_library_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	struct library_ethernet ethernet;
	struct library_pseudo pseudo;
	struct library_ipv4 ipv4;
	struct library_tcp tcp;
	struct bytes option;
	int error = library_ethernet_parse((struct bytes){ bytes, length }, &ethernet);

	if (error != 0)
		return error;
	if (load16(ethernet.bytes + 12) != 0x0800)
		return -ENOMSG;
	error = library_ipv4_parse(ethernet.data, &ipv4);
	if (error != 0)
		return error;
	if (ipv4.bytes[9] != 6)
		return -ENOMSG;
	memcpy(&message->source, ipv4.bytes + 12, 4);
	memcpy(&message->destination, ipv4.bytes + 16, 4);
	pseudo.offloaded = offloaded;
	pseudo.sum = pseudo_ipv4(message->source, message->destination, 6, 0);
	error = library_tcp_parse(ipv4.data, &tcp, &pseudo);
	if (error != 0)
		return error;
	message->source_port = load16(tcp.bytes);
	message->destination_port = load16(tcp.bytes + 2);
	message->sequence = load32(tcp.bytes + 4);
	message->acknowledgement = load32(tcp.bytes + 8);
	message->flags = tcp.bytes[13] & 0x1f;
	message->window = load16(tcp.bytes + 14);
	size_t at = 0;
	while (library_tcp_next(&tcp, &at, &option)) {
		if (option.bytes[0] != 8)
			continue;
		message->timestamp = load32(option.bytes + 2);
		message->echo = load32(option.bytes + 6);
	}
	message->data = tcp.data.bytes;
	message->length = tcp.data.length;
	return 0;
}

/* Round a segment of `length` bytes, or an error, that is in place. */
static inline int called_headers(uint8_t *bytes, size_t room, int length,
                                 const struct message *message)
{
	if (length < 0)
		return length;
	const struct ipv4_fields ipv4 = {
		.ttl = 64,
		.dont_fragment = 1,
		.protocol = IPV4_PROTOCOL_TCP,
		.source = message->source,
		.destination = message->destination,
		.data = packet_bytes(bytes + 34, (size_t)length),
	};
	length = ipv4_build(slice_of(bytes + 14, room - 14), &ipv4);
	if (length < 0)
		return length;
	const struct ethernet_fields ethernet = {
		.destination = message->to,
		.source = message->from,
		.type = ETHERNET_TYPE_IPV4,
		.data = packet_bytes(bytes + 14, (size_t)length),
	};
	return ethernet_build(slice_of(bytes, room), &ethernet);
}

static inline struct packet_pseudo called_pseudo(bool offloaded, const struct message *message)
{
	struct packet_pseudo pseudo = packet_pseudo_ipv4(message->source, message->destination, 6);

	if (offloaded)
		pseudo.mode = PACKET_CHECKSUM_PARTIAL;
	return pseudo;
}

/* The options as a sender of many segments has them: encoded once, two numbers changed. */
SIDE int tcp_called_build(uint8_t *bytes, size_t room, bool offloaded,
                          const struct message *message)
{
	const size_t options_size = message->has_timestamp ? 12 : 0;
	uint8_t encoded[12] = { 1, 1, 8, 10 };

	if (room < 54)
		return -ENOBUFS;
	store32(encoded + 4, message->timestamp);
	store32(encoded + 8, message->echo);
	const struct tcp_fields tcp = {
		.source_port = message->source_port,
		.destination_port = message->destination_port,
		.sequence = message->sequence,
		.acknowledgement = message->acknowledgement,
		.ack = 1,
		.psh = 1,
		.window = message->window,
		.options.encoded = packet_bytes(encoded, options_size),
		.data = packet_bytes(bytes + 54 + options_size, message->length),
	};
	int length =
		tcp_build(slice_of(bytes + 34, room - 34), &tcp, called_pseudo(offloaded, message));

	return called_headers(bytes, room, length, message);
}

SIDE int tcp_called_list(uint8_t *bytes, size_t room, bool offloaded, const struct message *message)
{
	const struct tcp_option_fields options[] = {
		{ .tag = TCP_OPTION_NOP },
		{ .tag = TCP_OPTION_NOP },
		{ .tag = TCP_OPTION_TIMESTAMPS,
		  .timestamps = { .value = message->timestamp, .echo = message->echo } },
	};

	if (room < 66)
		return -ENOBUFS;
	const struct tcp_fields tcp = {
		.source_port = message->source_port,
		.destination_port = message->destination_port,
		.sequence = message->sequence,
		.acknowledgement = message->acknowledgement,
		.ack = 1,
		.psh = 1,
		.window = message->window,
		.options = { .items = options, .count = 3 },
		.data = packet_bytes(bytes + 66, message->length),
	};
	int length =
		tcp_build(slice_of(bytes + 34, room - 34), &tcp, called_pseudo(offloaded, message));

	return called_headers(bytes, room, length, message);
}

static inline int library_headers(uint8_t *bytes, size_t room, int length,
                                  const struct message *message)
{
	if (length < 0)
		return length;
	const struct library_ipv4_fields ipv4 = {
		.ttl = 64,
		.fragment = 0x4000,
		.protocol = 6,
		.source = message->source,
		.destination = message->destination,
		.data = { bytes + 34, (size_t)length },
	};
	length = library_ipv4_build(bytes + 14, room - 14, &ipv4);
	if (length < 0)
		return length;
	const struct library_ethernet_fields ethernet = {
		.destination = message->to,
		.source = message->from,
		.type = 0x0800,
		.data = { bytes + 14, (size_t)length },
	};
	return library_ethernet_build(bytes, room, &ethernet);
}

static inline struct library_tcp_fields library_fields(struct bytes options, uint8_t *data,
                                                       const struct message *message)
{
	return (struct library_tcp_fields){
		.source_port = message->source_port,
		.destination_port = message->destination_port,
		.sequence = message->sequence,
		.acknowledgement = message->acknowledgement,
		.flags = 0x18,
		.window = message->window,
		.options = options,
		.data = { data, message->length },
	};
}

static inline struct library_pseudo library_pseudo(bool offloaded, const struct message *message)
{
	return (struct library_pseudo){
		.offloaded = offloaded,
		.sum = pseudo_ipv4(message->source, message->destination, 6, 0),
	};
}

SIDE int tcp_library_build(uint8_t *bytes, size_t room, bool offloaded,
                           const struct message *message)
{
	const struct library_pseudo pseudo = library_pseudo(offloaded, message);
	const size_t options_size = message->has_timestamp ? 12 : 0;
	uint8_t encoded[12] = { 1, 1, 8, 10 };

	if (room < 54)
		return -ENOBUFS;
	store32(encoded + 4, message->timestamp);
	store32(encoded + 8, message->echo);
	const struct library_tcp_fields tcp = library_fields(
		(struct bytes){ encoded, options_size }, bytes + 54 + options_size, message);
	int length = library_tcp_build(bytes + 34, room - 34, &tcp, &pseudo);

	return library_headers(bytes, room, length, message);
}

SIDE int tcp_library_list(uint8_t *bytes, size_t room, bool offloaded,
                          const struct message *message)
{
	const struct library_pseudo pseudo = library_pseudo(offloaded, message);
	const struct library_option options[] = {
		{ .kind = 1 },
		{ .kind = 1 },
		{ .kind = 8, .timestamps = { .value = message->timestamp, .echo = message->echo } },
	};
	uint8_t encoded[40];

	if (room < 66)
		return -ENOBUFS;
	int size = library_options_build(encoded, sizeof(encoded), options, 3);
	if (size < 0)
		return size;
	const struct library_tcp_fields tcp =
		library_fields((struct bytes){ encoded, (size_t)size }, bytes + 66, message);
	int length = library_tcp_build(bytes + 34, room - 34, &tcp, &pseudo);

	return library_headers(bytes, room, length, message);
}
