// SPDX-License-Identifier: ISC
/* Ethernet, IPv4 and TCP with mplc's code, compiled in place. */
#include "bench/mpl/message.h"

#include <mirage/formats/ethernet.h>
#include <mirage/formats/ipv4.h>
#include <mirage/formats/tcp.h>

static inline void read_option(void *context, const struct tcp_option *option)
{
	struct message *message = context;

	if (option->tag != TCP_OPTION_TIMESTAMPS)
		return;
	message->timestamp = tcp_option_timestamps_value(option);
	message->echo = tcp_option_timestamps_echo(option);
}

SIDE int tcp_generated_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	struct packet_pseudo pseudo;
	struct ethernet ethernet;
	struct ipv4 ipv4;
	struct tcp tcp;
	int error = ethernet_parse_inline(slice_of(bytes, length), &ethernet);

	if (error != 0)
		return error;
	if (ethernet_type(&ethernet) != ETHERNET_TYPE_IPV4)
		return -ENOMSG;
	error = ipv4_parse_inline(ethernet_data(&ethernet), &ipv4);
	if (error != 0)
		return error;
	if (ipv4_protocol(&ipv4) != IPV4_PROTOCOL_TCP)
		return -ENOMSG;
	message->source = ipv4_source(&ipv4);
	message->destination = ipv4_destination(&ipv4);
	pseudo = packet_pseudo_ipv4(message->source, message->destination, 6);
	if (offloaded)
		pseudo.mode = PACKET_CHECKSUM_SKIP;
	error = tcp_parse_each_options(ipv4_data(&ipv4), &tcp, pseudo, read_option, message);
	if (error != 0)
		return error;
	message->source_port = tcp_source_port(&tcp);
	message->destination_port = tcp_destination_port(&tcp);
	message->sequence = tcp_sequence(&tcp);
	message->acknowledgement = tcp_acknowledgement(&tcp);
	message->window = tcp_window(&tcp);
	message->flags = (uint8_t)(tcp_ack(&tcp) << 4 | tcp_psh(&tcp) << 3 | tcp_rst(&tcp) << 2 |
	                           tcp_syn(&tcp) << 1 | tcp_fin(&tcp));
	message->data = tcp_data(&tcp).bytes;
	message->length = tcp_data(&tcp).length;
	return 0;
}

#define OPTIONS_SIZE 12

/* A timestamp where it will be, each option by a call of its own. */
static inline int build_options(uint8_t *bytes, const struct message *message)
{
	const struct tcp_option_fields nop = { .tag = TCP_OPTION_NOP };
	const struct tcp_option_fields timestamps = {
		.tag = TCP_OPTION_TIMESTAMPS,
		.timestamps = { .value = message->timestamp, .echo = message->echo },
	};

	int one = tcp_option_build_inline(slice_of(bytes, 1), &nop);
	int two = tcp_option_build_inline(slice_of(bytes + 1, 1), &nop);
	int three = tcp_option_build_inline(slice_of(bytes + 2, 10), &timestamps);
	return one < 0 || two < 0 ? -ENOBUFS : three;
}

SIDE int tcp_generated_build(uint8_t *bytes, size_t room, bool offloaded,
                             const struct message *message)
{
	struct packet_pseudo pseudo = packet_pseudo_ipv4(message->source, message->destination, 6);
	const size_t options = message->has_timestamp ? OPTIONS_SIZE : 0;

	if (room < 54 + OPTIONS_SIZE)
		return -ENOBUFS;
	if (offloaded)
		pseudo.mode = PACKET_CHECKSUM_PARTIAL;
	if (options > 0) {
		int error = build_options(bytes + 54, message);

		if (error < 0)
			return error;
	}
	const struct tcp_fields tcp = {
		.source_port = message->source_port,
		.destination_port = message->destination_port,
		.sequence = message->sequence,
		.acknowledgement = message->acknowledgement,
		.ack = 1,
		.psh = 1,
		.window = message->window,
		.options.encoded = packet_bytes_in_place(options),
		.data = packet_bytes_in_place(message->length),
	};
	int built = tcp_build_inline(slice_of(bytes + 34, room - 34), &tcp, pseudo);
	if (built < 0)
		return built;
	const struct ipv4_fields ipv4 = {
		.ttl = 64,
		.dont_fragment = 1,
		.protocol = IPV4_PROTOCOL_TCP,
		.source = message->source,
		.destination = message->destination,
		.data = packet_bytes_in_place((size_t)built),
	};
	built = ipv4_build_inline(slice_of(bytes + 14, room - 14), &ipv4);
	if (built < 0)
		return built;
	const struct ethernet_fields ethernet = {
		.destination = message->to,
		.source = message->from,
		.type = ETHERNET_TYPE_IPV4,
		.data = packet_bytes_in_place((size_t)built),
	};
	return ethernet_build_inline(slice_of(bytes, room), &ethernet);
}
