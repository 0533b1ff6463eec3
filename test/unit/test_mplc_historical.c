// SPDX-License-Identifier: ISC
/*
 * Specifications of the historical language: what they build is, byte by byte, what the historical
 * compiler's code built, and what it did not check is checked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp.h"
#include "ethernet.h"
#include "icmp.h"
#include "ipv4.h"
#include "udp.h"

struct bytes {
	uint8_t bytes[512];
	size_t length;
};

/* Hexadecimal digits with blanks between. */
static struct bytes hex(const char *text)
{
	struct bytes result = { .length = 0 };

	for (unsigned half = 0; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		unsigned digit =
			*text <= '9' ? (unsigned)(*text - '0') : (unsigned)(*text - 'a' + 10);
		uint8_t *to = &result.bytes[result.length];

		*to = (uint8_t)(half == 0 ? digit << 4 : *to | digit);
		result.length += half;
		half = 1 - half;
	}
	return result;
}

static struct slice slice_of_bytes(struct bytes *bytes)
{
	return slice_of(bytes->bytes, bytes->length);
}

static void expect_bytes(const uint8_t *built, int length, const char *text)
{
	struct bytes golden = hex(text);

	assert_int_equal(length, (int)golden.length);
	assert_memory_equal(built, golden.bytes, golden.length);
}

static const char hello[] = "ffffffffffff 020000000001 0800 45000021 12344000 40110000 0a000002 "
			    "0a000001 04d20035000d0000 68656c6c6f";

static int write_udp(void *context, struct slice into)
{
	struct udp_fields fields = udp_defaults();

	fields.source_port = 1234;
	fields.dest_port = 53;
	fields.data = packet_bytes(context, 5);
	return udp_build(into, &fields);
}

static int write_ipv4(void *context, struct slice into)
{
	struct ipv4_fields fields = ipv4_defaults();

	fields.id = 0x1234;
	fields.dont_fragment = 1;
	fields.ttl = 64;
	fields.protocol = IPV4_PROTOCOL_UDP;
	fields.src = 0x0a000002;
	fields.dest = 0x0a000001;
	fields.data = packet_bytes_by(write_udp, context);
	return ipv4_build(into, &fields);
}

static void layers_that_write_each_other_build_the_golden_frame(void **state)
{
	struct ethernet_fields fields = ethernet_defaults();
	char text[] = "hello";
	uint8_t room[128];

	(void)state;
	fields.dest_mac = packet_bytes("\xff\xff\xff\xff\xff\xff", 6);
	fields.src_mac = packet_bytes("\2\0\0\0\0\1", 6);
	fields.tag = ETHERNET_IPV4;
	fields.ipv4.data = packet_bytes_by(write_ipv4, text);
	int built = ethernet_build(slice_of(room, sizeof(room)), &fields);
	expect_bytes(room, built, hello);
	/* One byte less is not enough, at whatever layer that shows. */
	assert_int_equal(ethernet_build(slice_of(room, (size_t)built - 1), &fields), -ENOBUFS);
}

static void the_golden_frame_is_read_layer_by_layer(void **state)
{
	struct bytes frame = hex(hello);
	struct ethernet ethernet;
	struct ipv4 ipv4;
	struct udp udp;

	(void)state;
	assert_int_equal(ethernet_parse_whole(slice_of_bytes(&frame), &ethernet), 0);
	assert_int_equal(ethernet.tag, ETHERNET_IPV4);
	assert_int_equal(ethernet_ipv4_end_of_packet(&ethernet), frame.length);
	assert_int_equal(ipv4_parse_whole(ethernet_ipv4_data(&ethernet), &ipv4), 0);
	assert_int_equal(ipv4_ihl(&ipv4), 5);
	assert_int_equal(ipv4_length(&ipv4), 0x21);
	assert_int_equal(ipv4_header_end(&ipv4), 20);
	assert_int_equal(udp_parse_whole(ipv4_data(&ipv4), &udp), 0);
	assert_int_equal(udp_dest_port(&udp), 53);
	assert_true(packet_is_text(udp_data(&udp), "hello", 5));
}

static const char flash[] = "4774001f00073abc 01590000 00000001 00000002 9404000001000000 78797a";

