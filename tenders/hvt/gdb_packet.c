/* SPDX-License-Identifier: ISC */
#include "tenders/hvt/gdb_packet.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

static void start(struct gdb_parser *parser)
{
	parser->state = GDB_TEXT;
	parser->sum = 0;
	parser->broken = false;
	parser->length = 0;
}

static void keep(struct gdb_parser *parser, uint8_t byte)
{
	if (parser->length < GDB_PACKET_MAX)
		parser->text[parser->length++] = (char)byte;
	else
		parser->broken = true;
}

static enum gdb_event outside(struct gdb_parser *parser, uint8_t byte)
{
	if (byte == '$')
		start(parser);
	else if (byte == 3)
		return GDB_INTERRUPT;
	return GDB_NOTHING; /* acknowledgements: the connection loses nothing */
}

static void text_byte(struct gdb_parser *parser, uint8_t byte)
{
	switch (byte) {
	case '#':
		parser->state = GDB_SUM_HIGH;
		return;
	case '$':
		start(parser); /* the one before was cut off */
		return;
	case '}':
		parser->state = GDB_ESCAPED;
		break;
	default:
		keep(parser, byte);
		break;
	}
	parser->sum = (uint8_t)(parser->sum + byte);
}

static void checksum_digit(struct gdb_parser *parser, uint8_t byte)
{
	int value = digit_value((char)byte);

	if (value < 0)
		parser->broken = true;
	parser->expected = (uint8_t)((parser->expected << 4) | (value & 0xf));
}

enum gdb_event gdb_parse(struct gdb_parser *parser, uint8_t byte)
{
	switch (parser->state) {
	case GDB_OUTSIDE:
		return outside(parser, byte);
	case GDB_TEXT:
		text_byte(parser, byte);
		return GDB_NOTHING;
	case GDB_ESCAPED:
		parser->sum = (uint8_t)(parser->sum + byte);
		keep(parser, byte ^ 0x20);
		parser->state = GDB_TEXT;
		return GDB_NOTHING;
	case GDB_SUM_HIGH:
		parser->expected = 0;
		checksum_digit(parser, byte);
		parser->state = GDB_SUM_LOW;
		return GDB_NOTHING;
	case GDB_SUM_LOW:
		checksum_digit(parser, byte);
		parser->state = GDB_OUTSIDE;
		parser->text[parser->length] = '\0';
		return !parser->broken && parser->sum == parser->expected ? GDB_PACKET : GDB_BAD;
	}
	return GDB_NOTHING;
}

static void add_byte(struct gdb_text *text, char byte)
{
	if (text->length < sizeof(text->bytes))
		text->bytes[text->length++] = byte;
	else
		text->overflow = true;
}

void gdb_add(struct gdb_text *text, const char *string)
{
	while (*string != '\0')
		add_byte(text, *string++);
}

void gdb_add_hex(struct gdb_text *text, const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < length; i++) {
		add_byte(text, digits[byte[i] >> 4]);
		add_byte(text, digits[byte[i] & 0xf]);
	}
}

size_t gdb_frame(const struct gdb_text *text, char frame[GDB_FRAME_MAX])
{
	uint8_t sum = 0;
	size_t length = 0;

	/* None of our answers has a character that would have to be escaped. */
	frame[length++] = '$';
	for (size_t i = 0; i < text->length; i++) {
		sum = (uint8_t)(sum + (uint8_t)text->bytes[i]);
		frame[length++] = text->bytes[i];
	}
	frame[length++] = '#';
	frame[length++] = digits[sum >> 4];
	frame[length++] = digits[sum & 0xf];
	return length;
}

bool gdb_read_number(const char **at, uint64_t *number)
{
	size_t count = 0;

	*number = 0;
	for (int value; (value = digit_value((*at)[count])) >= 0; count++) {
		if (count == 16)
			return false;
		*number = *number << 4 | (uint64_t)value;
	}
	*at += count;
	return count > 0;
}

bool gdb_read_character(const char **at, char character)
{
	if (**at != character)
		return false;
	(*at)++;
	return true;
}

bool gdb_read_hex(const char **at, void *bytes, size_t length)
{
	uint8_t *byte = bytes;

	for (size_t i = 0; i < length; i++) {
		int high = digit_value((*at)[0]);
		int low = high < 0 ? -1 : digit_value((*at)[1]);
		if (low < 0)
			return false;
		byte[i] = (uint8_t)(high << 4 | low);
		*at += 2;
	}
	return true;
}
