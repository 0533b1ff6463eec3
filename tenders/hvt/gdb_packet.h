/* SPDX-License-Identifier: ISC */
/*
 * gdb's remote serial protocol, its frame: `$text#checksum`, acknowledgements, and control-C.
 *
 * Hostile.    What comes from the connection is anybody's: a packet that is too long, ends nowhere or
 *             has a wrong checksum is refused and nothing of it is used.
 */
#ifndef TENDERS_HVT_GDB_PACKET_H
#define TENDERS_HVT_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>

enum {
	/* Of the text, without frame; told to gdb. Enough for all registers and 4 KiB of memory. */
	GDB_PACKET_MAX = 8192 + 64,
	/* A packet as it is sent: `$`, text, `#`, two digits. */
	GDB_FRAME_MAX = GDB_PACKET_MAX + 4,
};

enum gdb_event {
	GDB_NOTHING,   /* more bytes are needed */
	GDB_PACKET,    /* `text` holds one */
	GDB_BAD,       /* a packet that must be sent again */
	GDB_INTERRUPT, /* control-C */
};

struct gdb_parser {
	enum {
		GDB_OUTSIDE,
		GDB_TEXT,
		GDB_ESCAPED,
		GDB_SUM_HIGH,
		GDB_SUM_LOW
	} state;
	uint8_t sum;      /* of the text */
	uint8_t expected; /* after `#` */
	bool broken;      /* too long, or a checksum that is none */
	size_t length;
	char text[GDB_PACKET_MAX + 1]; /* escapes undone; NUL-terminated once complete */
};

/* Take one byte. An all-zero parser is at the start. */
enum gdb_event gdb_parse(struct gdb_parser *parser, uint8_t byte);

/* An answer under construction. What does not fit makes it overflow, and it is not sent. */
struct gdb_text {
	size_t length;
	bool overflow;
	char bytes[GDB_PACKET_MAX];
};

void gdb_add(struct gdb_text *text, const char *string);
void gdb_add_hex(struct gdb_text *text, const void *bytes, size_t length);

/* Put `text` into a frame. Returns its length. */
size_t gdb_frame(const struct gdb_text *text, char frame[GDB_FRAME_MAX]);

/* Reading what stands in a packet. `*at` moves behind what was read. */
must_check bool gdb_read_number(const char **at, uint64_t *number);
must_check bool gdb_read_character(const char **at, char character);
must_check bool gdb_read_hex(const char **at, void *bytes, size_t length);

#endif