static void a_datagram_with_options_is_the_golden_one(void **state)
{
	struct ipv4_fields fields = ipv4_defaults();
	uint8_t room[64];

	(void)state;
	fields.tos_precedence = IPV4_TOS_PRECEDENCE_FLASH;
	fields.tos_delay = IPV4_TOS_DELAY_LOW;
	fields.tos_reliability = IPV4_TOS_RELIABILITY_LOW;
	fields.can_fragment = 1;
	fields.frag_offset = 0x1abc;
	fields.id = 7;
	fields.ttl = 1;
	fields.protocol = IPV4_PROTOCOL_OSPF;
	fields.src = 1;
	fields.dest = 2;
	fields.options = packet_bytes("\x94\x04\x00\x00\x01", 5);
	fields.data = packet_bytes("xyz", 3);
	assert_int_equal(ipv4_size(&fields), 31);
	expect_bytes(room, ipv4_build(slice_of(room, sizeof(room)), &fields), flash);

	struct ipv4 view;
	assert_int_equal(ipv4_parse(slice_of(room, 31), &view), 0);
	assert_int_equal(ipv4_options(&view).length, 8);
	assert_string_equal(ipv4_tos_precedence_name(ipv4_tos_precedence(&view)), "Flash");
	assert_null(ipv4_protocol_name(99));
}

static void an_arp_request_is_the_golden_one(void **state)
{
	struct ethernet_fields fields = ethernet_defaults();
	uint8_t room[64];

	(void)state;
	fields.dest_mac = packet_bytes("\xff\xff\xff\xff\xff\xff", 6);
	fields.src_mac = packet_bytes("\2\0\0\0\0\1", 6);
	fields.tag = ETHERNET_ARP;
	fields.arp.operation = ETHERNET_ARP_OPERATION_REQUEST;
	fields.arp.sender_mac = packet_bytes("\2\0\0\0\0\1", 6);
	fields.arp.sender_ip = 0x0a000002;
	fields.arp.target_ip = 0x0a000001;
	expect_bytes(room, ethernet_build(slice_of(room, sizeof(room)), &fields),
	             "ffffffffffff0200000000010806 0001080006040001 020000000001 0a000002 "
	             "000000000000 0a000001");
}

static void icmp_arms_are_the_golden_ones(void **state)
{
	struct icmp_fields fields = icmp_defaults();
	uint8_t room[64];
	struct icmp view;

	(void)state;
	fields.tag = ICMP_ECHO_REQUEST;
	fields.echo_request.identifier = 0x1234;
	fields.echo_request.sequence = 1;
	fields.echo_request.data = packet_bytes("ab", 2);
	expect_bytes(room, icmp_build(slice_of(room, sizeof(room)), &fields),
	             "0800000012340001 6162");
	fields = icmp_defaults();
	fields.tag = ICMP_ROUTER_SOLICITATION;
	expect_bytes(room, icmp_build(slice_of(room, sizeof(room)), &fields), "0a000000");
	assert_int_equal(icmp_parse(slice_of(room, 4), &view), 0);
	assert_int_equal(view.tag, ICMP_ROUTER_SOLICITATION);
}

/* Every prefix of a golden row, in exactly that much memory. */
static void every_prefix_is_too_short_and_nothing_is_read_beyond_it(void **state)
{
	struct bytes whole = hex(flash);

	(void)state;
	for (size_t length = 0; length < whole.length; length++) {
		uint8_t *bytes = malloc(length + (length == 0));
		struct ipv4 view;

		memcpy(bytes, whole.bytes, length);
		assert_int_equal(ipv4_parse(slice_of(bytes, length), &view), -EMSGSIZE);
		assert_true(view.fault.offset <= length);
		free(bytes);
	}
}

static int parse_flash_with(size_t offset, uint8_t value, const char **field)
{
	struct bytes bytes = hex(flash);
	struct ipv4 view = { .fault = { .field = "" } };

	bytes.bytes[offset] = value;
	int error = ipv4_parse(slice_of_bytes(&bytes), &view);
	*field = error != 0 ? view.fault.field : "";
	return error;
}

