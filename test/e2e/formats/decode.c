// SPDX-License-Identifier: ISC
/*
 * Print what the generated parsers find in a capture, each value under the name that tshark has for it:
 *
 *     frame 3
 *     ip.ttl=64
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <mirage/formats/arp.h>
#include <mirage/formats/dhcpv4.h>
#include <mirage/formats/dns.h>
#include <mirage/formats/ethernet.h>
#include <mirage/formats/icmpv4.h>
#include <mirage/formats/icmpv6.h>
#include <mirage/formats/ipv4.h>
#include <mirage/formats/ipv6.h>
#include <mirage/formats/ntp.h>
#include <mirage/formats/tcp.h>
#include <mirage/formats/udp.h>

static void number(const char *name, uint64_t value)
{
	printf("%s=%" PRIu64 "\n", name, value);
}

static void text(const char *name, const char *value)
{
	printf("%s=%s\n", name, value);
}

static void bytes_of(const char *name, struct slice bytes)
{
	printf("%s=", name);
	for (size_t i = 0; i < bytes.length; i++)
		printf("%s%02x", i > 0 ? ":" : "", bytes.bytes[i]);
	printf("\n");
}

static void mac(const char *name, struct mac_address address)
{
	char buffer[ADDRESS_TEXT_SIZE];

	text(name, mac_address_print(address, buffer));
}

static void ipv4_of(const char *name, struct ipv4_address address)
{
	char buffer[ADDRESS_TEXT_SIZE];

	text(name, ipv4_address_print(address, buffer));
}

static void ipv6_of(const char *name, struct ipv6_address address)
{
	char buffer[ADDRESS_TEXT_SIZE];

	text(name, ipv6_address_print(address, buffer));
}

/* A packet that does not parse is a difference that no tshark makes up for. */
static bool failed(const char *what, int error, const struct packet_fault *fault)
{
	if (error != 0)
		printf("failed=%s %d in %s at %zu\n", what, error, fault->field, fault->offset);
	return error != 0;
}

static void decode_record(const struct dns_record *record)
{
	char name[PACKET_NAME_TEXT_SIZE];

	text("dns.resp.name", packet_name_to_text(dns_record_name(record), name));
	number("dns.resp.type", dns_record_type(record));
	number("dns.resp.class", dns_record_class(record));
	number("dns.resp.ttl", dns_record_ttl(record));
	if (record->tag == DNS_RECORD_A)
		ipv4_of("dns.a", dns_record_a_address(record));
	else if (record->tag == DNS_RECORD_AAAA)
		ipv6_of("dns.aaaa", dns_record_aaaa_address(record));
	else if (record->tag == DNS_RECORD_CNAME)
		text("dns.cname", packet_name_to_text(dns_record_cname_target(record), name));
	else if (record->tag == DNS_RECORD_MX) {
		number("dns.mx.preference", dns_record_mx_preference(record));
		text("dns.mx.mail_exchange",
		     packet_name_to_text(dns_record_mx_exchange(record), name));
	}
}

static void decode_dns(struct slice payload)
{
	char name[PACKET_NAME_TEXT_SIZE];
	struct dns_question question;
	struct dns_record record;
	struct dns dns;

	if (failed("dns", dns_parse_whole(payload, &dns), &dns.fault))
		return;
	number("dns.id", dns_identification(&dns));
	number("dns.flags.response", dns_response(&dns));
	number("dns.flags.opcode", dns_opcode(&dns));
	number("dns.flags.recdesired", dns_recursion_desired(&dns));
	number("dns.count.queries", dns_question_count(&dns));
	number("dns.count.answers", dns_answer_count(&dns));
	struct dns_questions_iterator questions = dns_questions(&dns);
	while (dns_questions_next(&questions, &question)) {
		text("dns.qry.name", packet_name_to_text(dns_question_name(&question), name));
		number("dns.qry.type", dns_question_type(&question));
	}
	struct dns_answers_iterator answers = dns_answers(&dns);
	while (dns_answers_next(&answers, &record))
		decode_record(&record);
}

