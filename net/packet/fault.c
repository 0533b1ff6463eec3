// SPDX-License-Identifier: ISC
/* Where parsing a packet failed. */
#include <mirage/packet.h>

void packet_note(struct packet_fault *fault, const char *field, size_t offset)
{
	fault->field = field;
	fault->offset = offset;
}

void packet_note_cut(struct packet_fault *fault, size_t base, size_t length,
                     const struct packet_extent *extents, size_t count)
{
	size_t cut = 0;

	/* The last field that begins at or before the end of the bytes is the one that is cut. */
	for (size_t i = 1; i < count && base + extents[i].start <= length; i++)
		cut = i;
	packet_note(fault, extents[cut].field, base + extents[cut].start);
}
