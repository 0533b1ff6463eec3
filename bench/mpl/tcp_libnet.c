// SPDX-License-Identifier: ISC
/* Ethernet, IPv4 and TCP with libnet, if it is installed. */
#include "bench/mpl/hand.h"

#if __has_include(<libnet.h>)
#include <stdlib.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#include <libnet.h>
#pragma GCC diagnostic pop

static libnet_t *libnet;

SIDE static int libnet_build(uint8_t *bytes, size_t room, bool offloaded,
                             const struct message *message)
{
	static libnet_ptag_t options_tag, tcp_tag, ip_tag, ethernet_tag;
	uint8_t options[12] = { 1, 1, 8, 10 }, *packet = NULL;
	uint32_t length = 0, from, to;
	size_t header = 20 + sizeof(options);

	(void)offloaded;
	store32(options + 4, message->timestamp);
	store32(options + 8, message->echo);
	memcpy(&from, &message->source, 4);
	memcpy(&to, &message->destination, 4);
	options_tag = libnet_build_tcp_options(options, sizeof(options), libnet, options_tag);
	tcp_tag = libnet_build_tcp(message->source_port, message->destination_port,
	                           message->sequence, message->acknowledgement, 0x18,
	                           message->window, 0, 0, (uint16_t)(header + message->length),
	                           bytes + 34 + header, (uint32_t)message->length, libnet, tcp_tag);
	ip_tag = libnet_build_ipv4((uint16_t)(20 + header + message->length), 0, 0, 0x4000, 64, 6,
	                           0, from, to, NULL, 0, libnet, ip_tag);
	ethernet_tag = libnet_build_ethernet(message->to.bytes, message->from.bytes, 0x0800, NULL,
	                                     0, libnet, ethernet_tag);
	if (options_tag < 0 || tcp_tag < 0 || ip_tag < 0 || ethernet_tag < 0 ||
	    libnet_pblock_coalesce(libnet, &packet, &length) != 1 || length > room)
		return -EINVAL;
	memcpy(bytes, packet, length);
	free(libnet->aligner > 0 ? packet - libnet->aligner : packet);
	return (int)length;
}

build_function tcp_libnet_start(void)
{
	char error[LIBNET_ERRBUF_SIZE];

	libnet = libnet_init(LIBNET_NONE, NULL, error);
	return libnet != NULL ? libnet_build : NULL;
}
#else
build_function tcp_libnet_start(void)
{
	return NULL;
}
#endif
