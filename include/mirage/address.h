/* SPDX-License-Identifier: ISC */
/*
 * Network addresses as values, and their text forms.
 */
#ifndef MIRAGE_ADDRESS_H
#define MIRAGE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

struct ipv4_address {
	uint8_t bytes[4]; /* network order */
};

struct ipv6_address {
	uint8_t bytes[16]; /* network order */
};

struct mac_address {
	uint8_t bytes[6];
};

struct ip_prefix {
	bool is_ipv6;
	uint8_t bits; /* 0..32 or 0..128 */
	union {
		struct ipv4_address ipv4;
		struct ipv6_address ipv6;
	} address;
};

/* Room for the text of any of them, with the NUL. */
#define ADDRESS_TEXT_SIZE 52

/*
 * Parse a whole text. -EINVAL if it is anything else.
 *
 * IPv4 is four decimal numbers without leading zeros. IPv6 is any form of RFC 4291 section 2.2,
 * without a zone. A prefix is ADDRESS/BITS and keeps the host bits. A MAC address is six
 * two-digit hexadecimal numbers separated by `:` or by `-`.
 */
must_check int ipv4_address_parse(const char *text, struct ipv4_address *address);
must_check int ipv6_address_parse(const char *text, struct ipv6_address *address);
must_check int ip_prefix_parse(const char *text, struct ip_prefix *prefix);
must_check int mac_address_parse(const char *text, struct mac_address *address);

/* Write the text, NUL-terminated, and return it. IPv6 as RFC 5952 recommends. */
const char *ipv4_address_print(struct ipv4_address address, char text[ADDRESS_TEXT_SIZE]);
const char *ipv6_address_print(struct ipv6_address address, char text[ADDRESS_TEXT_SIZE]);
const char *ip_prefix_print(struct ip_prefix prefix, char text[ADDRESS_TEXT_SIZE]);
const char *mac_address_print(struct mac_address address, char text[ADDRESS_TEXT_SIZE]);

#endif
