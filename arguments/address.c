// SPDX-License-Identifier: ISC
/* Text forms of network addresses. */
#include <mirage/address.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int hexadecimal_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* A decimal number up to `maximum` without leading zeros; NULL if there is none. */
static const char *parse_number(const char *text, unsigned maximum, unsigned *number)
{
	const char *start = text;

	*number = 0;
	while (*text >= '0' && *text <= '9') {
		*number = *number * 10 + (unsigned)(*text++ - '0');
		if (*number > maximum)
			return NULL;
	}
	if (text == start || (*start == '0' && text - start > 1))
		return NULL;
	return text;
}

static const char *parse_ipv4(const char *text, uint8_t bytes[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned number;

		if (i > 0 && *text++ != '.')
			return NULL;
		text = parse_number(text, 255, &number);
		if (text == NULL)
			return NULL;
		bytes[i] = (uint8_t)number;
	}
	return text;
}

int ipv4_address_parse(const char *text, struct ipv4_address *address)
{
	struct ipv4_address parsed = { .bytes = { 0 } };
	const char *end = parse_ipv4(text, parsed.bytes);

	if (end == NULL || *end != '\0')
		return -EINVAL;
	*address = parsed;
	return 0;
}

/* The state of reading an IPv6 address: 16-bit groups, with at most one gap "::". */
struct ipv6_reader {
	uint8_t bytes[16];
	size_t length;
	size_t gap; /* where the gap is; 16: none yet */
};

static const char *parse_group(const char *text, struct ipv6_reader *reader)
{
	unsigned group = 0;
	int digits = 0;

	for (; hexadecimal_digit(*text) >= 0; text++, digits++)
		if (digits < 4)
			group = group << 4 | (unsigned)hexadecimal_digit(*text);
	if (digits == 0 || digits > 4 || reader->length > 14)
		return NULL;
	reader->bytes[reader->length++] = (uint8_t)(group >> 8);
	reader->bytes[reader->length++] = (uint8_t)group;
	return text;
}

/* RFC 4291 section 2.2: groups, one "::", and an IPv4 address in place of the last two groups. */
static int read_ipv6(const char *text, struct ipv6_reader *reader)
{
	if (text[0] == ':' && text[1] == ':') {
		reader->gap = 0;
		text += 2;
	}
	while (*text != '\0') {
		const char *end = strchr(text, ':') == NULL && reader->length <= 12 &&
		                                  strchr(text, '.') != NULL
		                          ? parse_ipv4(text, reader->bytes + reader->length)
		                          : NULL;
		if (end != NULL) {
			reader->length += 4;
			return *end == '\0' ? 0 : -EINVAL;
		}
		text = parse_group(text, reader);
		if (text == NULL)
			return -EINVAL;
		if (*text == '\0')
			return 0;
		if (*text++ != ':')
			return -EINVAL;
		if (*text == ':') {
			if (reader->gap < 16 || reader->length > 14)
				return -EINVAL;
			reader->gap = reader->length;
			text++;
		} else if (*text == '\0') {
			return -EINVAL;
		}
	}
	return 0;
}

int ipv6_address_parse(const char *text, struct ipv6_address *address)
{
	struct ipv6_reader reader = { .gap = 16 };
	int error = text[0] != '\0' ? read_ipv6(text, &reader) : -EINVAL;

	if (error != 0)
		return error;
	/* A gap stands for at least one group. */
	if (reader.gap < 16 ? reader.length > 14 : reader.length != 16)
		return -EINVAL;
	memset(address->bytes, 0, 16);
	if (reader.gap == 16) {
		memcpy(address->bytes, reader.bytes, 16);
		return 0;
	}
	size_t tail = reader.length - reader.gap;
	memcpy(address->bytes, reader.bytes, reader.gap);
	memcpy(address->bytes + 16 - tail, reader.bytes + reader.gap, tail);
	return 0;
}

int ip_prefix_parse(const char *text, struct ip_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char address[ADDRESS_TEXT_SIZE];
	struct ip_prefix parsed = { .is_ipv6 = strchr(text, ':') != NULL };
	unsigned bits;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	int error = parsed.is_ipv6 ? ipv6_address_parse(address, &parsed.address.ipv6)
	                           : ipv4_address_parse(address, &parsed.address.ipv4);
	const char *end = parse_number(slash + 1, parsed.is_ipv6 ? 128 : 32, &bits);
	if (error != 0 || end == NULL || *end != '\0')
		return -EINVAL;
	parsed.bits = (uint8_t)bits;
	*prefix = parsed;
	return 0;
}

int mac_address_parse(const char *text, struct mac_address *address)
{
	struct mac_address parsed;
	char separator = text[0] != '\0' && text[1] != '\0' ? text[2] : '\0';

	if (separator != ':' && separator != '-')
		return -EINVAL;
	for (int i = 0; i < 6; i++, text += 2) {
		if (i > 0 && *text++ != separator)
			return -EINVAL;
		int high = hexadecimal_digit(text[0]);
		int low = high >= 0 ? hexadecimal_digit(text[1]) : -1;
		if (low < 0)
			return -EINVAL;
		parsed.bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (*text != '\0')
		return -EINVAL;
	*address = parsed;
	return 0;
}

const char *ipv4_address_print(struct ipv4_address address, char text[ADDRESS_TEXT_SIZE])
{
	const uint8_t *b = address.bytes;

	snprintf(text, ADDRESS_TEXT_SIZE, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	return text;
}

static unsigned group_of(const struct ipv6_address *address, size_t index)
{
	return (unsigned)address->bytes[2 * index] << 8 | address->bytes[2 * index + 1];
}

/* The first of the longest runs of two or more zero groups (RFC 5952 section 4.2). */
static size_t longest_zeros(const struct ipv6_address *address, size_t *length)
{
	size_t best = 8;

	*length = 1;
	for (size_t i = 0; i < 8; i++) {
		size_t run = 0;

		while (i + run < 8 && group_of(address, i + run) == 0)
			run++;
		if (run > *length) {
			*length = run;
			best = i;
		}
	}
	return best;
}

const char *ipv6_address_print(struct ipv6_address address, char text[ADDRESS_TEXT_SIZE])
{
	size_t length;
	size_t gap = longest_zeros(&address, &length);
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < 8; i++) {
		if (i == gap) {
			used += (size_t)snprintf(text + used, ADDRESS_TEXT_SIZE - used, "::");
			i += length - 1;
			continue;
		}
		bool separate = i > 0 && text[used - 1] != ':';
		used += (size_t)snprintf(text + used, ADDRESS_TEXT_SIZE - used, "%s%x",
		                         separate ? ":" : "", group_of(&address, i));
	}
	return text;
}

const char *ip_prefix_print(struct ip_prefix prefix, char text[ADDRESS_TEXT_SIZE])
{
	if (prefix.is_ipv6)
		ipv6_address_print(prefix.address.ipv6, text);
	else
		ipv4_address_print(prefix.address.ipv4, text);
	size_t used = strlen(text);
	snprintf(text + used, ADDRESS_TEXT_SIZE - used, "/%u", prefix.bits);
	return text;
}

const char *mac_address_print(struct mac_address address, char text[ADDRESS_TEXT_SIZE])
{
	const uint8_t *b = address.bytes;

	snprintf(text, ADDRESS_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
	         b[4], b[5]);
	return text;
}
