// SPDX-License-Identifier: ISC
/* Writing the variable parts of packets. */
#include <mirage/packet.h>

int packet_put_written(struct slice into, size_t at, const struct packet_bytes *bytes, size_t *end)
{
	struct slice rest = packet_rest(into, at);
	int written = bytes->write(bytes->context, rest);

	if (written < 0)
		return written;
	if ((size_t)written > rest.length)
		return -ENOBUFS;
	*end = at + (size_t)written;
	return 0;
}

int packet_put_fixed_written(struct slice into, size_t at, const struct packet_bytes *bytes,
                             size_t length)
{
	size_t end;
	int error = packet_put_written(slice_of(into.bytes, at + length), at, bytes, &end);

	if (error == -ENOBUFS || (error == 0 && end != at + length))
		return -EINVAL;
	return error;
}

int packet_pad_some(struct slice into, size_t *end, size_t alignment)
{
	size_t padding = packet_aligned(*end, alignment) - *end;

	if (padding > into.length - *end)
		return -ENOBUFS;
	memset(into.bytes + *end, 0, padding);
	*end += padding;
	return 0;
}

int packet_put_cstring(struct slice into, size_t at, const struct packet_bytes *bytes, size_t *end)
{
	int error = packet_put(into, at, bytes, end);

	if (error != 0)
		return error;
	if (packet_after_zero(slice_of(into.bytes, *end), at) != 0)
		return -EINVAL;
	if (!slice_holds(into, *end, 1))
		return -ENOBUFS;
	into.bytes[*end] = 0;
	*end += 1;
	return 0;
}

/* The magnitude without leading zeros. */
static struct slice significant(const struct packet_bytes *bytes)
{
	size_t zeros = 0;

	if (bytes->bytes == PACKET_IN_PLACE)
		return slice_of(NULL, 0);
	while (zeros < bytes->length && bytes->bytes[zeros] == 0)
		zeros++;
	/* Only read from: a slice has no const form. */
	return slice_of((void *)(uintptr_t)(bytes->bytes + zeros), bytes->length - zeros);
}

size_t packet_mpint_size(const struct packet_bytes *bytes)
{
	struct slice magnitude = significant(bytes);
	bool sign = magnitude.length > 0 && (magnitude.bytes[0] & 0x80) != 0;

	return 4 + magnitude.length + (sign ? 1 : 0);
}

int packet_put_mpint(struct slice into, size_t at, const struct packet_bytes *bytes, size_t *end)
{
	struct slice magnitude = significant(bytes);
	size_t size = packet_mpint_size(bytes);

	if (bytes->write != NULL || bytes->bytes == PACKET_IN_PLACE)
		return -EINVAL;
	if (size - 4 > UINT32_MAX)
		return -EOVERFLOW;
	if (!slice_holds(into, at, size))
		return -ENOBUFS;
	uint8_t *to = into.bytes + at;
	if (magnitude.length > 0)
		memmove(to + size - magnitude.length, magnitude.bytes, magnitude.length);
	packet_store_be32(to, (uint32_t)(size - 4));
	if (size - 4 > magnitude.length)
		to[4] = 0; /* the highest bit is the sign */
	*end = at + size;
	return 0;
}