static void decode_dhcp_option(const struct dhcpv4_option *option)
{
	number("dhcp.option.type", dhcpv4_option_code(option));
	if (option->tag == DHCPV4_OPTION_MESSAGE_TYPE)
		number("dhcp.option.dhcp", dhcpv4_option_message_type_type(option));
	else if (option->tag == DHCPV4_OPTION_SUBNET_MASK)
		ipv4_of("dhcp.option.subnet_mask", dhcpv4_option_subnet_mask_mask(option));
	else if (option->tag == DHCPV4_OPTION_LEASE_TIME)
		number("dhcp.option.ip_address_lease_time",
		       dhcpv4_option_lease_time_seconds(option));
	else if (option->tag == DHCPV4_OPTION_SERVER_IDENTIFIER)
		ipv4_of("dhcp.option.dhcp_server_id",
		        dhcpv4_option_server_identifier_address(option));
	else if (option->tag == DHCPV4_OPTION_REQUESTED_ADDRESS)
		ipv4_of("dhcp.option.requested_ip_address",
		        dhcpv4_option_requested_address_address(option));
}

static void decode_dhcp(struct slice payload)
{
	struct dhcpv4_option option;
	struct dhcpv4 dhcp;

	if (failed("dhcp", dhcpv4_parse_whole(payload, &dhcp), &dhcp.fault))
		return;
	number("dhcp.type", dhcpv4_operation(&dhcp));
	number("dhcp.hw.len", dhcpv4_hardware_size(&dhcp));
	number("dhcp.id", dhcpv4_transaction(&dhcp));
	number("dhcp.secs", dhcpv4_seconds(&dhcp));
	ipv4_of("dhcp.ip.client", dhcpv4_client(&dhcp));
	ipv4_of("dhcp.ip.your", dhcpv4_your(&dhcp));
	ipv4_of("dhcp.ip.server", dhcpv4_server(&dhcp));
	struct dhcpv4_options_iterator options = dhcpv4_options(&dhcp);
	while (dhcpv4_options_next(&options, &option))
		/* tshark counts these two as no options. */
		if (option.tag != DHCPV4_OPTION_PAD && option.tag != DHCPV4_OPTION_END)
			decode_dhcp_option(&option);
}

static void decode_ntp(struct slice payload)
{
	struct ntp ntp;

	if (failed("ntp", ntp_parse_whole(payload, &ntp), &ntp.fault))
		return;
	number("ntp.flags.li", ntp_leap(&ntp));
	number("ntp.flags.vn", ntp_version(&ntp));
	number("ntp.flags.mode", ntp_mode(&ntp));
	number("ntp.stratum", ntp_stratum(&ntp));
	number("ntp.precision", (uint8_t)ntp_precision(&ntp)); /* tshark's has no sign */
	bytes_of("ntp.refid", ntp_reference_id(&ntp));
}

static void decode_udp(struct slice segment, struct packet_pseudo pseudo)
{
	struct udp udp;

	if (failed("udp", udp_parse_whole(segment, &udp, pseudo), &udp.fault))
		return;
	number("udp.srcport", udp_source_port(&udp));
	number("udp.dstport", udp_destination_port(&udp));
	number("udp.length", udp_length(&udp));
	number("udp.checksum", udp_checksum(&udp));
	if (udp_destination_port(&udp) == 53 || udp_source_port(&udp) == 53)
		decode_dns(udp_data(&udp));
	else if (udp_destination_port(&udp) == 67 || udp_destination_port(&udp) == 68)
		decode_dhcp(udp_data(&udp));
	else if (udp_destination_port(&udp) == 123)
		decode_ntp(udp_data(&udp));
}

static void decode_tcp_option(const struct tcp_option *option)
{
	number("tcp.option_kind", tcp_option_kind(option));
	if (option->tag == TCP_OPTION_MSS) {
		number("tcp.options.mss_val", tcp_option_mss_mss(option));
	} else if (option->tag == TCP_OPTION_WINDOW_SCALE) {
		number("tcp.options.wscale.shift", tcp_option_window_scale_shift(option));
	} else if (option->tag == TCP_OPTION_TIMESTAMPS) {
		number("tcp.options.timestamp.tsval", tcp_option_timestamps_value(option));
		number("tcp.options.timestamp.tsecr", tcp_option_timestamps_echo(option));
	}
}

