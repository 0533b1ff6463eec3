#include "answer.h"

#include <string.h>

#include <mirage/checksum.h>
#include <mirage/net.h>

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,

	/* Offsets from the start of the frame. */
	ETHERNET_DESTINATION = 0,
	ETHERNET_SOURCE = 6,
	ETHERNET_TYPE = 12,
	PACKET = NET_HEADER_LENGTH,

	/* Offsets in an ARP packet for IPv4 on Ethernet. */
	ARP_KIND = 0, /* hardware, protocol, and their lengths: always the same 6 bytes */
	ARP_OPERATION = 6,
	ARP_SENDER_MAC = 8,
	ARP_SENDER_ADDRESS = 14,
	ARP_TARGET_MAC = 18,
	ARP_TARGET_ADDRESS = 24,
	ARP_LENGTH = 28,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,

	/* Offsets in an IPv4 header. */
	IPV4_LENGTH = 2,
	IPV4_FRAGMENT = 6,
	IPV4_LIFETIME = 8,
	IPV4_PROTOCOL = 9,
	IPV4_CHECKSUM = 10,
	IPV4_SOURCE = 12,
	IPV4_DESTINATION = 16,
	IPV4_HEADER_MIN = 20,
	IPV4_LIFETIME_SENT = 64,
	PROTOCOL_ICMP = 1,

	/* Offsets in an ICMP message. */
	ICMP_TYPE = 0,
	ICMP_CHECKSUM = 2,
	ICMP_HEADER = 8,
	ECHO_REQUEST = 8,
	ECHO_REPLY = 0,
};

static uint16_t read16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void write16(uint8_t *bytes, uint16_t number)
{
	bytes[0] = (uint8_t)(number >> 8);
	bytes[1] = (uint8_t)number;
}

/* Back to where it came from. */
static void turn_ethernet(uint8_t *frame, const struct station *station)
{
	memcpy(frame + ETHERNET_DESTINATION, frame + ETHERNET_SOURCE, 6);
	memcpy(frame + ETHERNET_SOURCE, station->mac.bytes, 6);
}

static bool answer_arp(struct frame *frame, const struct station *station,
                       struct answer_counts *counts)
{
	static const uint8_t kind[6] = { 0, 1, 0x08, 0, 6, 4 };
	uint8_t *arp = frame_bytes(frame) + PACKET;

	if (frame_linear_length(frame) < PACKET + ARP_LENGTH) {
		counts->bad++;
		return false;
	}
	if (memcmp(arp + ARP_KIND, kind, sizeof(kind)) != 0 ||
	    read16(arp + ARP_OPERATION) != ARP_REQUEST ||
	    memcmp(arp + ARP_TARGET_ADDRESS, station->address.bytes, 4) != 0) {
		counts->ignored++;
		return false;
	}
	write16(arp + ARP_OPERATION, ARP_REPLY);
	memcpy(arp + ARP_TARGET_MAC, arp + ARP_SENDER_MAC, 6);
	memcpy(arp + ARP_TARGET_ADDRESS, arp + ARP_SENDER_ADDRESS, 4);
	memcpy(arp + ARP_SENDER_MAC, station->mac.bytes, 6);
	memcpy(arp + ARP_SENDER_ADDRESS, station->address.bytes, 4);
	turn_ethernet(frame_bytes(frame), station);
	counts->arp++;
	return true;
}

/*
 * Check the header of an IPv4 packet for us that carries ICMP in one piece, and cut off what
 * Ethernet added behind it. Returns the header's length, 0 if the packet is not for us to answer.
 */
static size_t check_ipv4(struct frame *frame, const struct station *station,
                         struct answer_counts *counts)
{
	const uint8_t *ip = frame_bytes(frame) + PACKET;
	size_t there = frame_length(frame) - PACKET;

	if (frame_linear_length(frame) < PACKET + IPV4_HEADER_MIN || ip[0] >> 4 != 4) {
		counts->bad++;
		return 0;
	}
	size_t header = (size_t)(ip[0] & 15) * 4, length = read16(ip + IPV4_LENGTH);

	if (memcmp(ip + IPV4_DESTINATION, station->address.bytes, 4) != 0 ||
	    ip[IPV4_PROTOCOL] != PROTOCOL_ICMP || (read16(ip + IPV4_FRAGMENT) & 0x3fff) != 0) {
		counts->ignored++;
		return 0;
	}
	if (header < IPV4_HEADER_MIN || length < header + ICMP_HEADER || length > there ||
	    frame_linear_length(frame) < PACKET + header + ICMP_HEADER ||
	    checksum_finish(checksum_add(0, ip, header)) != 0 ||
	    frame_truncate(frame, PACKET + length) != 0) {
		counts->bad++;
		return 0;
	}
	return header;
}

static bool answer_echo(struct frame *frame, const struct station *station,
                        struct answer_counts *counts)
{
	size_t header = check_ipv4(frame, station, counts);
	uint8_t *ip = frame_bytes(frame) + PACKET;
	uint8_t *icmp = ip + header;

	if (header == 0)
		return false;
	if (icmp[ICMP_TYPE] != ECHO_REQUEST || icmp[ICMP_TYPE + 1] != 0) {
		counts->ignored++;
		return false;
	}
	if (checksum_finish(frame_sum(frame, PACKET + header)) != 0) {
		counts->bad++;
		return false;
	}
	icmp[ICMP_TYPE] = ECHO_REPLY;
	checksum_store(icmp + ICMP_CHECKSUM, 0);
	checksum_store(icmp + ICMP_CHECKSUM, checksum_finish(frame_sum(frame, PACKET + header)));

	memcpy(ip + IPV4_DESTINATION, ip + IPV4_SOURCE, 4);
	memcpy(ip + IPV4_SOURCE, station->address.bytes, 4);
	ip[IPV4_LIFETIME] = IPV4_LIFETIME_SENT;
	checksum_store(ip + IPV4_CHECKSUM, 0);
	checksum_store(ip + IPV4_CHECKSUM, checksum_finish(checksum_add(0, ip, header)));
	turn_ethernet(frame_bytes(frame), station);
	counts->echo++;
	return true;
}

/* Only a single station is answered: a group as source could make others answer each other. */
static bool is_for_us(const uint8_t *frame, const struct station *station)
{
	static const uint8_t everybody[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return (frame[ETHERNET_SOURCE] & 1) == 0 &&
	       (memcmp(frame + ETHERNET_DESTINATION, station->mac.bytes, 6) == 0 ||
	        memcmp(frame + ETHERNET_DESTINATION, everybody, 6) == 0);
}

bool answer_make(struct frame *frame, const struct station *station, struct answer_counts *counts)
{
	const uint8_t *bytes = frame_bytes(frame);

	if (frame_linear_length(frame) < NET_HEADER_LENGTH) {
		counts->bad++;
		return false;
	}
	if (is_for_us(bytes, station)) {
		switch (read16(bytes + ETHERNET_TYPE)) {
		case TYPE_ARP:
			return answer_arp(frame, station, counts);
		case TYPE_IPV4:
			return answer_echo(frame, station, counts);
		default:
			break;
		}
	}
	counts->ignored++;
	return false;
}
