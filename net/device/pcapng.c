/* SPDX-License-Identifier: ISC */
/* Blocks of a pcapng capture. Each begins and ends with its length, a multiple of 4. */
#include "net/device/pcapng.h"

#include <string.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,

	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	LINK_ETHERNET = 1,
	SNAP_LENGTH = 262144, /* more than any frame has */
	NAME_MAX_LENGTH = 15,

	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_INTERFACE_NAME = 2,
	OPTION_PACKET_FLAGS = 2,
	OPTION_TIME_RESOLUTION = 9,

	PACKET_HEADER = 28,       /* bytes of a packet block before the packet */
	PACKET_FLAGS = 8,         /* bytes of that option */
	PACKET_END = 4 + 4,       /* bytes: the end of the options, and the length again */
	NANOSECONDS_EXPONENT = 9, /* 10^-9 s */
};

struct writer {
	uint8_t *next;
};

static void put(struct writer *writer, const void *bytes, size_t length)
{
	memcpy(writer->next, bytes, length);
	writer->next += length;
}

static void put16(struct writer *writer, unsigned number)
{
	uint16_t value = (uint16_t)number;

	put(writer, &value, sizeof(value));
}

static void put32(struct writer *writer, size_t number)
{
	uint32_t value = (uint32_t)number;

	put(writer, &value, sizeof(value));
}

static size_t padded(size_t length)
{
	return (length + 3) & ~(size_t)3;
}

static void put_padding(struct writer *writer, size_t length)
{
	put(writer, "\0\0\0", padded(length) - length);
}

static void put_option(struct writer *writer, unsigned code, const void *bytes, size_t length)
{
	put16(writer, code);
	put16(writer, (unsigned)length);
	put(writer, bytes, length);
	put_padding(writer, length);
}

/* Begin a block; its length is filled in by end_block(). */
static uint8_t *begin_block(struct writer *writer, size_t type)
{
	uint8_t *start = writer->next;

	put32(writer, type);
	put32(writer, 0);
	return start;
}

static void end_block(struct writer *writer, uint8_t *start)
{
	struct writer length = { .next = start + 4 };
	size_t total = (size_t)(writer->next - start) + 4;

	put32(writer, total);
	put32(&length, total);
}

size_t pcapng_start(uint8_t bytes[PCAPNG_START_MAX], const char *name)
{
	const uint8_t resolution = NANOSECONDS_EXPONENT;
	struct writer writer = { .next = bytes };
	uint8_t *block = begin_block(&writer, BLOCK_SECTION);

	put32(&writer, BYTE_ORDER_MAGIC);
	put16(&writer, 1); /* version 1.0 */
	put16(&writer, 0);
	put32(&writer, UINT32_MAX); /* the section's length is not told */
	put32(&writer, UINT32_MAX);
	end_block(&writer, block);

	block = begin_block(&writer, BLOCK_INTERFACE);
	put16(&writer, LINK_ETHERNET);
	put16(&writer, 0);
	put32(&writer, SNAP_LENGTH);
	put_option(&writer, OPTION_INTERFACE_NAME, name, strnlen(name, NAME_MAX_LENGTH));
	put_option(&writer, OPTION_TIME_RESOLUTION, &resolution, sizeof(resolution));
	put_option(&writer, OPTION_END, "", 0);
	end_block(&writer, block);
	return (size_t)(writer.next - bytes);
}

static size_t comment_length(const char *comment)
{
	return strnlen(comment, PCAPNG_COMMENT_MAX);
}

/* All of a packet's block. */
static size_t packet_block(size_t length, const char *comment)
{
	size_t text = comment_length(comment);

	return PACKET_HEADER + padded(length) + PACKET_FLAGS + (text > 0 ? 4 + padded(text) : 0) +
	       PACKET_END;
}

size_t pcapng_before(uint8_t bytes[PCAPNG_BEFORE_MAX], nanoseconds wall, size_t length,
                     const char *comment)
{
	struct writer writer = { .next = bytes };

	put32(&writer, BLOCK_PACKET);
	put32(&writer, packet_block(length, comment));
	put32(&writer, 0); /* the interface */
	put32(&writer, (size_t)(wall >> 32));
	put32(&writer, (size_t)(wall & UINT32_MAX));
	put32(&writer, length); /* captured, and all */
	put32(&writer, length);
	return (size_t)(writer.next - bytes);
}

size_t pcapng_behind(uint8_t bytes[PCAPNG_BEHIND_MAX], enum pcapng_direction direction,
                     size_t length, const char *comment)
{
	struct writer writer = { .next = bytes };
	const uint32_t flags = direction;
	size_t text = comment_length(comment);

	put_padding(&writer, length);
	put_option(&writer, OPTION_PACKET_FLAGS, &flags, sizeof(flags));
	if (text > 0)
		put_option(&writer, OPTION_COMMENT, comment, text);
	put_option(&writer, OPTION_END, "", 0);
	put32(&writer, packet_block(length, comment));
	return (size_t)(writer.next - bytes);
}
