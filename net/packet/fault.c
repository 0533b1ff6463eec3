// SPDX-License-Identifier: ISC
/* Where parsing a packet failed. */
#include <mirage/packet.h>

struct packet_fault packet_place(const char *field, size_t offset)
{
	return (struct packet_fault){ .field = field, .offset = offset };
}

struct packet_fault packet_place_cut(size_t base, size_t length,
                                     const struct packet_extent *extents, size_t count)
{
	size_t cut = 0;

	/* The last field that begins at or before the end of the bytes is the one that is cut. */
	for (size_t i = 1; i < count && base + extents[i].start <= length; i++)
		cut = i;
	return packet_place(extents[cut].field, base + extents[cut].start);
}
