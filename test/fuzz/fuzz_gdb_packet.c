// SPDX-License-Identifier: ISC
/* What anybody might send to the debug tender's port: frames, and the values in packets. */
#include <stdlib.h>
#include <string.h>

#include "tenders/hvt/gdb_packet.h"

static void read_values(const char *text)
{
	uint8_t bytes[64];
	uint64_t number;
	const char *at = text;

	while (*at != '\0') {
		const char *before = at;
		if (gdb_read_number(&at, &number) || gdb_read_character(&at, ',') ||
		    gdb_read_hex(&at, bytes, (size_t)(number % sizeof(bytes))))
			if (at > before)
				continue;
		at = before + 1;
	}
	if (at > text + GDB_PACKET_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gdb_parser parser;
	static struct gdb_text text;
	static char frame[GDB_FRAME_MAX];

	memset(&parser, 0, sizeof(parser));
	for (size_t i = 0; i < size; i++) {
		if (gdb_parse(&parser, data[i]) != GDB_PACKET)
			continue;
		if (parser.length > GDB_PACKET_MAX || parser.text[parser.length] != '\0')
			abort();
		read_values(parser.text);
		memset(&text, 0, sizeof(text));
		gdb_add_hex(&text, parser.text, parser.length);
		if (!text.overflow && gdb_frame(&text, frame) != text.length + 4)
			abort();
	}
	return 0;
}
