// SPDX-License-Identifier: ISC
/* Where parsing a packet failed. */
#include <mirage/packet.h>

int packet_fail(struct packet_fault *fault, int error, const char *field, size_t offset)
{
	fault->field = field;
	fault->offset = offset;
	return error;
}

int packet_truncated(struct packet_fault *fault, size_t base, size_t length,
                     const struct packet_extent *extents, size_t count)
{
	size_t cut = 0;

	/* The last field that begins at or before the end of the bytes is the one that is cut. */
	for (size_t i = 1; i < count && base + extents[i].start <= length; i++)
		cut = i;
	return packet_fail(fault, -EMSGSIZE, extents[cut].field, base + extents[cut].start);
}

int packet_fail_within(struct packet_fault *fault, int error, size_t base,
                       const struct packet_fault *inner)
{
	return packet_fail(fault, error, inner->field, base + inner->offset);
}
