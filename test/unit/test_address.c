// SPDX-License-Identifier: ISC
/* Text forms of addresses. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/address.h>

struct pair {
	const char *given;
	const char *printed;
};

static void ipv6_is_read_in_every_form_and_printed_as_rfc_5952_has_it(void **state)
{
	static const struct pair pairs[] = {
		/* RFC 4291 section 2.2 */
		{ "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
		  "abcd:ef01:2345:6789:abcd:ef01:2345:6789" },
		{ "2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a" },
		{ "FF01:0:0:0:0:0:0:101", "ff01::101" },
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "0:0:0:0:0:0:0:0", "::" },
		{ "::", "::" },
		{ "0:0:0:0:0:0:13.1.68.3", "::d01:4403" },
		{ "::FFFF:129.144.52.38", "::ffff:8190:3426" },
		/* RFC 5952 section 4 */
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "1::", "1::" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "fe80::1.2.3.4", "fe80::102:304" },
	};
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct ipv6_address address, again;

		assert_int_equal(ipv6_address_parse(pairs[i].given, &address), 0);
		assert_string_equal(ipv6_address_print(address, text), pairs[i].printed);
		assert_int_equal(ipv6_address_parse(text, &again), 0);
		assert_memory_equal(&again, &address, sizeof(address));
	}
}

static void what_is_no_ipv6_address_is_refused(void **state)
{
	static const char *const bad[] = { "",
		                           ":",
		                           ":::",
		                           "1",
		                           "1:2:3:4:5:6:7",
		                           "1:2:3:4:5:6:7:8:9",
		                           "1::2::3",
		                           "12345::",
		                           "g::",
		                           "1:2:3:4:5:6:7:8::",
		                           "::1:2:3:4:5:6:7:8",
		                           "1:",
		                           ":1",
		                           "1:2:3:4:5:6:7:",
		                           ":2:3:4:5:6:7:8",
		                           "::1.2.3",
		                           "::1.2.3.4.5",
		                           "::1.2.3.256",
		                           "1.2.3.4::",
		                           "1:2:3:4:5:6:7:1.2.3.4",
		                           "::1%eth0",
		                           " ::1",
		                           "::1 ",
		                           "1:2:3:4:5:6:7:8:1.2.3.4",
		                           "::1.2.3.4:5" };
	struct ipv6_address address;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ipv6_address_parse(bad[i], &address), -EINVAL);
}

static void ipv4_is_four_numbers_and_nothing_else(void **state)
{
	static const char *const good[] = { "0.0.0.0", "255.255.255.255", "10.0.0.2" };
	static const char *const bad[] = {
		"",         "1",         "1.2.3",     "1.2.3.4.5",        "256.1.1.1",
		"1.2.3.04", "1.2.3.4 ",  " 1.2.3.4",  "1..2.3",           "1.2.3.",
		"+1.2.3.4", "0x1.2.3.4", "1.2.3.4/8", "99999999999.1.1.1"
	};
	char text[ADDRESS_TEXT_SIZE];
	struct ipv4_address address;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(ipv4_address_parse(good[i], &address), 0);
		assert_string_equal(ipv4_address_print(address, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ipv4_address_parse(bad[i], &address), -EINVAL);
}

static void a_prefix_keeps_its_host_bits(void **state)
{
	static const char *const good[] = { "10.0.0.2/24", "0.0.0.0/0", "1.2.3.4/32",
		                            "fe80::1/64",  "::/0",      "::1/128" };
	static const char *const bad[] = {
		"10.0.0.2",     "10.0.0.2/33",
		"10.0.0.2/",    "::/129",
		"10.0.0.2/024", "10.0.0.2/-1",
		"/24",          "10.0.0/24",
		"10.0.0.2/24x", "1111111111111111111111111111111111111111111111111111111/1"
	};
	char text[ADDRESS_TEXT_SIZE];
	struct ip_prefix prefix;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(ip_prefix_parse(good[i], &prefix), 0);
		assert_string_equal(ip_prefix_print(prefix, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ip_prefix_parse(bad[i], &prefix), -EINVAL);
}

static void a_mac_address_has_six_pairs_with_one_separator(void **state)
{
	static const char *const bad[] = { "",
		                           "0",
		                           "02",
		                           "02:00:00:00:00",
		                           "02:00:00:00:00:01:02",
		                           "02:00:00:00:00:1",
		                           "02:00-00:00:00:01",
		                           "02000000000001",
		                           "0g:00:00:00:00:01",
		                           "02.00.00.00.00.01" };
	char text[ADDRESS_TEXT_SIZE];
	struct mac_address address;

	(void)state;
	assert_int_equal(mac_address_parse("02-AB-cd-00-FF-01", &address), 0);
	assert_string_equal(mac_address_print(address, text), "02:ab:cd:00:ff:01");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mac_address_parse(bad[i], &address), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv6_is_read_in_every_form_and_printed_as_rfc_5952_has_it),
		cmocka_unit_test(what_is_no_ipv6_address_is_refused),
		cmocka_unit_test(ipv4_is_four_numbers_and_nothing_else),
		cmocka_unit_test(a_prefix_keeps_its_host_bits),
		cmocka_unit_test(a_mac_address_has_six_pairs_with_one_separator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