static void decode_tcp(struct slice segment, struct packet_pseudo pseudo)
{
	struct tcp_option option;
	struct tcp tcp;

	if (failed("tcp", tcp_parse_whole(segment, &tcp, pseudo), &tcp.fault))
		return;
	number("tcp.srcport", tcp_source_port(&tcp));
	number("tcp.dstport", tcp_destination_port(&tcp));
	number("tcp.seq_raw", tcp_sequence(&tcp));
	number("tcp.ack_raw", tcp_acknowledgement(&tcp));
	number("tcp.hdr_len", tcp_data_offset(&tcp) * 4u);
	number("tcp.flags.syn", tcp_syn(&tcp));
	number("tcp.flags.ack", tcp_ack(&tcp));
	number("tcp.flags.push", tcp_psh(&tcp));
	number("tcp.flags.fin", tcp_fin(&tcp));
	number("tcp.flags.reset", tcp_rst(&tcp));
	number("tcp.window_size_value", tcp_window(&tcp));
	number("tcp.checksum", tcp_checksum(&tcp));
	number("tcp.urgent_pointer", tcp_urgent(&tcp));
	number("tcp.len", tcp_data(&tcp).length);
	struct tcp_options_iterator options = tcp_options(&tcp);
	while (tcp_options_next(&options, &option))
		decode_tcp_option(&option);
}

static void decode_icmpv4(struct slice message)
{
	struct icmpv4 icmp;

	if (failed("icmp", icmpv4_parse_whole(message, &icmp), &icmp.fault))
		return;
	number("icmp.type", icmpv4_type(&icmp));
	number("icmp.code", icmpv4_code(&icmp));
	number("icmp.checksum", icmpv4_checksum(&icmp));
	if (icmp.tag == ICMPV4_ECHO) {
		number("icmp.ident", icmpv4_echo_identifier(&icmp));
		number("icmp.seq", icmpv4_echo_sequence(&icmp));
	}
}

static void decode_icmpv6(struct slice message, struct packet_pseudo pseudo)
{
	struct ndp_option option;
	struct icmpv6 icmp;

	if (failed("icmpv6", icmpv6_parse_whole(message, &icmp, pseudo), &icmp.fault))
		return;
	number("icmpv6.type", icmpv6_type(&icmp));
	number("icmpv6.code", icmpv6_code(&icmp));
	number("icmpv6.checksum", icmpv6_checksum(&icmp));
	if (icmp.tag == ICMPV6_ECHO) {
		number("icmpv6.echo.identifier", icmpv6_echo_identifier(&icmp));
		number("icmpv6.echo.sequence_number", icmpv6_echo_sequence(&icmp));
	} else if (icmp.tag == ICMPV6_NEIGHBOUR_SOLICITATION) {
		ipv6_of("icmpv6.nd.ns.target_address", icmpv6_neighbour_solicitation_target(&icmp));
		struct icmpv6_neighbour_solicitation_options_iterator options =
			icmpv6_neighbour_solicitation_options(&icmp);
		while (icmpv6_neighbour_solicitation_options_next(&options, &option))
			if (option.tag == NDP_OPTION_SOURCE_LINK_ADDRESS)
				mac("icmpv6.opt.linkaddr",
				    ndp_option_source_link_address_address(&option));
	} else if (icmp.tag == ICMPV6_NEIGHBOUR_ADVERTISEMENT) {
		ipv6_of("icmpv6.nd.na.target_address",
		        icmpv6_neighbour_advertisement_target(&icmp));
		number("icmpv6.nd.na.flag.s", icmpv6_neighbour_advertisement_solicited(&icmp));
		number("icmpv6.nd.na.flag.o", icmpv6_neighbour_advertisement_override(&icmp));
	} else if (icmp.tag == ICMPV6_LISTENER_REPORT) {
		number("icmpv6.mldr.nb_mcast_records", icmpv6_listener_report_count(&icmp));
	}
}

