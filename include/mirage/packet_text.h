/* SPDX-License-Identifier: ISC */
/*
 * Packets as text, for logs: the writer that generated x_to_string() and x_dump() use.
 *
 * Model.      A fixed buffer that is always NUL-terminated and a count of what would have been
 *             written. One style is a line, `udp source=53 destination=1024 data=[12]`; the other has a
 *             line per field with its offset.
 * Context.    Any; no stdio, nothing allocates, nothing blocks.
 */
#ifndef MIRAGE_PACKET_TEXT_H
#define MIRAGE_PACKET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/address.h>
#include <mirage/packet.h>
#include <mirage/packet_name.h>
#include <mirage/slice.h>

struct packet_text {
	char *text;
	size_t size;   /* of text, with the NUL; may be 0 */
	size_t length; /* written, or that would have been with enough room */
	bool lines;    /* a line per field */
	unsigned depth;
	size_t base; /* offset of the packet being written within the outermost */
};

struct packet_text packet_text_of(char *text, size_t size, bool lines);

void packet_text_string(struct packet_text *out, const char *text);

/* A packet begins and ends. */
void packet_text_begin(struct packet_text *out, const char *name);
void packet_text_end(struct packet_text *out);

/* A field begins: its name, and the offset in its packet. One of the values below follows. */
void packet_text_field(struct packet_text *out, const char *name, size_t offset);

/* An element of a list begins. */
void packet_text_element(struct packet_text *out);

/* The element of a list or a packet within, at `offset` of the packet being written. */
size_t packet_text_enter(struct packet_text *out, size_t offset);
void packet_text_leave(struct packet_text *out, size_t base);

void packet_text_unsigned(struct packet_text *out, uint64_t value);
void packet_text_signed(struct packet_text *out, int64_t value);
void packet_text_uint128(struct packet_text *out, packet_uint128 value);
void packet_text_boolean(struct packet_text *out, bool value);

/* A value with a name, or the number alone if `name` is NULL. */
void packet_text_named(struct packet_text *out, const char *name, uint64_t value);

void packet_text_bytes(struct packet_text *out, struct slice bytes);  /* hexadecimal, cut at 32 */
void packet_text_quoted(struct packet_text *out, struct slice bytes); /* "text", escaped */
void packet_text_ipv4(struct packet_text *out, struct ipv4_address address);
void packet_text_ipv6(struct packet_text *out, struct ipv6_address address);
void packet_text_mac(struct packet_text *out, struct mac_address address);
void packet_text_name(struct packet_text *out, struct packet_name name);

#endif
