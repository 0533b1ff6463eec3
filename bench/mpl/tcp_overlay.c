// SPDX-License-Identifier: ISC
/* Ethernet, IPv4 and TCP as around libpcap: structs of the system's headers laid over the bytes. */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>

#include "bench/mpl/hand.h"

SIDE int tcp_overlay_parse(uint8_t *bytes, size_t length, bool offloaded, struct message *message)
{
	struct iphdr ip;
	struct tcphdr tcp;

	(void)offloaded;
	if (length < 14 + sizeof(ip) + sizeof(tcp) || load16(bytes + 12) != 0x0800)
		return -EMSGSIZE;
	memcpy(&ip, bytes + 14, sizeof(ip));
	size_t header = (size_t)ip.ihl * 4, total = ntohs(ip.tot_len);
	if (ip.version != 4 || header < 20 || ip.protocol != 6 || total > length - 14 ||
	    total < header + sizeof(tcp))
		return -EPROTO;
	memcpy(&tcp, bytes + 14 + header, sizeof(tcp));
	size_t offset = (size_t)tcp.doff * 4;
	if (offset < 20 || offset > total - header)
		return -EPROTO;
	memcpy(&message->source, &ip.saddr, 4);
	memcpy(&message->destination, &ip.daddr, 4);
	message->source_port = ntohs(tcp.source);
	message->destination_port = ntohs(tcp.dest);
	message->sequence = ntohl(tcp.seq);
	message->acknowledgement = ntohl(tcp.ack_seq);
	message->flags = bytes[14 + header + 13] & 0x1f;
	message->window = ntohs(tcp.window);
	message->data = bytes + 14 + header + offset;
	message->length = total - header - offset;
	return 0;
}