static void decode_ipv4(struct slice packet)
{
	struct ipv4 ip;

	if (failed("ipv4", ipv4_parse(packet, &ip), &ip.fault))
		return;
	number("ip.version", ipv4_version(&ip));
	number("ip.hdr_len", ipv4_ihl(&ip) * 4u);
	number("ip.dsfield.dscp", ipv4_dscp(&ip));
	number("ip.dsfield.ecn", ipv4_ecn(&ip));
	number("ip.len", ipv4_length(&ip));
	number("ip.id", ipv4_identification(&ip));
	number("ip.flags.df", ipv4_dont_fragment(&ip));
	number("ip.flags.mf", ipv4_more_fragments(&ip));
	number("ip.frag_offset", ipv4_fragment_offset(&ip) * 8u);
	number("ip.ttl", ipv4_ttl(&ip));
	number("ip.proto", ipv4_protocol(&ip));
	number("ip.checksum", ipv4_checksum(&ip));
	ipv4_of("ip.src", ipv4_source(&ip));
	ipv4_of("ip.dst", ipv4_destination(&ip));
	struct packet_pseudo pseudo =
		packet_pseudo_ipv4(ipv4_source(&ip), ipv4_destination(&ip), ipv4_protocol(&ip));
	if (ipv4_protocol(&ip) == IPV4_PROTOCOL_ICMP)
		decode_icmpv4(ipv4_data(&ip));
	else if (ipv4_protocol(&ip) == IPV4_PROTOCOL_UDP)
		decode_udp(ipv4_data(&ip), pseudo);
	else if (ipv4_protocol(&ip) == IPV4_PROTOCOL_TCP)
		decode_tcp(ipv4_data(&ip), pseudo);
}

static void decode_ipv6(struct slice packet)
{
	struct ipv6 ip;

	if (failed("ipv6", ipv6_parse(packet, &ip), &ip.fault))
		return;
	number("ipv6.version", ipv6_version(&ip));
	number("ipv6.tclass", ipv6_traffic_class(&ip));
	number("ipv6.flow", ipv6_flow_label(&ip));
	number("ipv6.plen", ipv6_payload_length(&ip));
	number("ipv6.nxt", ipv6_next_header(&ip));
	number("ipv6.hlim", ipv6_hop_limit(&ip));
	ipv6_of("ipv6.src", ipv6_source(&ip));
	ipv6_of("ipv6.dst", ipv6_destination(&ip));
	uint8_t last = (uint8_t)ipv6_extensions_last(&ip);
	struct packet_pseudo pseudo =
		packet_pseudo_ipv6(ipv6_source(&ip), ipv6_destination(&ip), last);
	if (last == IPV6_NEXT_HEADER_ICMPV6)
		decode_icmpv6(ipv6_data(&ip), pseudo);
	else if (last == IPV6_NEXT_HEADER_UDP)
		decode_udp(ipv6_data(&ip), pseudo);
	else if (last == IPV6_NEXT_HEADER_TCP)
		decode_tcp(ipv6_data(&ip), pseudo);
}

static void decode_arp(struct slice packet)
{
	struct arp arp;

	if (failed("arp", arp_parse(packet, &arp), &arp.fault))
		return;
	number("arp.opcode", arp_operation(&arp));
	mac("arp.src.hw_mac", arp_sender_hardware(&arp));
	ipv4_of("arp.src.proto_ipv4", arp_sender_protocol(&arp));
	mac("arp.dst.hw_mac", arp_target_hardware(&arp));
	ipv4_of("arp.dst.proto_ipv4", arp_target_protocol(&arp));
}

static void decode_frame(struct slice frame)
{
	struct ethernet ethernet;

	if (failed("ethernet", ethernet_parse(frame, &ethernet), &ethernet.fault))
		return;
	mac("eth.dst", ethernet_destination(&ethernet));
	mac("eth.src", ethernet_source(&ethernet));
	number("eth.type", ethernet_type(&ethernet));
	if (ethernet_type(&ethernet) == ETHERNET_TYPE_IPV4)
		decode_ipv4(ethernet_data(&ethernet));
	else if (ethernet_type(&ethernet) == ETHERNET_TYPE_IPV6)
		decode_ipv6(ethernet_data(&ethernet));
	else if (ethernet_type(&ethernet) == ETHERNET_TYPE_ARP)
		decode_arp(ethernet_data(&ethernet));
}

int main(int argc, char *argv[])
{
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	uint32_t header[6], record[4];

	if (file == NULL || fread(header, sizeof(header), 1, file) != 1 ||
	    header[0] != 0xa1b2c3d4) {
		fputs("usage: decode CAPTURE.pcap, of this machine's byte order\n", stderr);
		return 1;
	}
	for (int number_of = 1; fread(record, sizeof(record), 1, file) == 1; number_of++) {
		uint8_t *bytes = malloc(record[2] + 1);

		if (bytes == NULL || fread(bytes, 1, record[2], file) != record[2])
			return 1;
		printf("frame %d\n", number_of);
		decode_frame(slice_of(bytes, record[2]));
		free(bytes);
	}
	fclose(file);
	return 0;
}
