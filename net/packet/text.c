// SPDX-License-Identifier: ISC
/* Packets as text. */
#include <mirage/packet_text.h>

#define BYTES_SHOWN_MAX 32

struct packet_text packet_text_of(char *text, size_t size, bool lines)
{
	if (size > 0)
		text[0] = '\0';
	return (struct packet_text){ .text = text, .size = size, .lines = lines };
}

static void put(struct packet_text *out, char c)
{
	if (out->length + 1 < out->size) {
		out->text[out->length] = c;
		out->text[out->length + 1] = '\0';
	}
	out->length++;
}

void packet_text_string(struct packet_text *out, const char *text)
{
	while (*text != '\0')
		put(out, *text++);
}

static void put_hex(struct packet_text *out, uint64_t value, unsigned digits)
{
	while (digits-- > 0)
		put(out, "0123456789abcdef"[value >> (4 * digits) & 15]);
}

static void new_line(struct packet_text *out)
{
	if (out->length > 0)
		put(out, '\n');
	for (unsigned i = 0; i < out->depth; i++)
		packet_text_string(out, "  ");
}

void packet_text_begin(struct packet_text *out, const char *name)
{
	if (out->lines && out->depth == 0)
		new_line(out);
	else if (!out->lines && out->depth > 0)
		put(out, '{');
	packet_text_string(out, name);
	out->depth++;
}

void packet_text_element(struct packet_text *out)
{
	if (out->lines)
		new_line(out);
}

void packet_text_end(struct packet_text *out)
{
	out->depth--;
	if (!out->lines && out->depth > 0)
		put(out, '}');
}

void packet_text_field(struct packet_text *out, const char *name, size_t offset)
{
	if (out->lines) {
		new_line(out);
		put_hex(out, out->base + offset, 4);
		put(out, ' ');
	} else {
		put(out, ' ');
	}
	packet_text_string(out, name);
	packet_text_string(out, out->lines ? " = " : "=");
}

size_t packet_text_enter(struct packet_text *out, size_t offset)
{
	size_t base = out->base;

	out->base += offset;
	return base;
}

void packet_text_leave(struct packet_text *out, size_t base)
{
	out->base = base;
}

void packet_text_uint128(struct packet_text *out, packet_uint128 value)
{
	char digits[40];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + (int)(value % 10));
		value /= 10;
	} while (value != 0);
	while (count > 0)
		put(out, digits[--count]);
}

void packet_text_unsigned(struct packet_text *out, uint64_t value)
{
	packet_text_uint128(out, value);
}

void packet_text_signed(struct packet_text *out, int64_t value)
{
	if (value < 0)
		put(out, '-');
	packet_text_unsigned(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void packet_text_boolean(struct packet_text *out, bool value)
{
	packet_text_string(out, value ? "true" : "false");
}

void packet_text_named(struct packet_text *out, const char *name, uint64_t value)
{
	if (name != NULL) {
		packet_text_string(out, name);
		put(out, '(');
	}
	packet_text_unsigned(out, value);
	if (name != NULL)
		put(out, ')');
}

void packet_text_bytes(struct packet_text *out, struct slice bytes)
{
	put(out, '[');
	packet_text_unsigned(out, bytes.length);
	put(out, ']');
	for (size_t i = 0; i < bytes.length && i < BYTES_SHOWN_MAX; i++) {
		if (i == 0)
			put(out, ':');
		put_hex(out, bytes.bytes[i], 2);
	}
	if (bytes.length > BYTES_SHOWN_MAX)
		packet_text_string(out, "...");
}

void packet_text_quoted(struct packet_text *out, struct slice bytes)
{
	put(out, '"');
	for (size_t i = 0; i < bytes.length; i++) {
		uint8_t c = bytes.bytes[i];

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\') {
			packet_text_string(out, "\\x");
			put_hex(out, c, 2);
		} else {
			put(out, (char)c);
		}
	}
	put(out, '"');
}

void packet_text_ipv4(struct packet_text *out, struct ipv4_address address)
{
	char text[ADDRESS_TEXT_SIZE];

	packet_text_string(out, ipv4_address_print(address, text));
}

void packet_text_ipv6(struct packet_text *out, struct ipv6_address address)
{
	char text[ADDRESS_TEXT_SIZE];

	packet_text_string(out, ipv6_address_print(address, text));
}

void packet_text_mac(struct packet_text *out, struct mac_address address)
{
	char text[ADDRESS_TEXT_SIZE];

	packet_text_string(out, mac_address_print(address, text));
}

void packet_text_name(struct packet_text *out, struct packet_name name)
{
	uint8_t labels[PACKET_NAME_SIZE];
	size_t size = packet_name_expand(name, labels);

	/* Label by label: the text of a whole name would not fit in an image's stack frame. */
	if (size == 1)
		put(out, '.');
	for (size_t i = 0; i + 1 < size; i += 1 + (size_t)labels[i]) {
		if (i > 0)
			put(out, '.');
		for (size_t j = i + 1; j <= i + labels[i]; j++) {
			if (labels[j] > ' ' && labels[j] < 0x7f) {
				put(out, (char)labels[j]);
			} else {
				packet_text_string(out, "\\x");
				put_hex(out, labels[j], 2);
			}
		}
	}
}