static void what_was_declared_is_enforced(void **state)
{
	const char *field;

	(void)state;
	assert_int_equal(parse_flash_with(0, 0x57, &field), -EPROTO); /* version 5 */
	assert_string_equal(field, "ipv4.version");
	assert_int_equal(parse_flash_with(0, 0x41, &field), -ERANGE); /* ihl 1 */
	assert_string_equal(field, "ipv4.ihl");
	assert_int_equal(parse_flash_with(3, 20, &field), -EBADMSG); /* length below the header's */
	assert_string_equal(field, "ipv4.data");
	assert_int_equal(parse_flash_with(3, 32, &field), -EMSGSIZE);
	assert_string_equal(field, "ipv4.data");
	/* Where ECN lives now: the message names the line to mend. */
	assert_int_equal(parse_flash_with(1, 0x75, &field), -EPROTO);
	assert_string_equal(field, "ipv4.tos_reserved");
}

static void an_unknown_tag_leaves_the_common_part_readable(void **state)
{
	struct bytes bytes = hex("ff01beef");
	struct icmp view;

	(void)state;
	assert_int_equal(icmp_parse(slice_of_bytes(&bytes), &view), -ENOMSG);
	assert_string_equal(view.fault.field, "icmp.ptype");
	assert_int_equal(icmp_code(&view), 1);
	assert_int_equal(icmp_checksum(&view), 0xbeef);
}

static void bytes_of_another_length_are_refused(void **state)
{
	struct ethernet_fields fields = ethernet_defaults();
	uint8_t room[64];

	(void)state;
	fields.tag = ETHERNET_IPV4;
	fields.dest_mac = packet_bytes("\1\2\3\4\5", 5);
	assert_int_equal(ethernet_build(slice_of(room, sizeof(room)), &fields), -EINVAL);
	fields.dest_mac = packet_bytes("\1\2\3\4\5\6\7", 7);
	assert_int_equal(ethernet_build(slice_of(room, sizeof(room)), &fields), -EINVAL);
}

static void options_beyond_their_length_field_are_refused(void **state)
{
	struct ipv4_fields fields = ipv4_defaults();
	static const uint8_t options[44];
	uint8_t room[128];

	(void)state;
	fields.options = packet_bytes(options, 40);
	assert_int_equal(ipv4_build(slice_of(room, sizeof(room)), &fields), 60);
	fields.options = packet_bytes(options, 44);
	assert_int_equal(ipv4_build(slice_of(room, sizeof(room)), &fields), -EOVERFLOW);
}

static void a_dhcp_message_has_its_cookie(void **state)
{
	struct dhcp_fields fields = dhcp_defaults();
	uint8_t room[300];
	struct dhcp view;

	(void)state;
	fields.op = DHCP_OP_BOOT_REQUEST;
	fields.options = packet_bytes("\x35\x01\x01\xff", 4);
	assert_int_equal(dhcp_build(slice_of(room, sizeof(room)), &fields), 244);
	assert_memory_equal(room + 236, "\x63\x82\x53\x63\x35", 5);
	assert_int_equal(dhcp_parse(slice_of(room, 244), &view), 0);
	assert_int_equal(dhcp_hlen(&view), 6);
	assert_int_equal(dhcp_htype(&view), DHCP_HTYPE_ETHERNET10);
	room[236] = 0;
	assert_int_equal(dhcp_parse(slice_of(room, 244), &view), -EPROTO);
	assert_int_equal(view.fault.offset, 236);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_that_write_each_other_build_the_golden_frame),
		cmocka_unit_test(the_golden_frame_is_read_layer_by_layer),
		cmocka_unit_test(a_datagram_with_options_is_the_golden_one),
		cmocka_unit_test(an_arp_request_is_the_golden_one),
		cmocka_unit_test(icmp_arms_are_the_golden_ones),
		cmocka_unit_test(every_prefix_is_too_short_and_nothing_is_read_beyond_it),
		cmocka_unit_test(what_was_declared_is_enforced),
		cmocka_unit_test(an_unknown_tag_leaves_the_common_part_readable),
		cmocka_unit_test(bytes_of_another_length_are_refused),
		cmocka_unit_test(options_beyond_their_length_field_are_refused),
		cmocka_unit_test(a_dhcp_message_has_its_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
