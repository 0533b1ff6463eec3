/* SPDX-License-Identifier: ISC */
/*
 * Packets: what the C that mplc(1) generates stands on, and what its users pass to it.
 *
 * Model.      A specification packet `x` becomes `struct x`, a view: the packet's bytes and where its
 *             parts begin. x_parse() checks everything once; the accessors x_FIELD(&view) then read
 *             without checks. x_build() writes a packet from `struct x_fields`.
 * Ownership.  A view borrows the bytes it was parsed from; they must outlive it and not change while
 *             it is used. Nothing here allocates.
 * Errors.     Parsing, the first that applies, in the order of the bytes:
 *             -EMSGSIZE   truncated: the packet goes on after the last byte
 *             -EBADMSG    contradictory: a length below what it counts, a list that ends within an
 *                         element, a computed value that is not what is there
 *             -EPROTO     a constant field has another value
 *             -ERANGE     a field is below its minimum or above its maximum
 *             -ENOMSG     no arm of a classify matches
 *             -EILSEQ     a checksum is wrong
 *             -E2BIG      x_parse_whole() only: bytes follow the packet
 *             Building:
 *             -ENOBUFS    the room given is too small
 *             -EOVERFLOW  a value, length or count does not fit in its field
 *             -ERANGE     a value is below its minimum or above its maximum
 *             -EINVAL     the parts contradict each other: a tag that is none, bytes of another
 *                         length than the specification's
 *             After a failure x_parse() leaves the place in view.fault.
 * Context.    Any. Nothing blocks.
 * See also.   docs/mpl.md; <mirage/packet_checksum.h>, <mirage/packet_name.h>, <mirage/packet_text.h>.
 */
#ifndef MIRAGE_PACKET_H
#define MIRAGE_PACKET_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/address.h>
#include <mirage/attributes.h>
#include <mirage/slice.h>

/* No packet is built longer than this; lengths are returned as int. */
#define PACKET_LENGTH_MAX 0x7fffffff

#define packet_unlikely(condition) __builtin_expect(condition, 0)
#define packet_inline              static inline __attribute__((always_inline, unused))

__extension__ typedef unsigned __int128 packet_uint128;
__extension__ typedef __int128 packet_wide;

/* Where parsing failed: "ipv4.ihl", and the offset of the field from the start of the bytes given. */
struct packet_fault {
	const char *field;
	size_t offset;
};

/* Where each field of a run of fixed size begins, to tell which one is cut. */
struct packet_extent {
	const char *field;
	uint32_t start;
};

/*
 * For generated code: a place. By value, since a view whose address a function was given stays in
 * memory; a function, since what comes to it is then rare to the compiler.
 */
__attribute__((cold)) struct packet_fault packet_place(const char *field, size_t offset);

/* For generated code: the run of `count` fields at `base` is cut at `length`: where. */
__attribute__((cold)) struct packet_fault
packet_place_cut(size_t base, size_t length, const struct packet_extent *extents, size_t count);

/* For generated code: note the place. Inline, so that the compiler sees that it is an error. */
packet_inline int packet_fail(struct packet_fault *fault, int error, const char *field,
                              size_t offset)
{
	*fault = packet_place(field, offset);
	return error;
}

packet_inline int packet_truncated(struct packet_fault *fault, size_t base, size_t length,
                                   const struct packet_extent *extents, size_t count)
{
	*fault = packet_place_cut(base, length, extents, count);
	return -EMSGSIZE;
}

/* For generated code: a part at `base` failed with `error`; `inner` says where within it. */
packet_inline int packet_fail_within(struct packet_fault *fault, int error, size_t base,
                                     const struct packet_fault *inner)
{
	*fault = packet_place(inner->field, base + inner->offset);
	return error;
}

/*
 * Bytes to be built into a packet: some that exist, or a function that writes them. Bytes that are
 * already where they will end up (a payload with head room before it) are not copied.
 */
struct packet_bytes {
	union {
		const uint8_t *bytes;
		void *context; /* of write() */
	};
	size_t length;
	/* If not NULL, called instead: write at most into.length bytes, return how many, or an error. */
	int (*write)(void *context, struct slice into);
};

packet_inline struct packet_bytes packet_bytes(const void *bytes, size_t length)
{
	return (struct packet_bytes){ .bytes = bytes, .length = length };
}

/* For packet_bytes_in_place(). */
#define PACKET_IN_PLACE ((const uint8_t *)UINTPTR_MAX)

/*
 * Bytes that are where they will end up, without saying where that is: as good as a pointer there, and
 * nothing is compared. Whatever is there is sent.
 */
packet_inline struct packet_bytes packet_bytes_in_place(size_t length)
{
	return (struct packet_bytes){ .bytes = PACKET_IN_PLACE, .length = length };
}

packet_inline struct packet_bytes packet_bytes_of(struct slice slice)
{
	return (struct packet_bytes){ .bytes = slice.bytes, .length = slice.length };
}

packet_inline struct packet_bytes packet_bytes_by(int (*write)(void *context, struct slice into),
                                                  void *context)
{
	return (struct packet_bytes){ .write = write, .context = context };
}

/* Loads and stores of integers at any address. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PACKET_BIG(bits, value)    __builtin_bswap##bits(value)
#define PACKET_LITTLE(bits, value) (value)
#else
#define PACKET_BIG(bits, value)    (value)
#define PACKET_LITTLE(bits, value) __builtin_bswap##bits(value)
#endif

#define PACKET_LOAD_STORE(bits)                                                     \
	packet_inline uint##bits##_t packet_be##bits(const uint8_t *at)             \
	{                                                                           \
		uint##bits##_t value;                                               \
		__builtin_memcpy(&value, at, sizeof(value));                        \
		return PACKET_BIG(bits, value);                                     \
	}                                                                           \
	packet_inline uint##bits##_t packet_le##bits(const uint8_t *at)             \
	{                                                                           \
		uint##bits##_t value;                                               \
		__builtin_memcpy(&value, at, sizeof(value));                        \
		return PACKET_LITTLE(bits, value);                                  \
	}                                                                           \
	packet_inline void packet_store_be##bits(uint8_t *at, uint##bits##_t value) \
	{                                                                           \
		value = PACKET_BIG(bits, value);                                    \
		__builtin_memcpy(at, &value, sizeof(value));                        \
	}                                                                           \
	packet_inline void packet_store_le##bits(uint8_t *at, uint##bits##_t value) \
	{                                                                           \
		value = PACKET_LITTLE(bits, value);                                 \
		__builtin_memcpy(at, &value, sizeof(value));                        \
	}

PACKET_LOAD_STORE(16)
PACKET_LOAD_STORE(32)
PACKET_LOAD_STORE(64)

/* An unsigned integer of `count` bytes, 1..8, a constant. */
packet_inline uint64_t packet_be(const uint8_t *at, unsigned count)
{
	switch (count) {
	case 1:
		return at[0];
	case 2:
		return packet_be16(at);
	case 3:
		return (uint64_t)packet_be16(at) << 8 | at[2];
	case 4:
		return packet_be32(at);
	case 5:
		return (uint64_t)packet_be32(at) << 8 | at[4];
	case 6:
		return (uint64_t)packet_be32(at) << 16 | packet_be16(at + 4);
	case 7:
		return (uint64_t)packet_be32(at) << 24 | (uint64_t)packet_be16(at + 4) << 8 | at[6];
	default:
		return packet_be64(at);
	}
}

packet_inline uint64_t packet_le(const uint8_t *at, unsigned count)
{
	switch (count) {
	case 1:
		return at[0];
	case 2:
		return packet_le16(at);
	case 3:
		return packet_le16(at) | (uint64_t)at[2] << 16;
	case 4:
		return packet_le32(at);
	case 5:
		return packet_le32(at) | (uint64_t)at[4] << 32;
	case 6:
		return packet_le32(at) | (uint64_t)packet_le16(at + 4) << 32;
	case 7:
		return packet_le32(at) | (uint64_t)packet_le16(at + 4) << 32 |
		       (uint64_t)at[6] << 48;
	default:
		return packet_le64(at);
	}
}

packet_inline void packet_store_be(uint8_t *at, unsigned count, uint64_t value)
{
	if (count == 2)
		packet_store_be16(at, (uint16_t)value);
	else if (count == 4)
		packet_store_be32(at, (uint32_t)value);
	else if (count == 8)
		packet_store_be64(at, value);
	else
		for (unsigned i = 0; i < count; i++)
			at[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
}

packet_inline void packet_store_le(uint8_t *at, unsigned count, uint64_t value)
{
	if (count == 2)
		packet_store_le16(at, (uint16_t)value);
	else if (count == 4)
		packet_store_le32(at, (uint32_t)value);
	else if (count == 8)
		packet_store_le64(at, value);
	else
		for (unsigned i = 0; i < count; i++)
			at[i] = (uint8_t)(value >> (8 * i));
}

packet_inline packet_uint128 packet_be128(const uint8_t *at)
{
	return (packet_uint128)packet_be64(at) << 64 | packet_be64(at + 8);
}

packet_inline packet_uint128 packet_le128(const uint8_t *at)
{
	return (packet_uint128)packet_le64(at + 8) << 64 | packet_le64(at);
}

packet_inline void packet_store_be128(uint8_t *at, packet_uint128 value)
{
	packet_store_be64(at, (uint64_t)(value >> 64));
	packet_store_be64(at + 8, (uint64_t)value);
}

packet_inline void packet_store_le128(uint8_t *at, packet_uint128 value)
{
	packet_store_le64(at, (uint64_t)value);
	packet_store_le64(at + 8, (uint64_t)(value >> 64));
}

packet_inline uint64_t packet_mask(unsigned width)
{
	return width >= 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
}

/*
 * `width` bits, 1..64, of which the first is bit `phase`, 0..7, of at[0]. Most significant bit first:
 * bit 0 of a byte is its highest, and the field's first bit its highest.
 */
packet_inline uint64_t packet_bits(const uint8_t *at, unsigned phase, unsigned width)
{
	unsigned count = (phase + width + 7) / 8;
	unsigned after = 8 * count - phase - width;

	if (count == 1 && phase == 0)
		return (uint8_t)(at[0] >> after);
	if (count == 1) /* the mask first, so that bits put together again cost nothing */
		return (at[0] & (unsigned)packet_mask(width) << after) >> after;
	if (count <= 8)
		return packet_be(at, count) >> after & packet_mask(width);
	return (packet_be64(at) << (8 - after) | at[8] >> after) & packet_mask(width);
}

/* The same, least significant bit first: bit 0 of a byte is its lowest, and so in the field. */
packet_inline uint64_t packet_bits_lsb(const uint8_t *at, unsigned phase, unsigned width)
{
	unsigned count = (phase + width + 7) / 8;

	if (count <= 8)
		return packet_le(at, count) >> phase & packet_mask(width);
	return (packet_le64(at) >> phase | (uint64_t)at[8] << (64 - phase)) & packet_mask(width);
}

packet_inline void packet_store_bits(uint8_t *at, unsigned phase, unsigned width, uint64_t value)
{
	unsigned count = (phase + width + 7) / 8;
	unsigned after = 8 * count - phase - width;

	if (count > 8) {
		unsigned low = 8 - after;

		at[8] = (uint8_t)((at[8] & packet_mask(after)) | (value & packet_mask(low))
		                                                         << after);
		packet_store_be64(at, (packet_be64(at) & ~packet_mask(64 - phase)) |
		                              (value >> low & packet_mask(64 - phase)));
		return;
	}
	packet_store_be(at, count,
	                (packet_be(at, count) & ~(packet_mask(width) << after)) |
	                        (value & packet_mask(width)) << after);
}

packet_inline void packet_store_bits_lsb(uint8_t *at, unsigned phase, unsigned width,
                                         uint64_t value)
{
	unsigned count = (phase + width + 7) / 8;

	if (count > 8) {
		unsigned low = 64 - phase;
		unsigned high = width - low;

		at[8] = (uint8_t)((at[8] & ~packet_mask(high)) |
		                  (value >> low & packet_mask(high)));
		packet_store_le64(at, (packet_le64(at) & packet_mask(phase)) | value << phase);
		return;
	}
	packet_store_le(at, count,
	                (packet_le(at, count) & ~(packet_mask(width) << phase)) |
	                        (value & packet_mask(width)) << phase);
}

/* Addresses. */
packet_inline struct ipv4_address packet_ipv4(const uint8_t *at)
{
	struct ipv4_address address;

	__builtin_memcpy(&address, at, sizeof(address));
	return address;
}

packet_inline struct ipv6_address packet_ipv6(const uint8_t *at)
{
	struct ipv6_address address;

	__builtin_memcpy(&address, at, sizeof(address));
	return address;
}

packet_inline struct mac_address packet_mac(const uint8_t *at)
{
	struct mac_address address;

	__builtin_memcpy(&address, at, sizeof(address));
	return address;
}

packet_inline void packet_store_ipv4(uint8_t *at, struct ipv4_address address)
{
	__builtin_memcpy(at, &address, sizeof(address));
}

packet_inline void packet_store_ipv6(uint8_t *at, struct ipv6_address address)
{
	__builtin_memcpy(at, &address, sizeof(address));
}

packet_inline void packet_store_mac(uint8_t *at, struct mac_address address)
{
	__builtin_memcpy(at, &address, sizeof(address));
}

/* For generated code: the part of `bytes` from `at`, which lies within. */
packet_inline struct slice packet_rest(struct slice bytes, size_t at)
{
	return slice_of(bytes.bytes + at, bytes.length - at);
}

/* For generated code: call what writes itself at `at`; *end is the position after it. */
must_check int packet_put_written(struct slice into, size_t at, const struct packet_bytes *bytes,
                                  size_t *end);

/*
 * For generated code: memmove(). What is short and of whole words, as most headers' options, is moved
 * in words: the caller has just stored it so, and wider loads would wait for those stores.
 */
static inline void packet_move(uint8_t *to, const uint8_t *from, size_t length)
{
	uint32_t words[4];

	if (length > sizeof(words) || length % 4 != 0) {
		memmove(to, from, length);
		return;
	}
	if (length >= 4)
		__builtin_memcpy(&words[0], from, 4);
	if (length >= 8)
		__builtin_memcpy(&words[1], from + 4, 4);
	if (length >= 12)
		__builtin_memcpy(&words[2], from + 8, 4);
	if (length >= 16)
		__builtin_memcpy(&words[3], from + 12, 4);
	if (length >= 4)
		__builtin_memcpy(to, &words[0], 4);
	if (length >= 8)
		__builtin_memcpy(to + 4, &words[1], 4);
	if (length >= 12)
		__builtin_memcpy(to + 8, &words[2], 4);
	if (length >= 16)
		__builtin_memcpy(to + 12, &words[3], 4);
}

/*
 * For generated code: write `bytes` at `at` <= into.length; *end is the position after them.
 * -ENOBUFS, or what the writing function returns.
 */
packet_inline must_check int packet_put(struct slice into, size_t at,
                                        const struct packet_bytes *bytes, size_t *end)
{
	if (__builtin_expect(bytes->write != NULL, 0)) {
		size_t after = at; /* so that *end needs no address */
		int error = packet_put_written(into, at, bytes, &after);

		*end = after;
		return error;
	}
	if (bytes->length > into.length - at)
		return -ENOBUFS;
	if (bytes->bytes != PACKET_IN_PLACE && bytes->bytes != into.bytes + at && bytes->length > 0)
		packet_move(into.bytes + at, bytes->bytes, bytes->length);
	*end = at + bytes->length;
	return 0;
}

/* For generated code: exactly `length` bytes that a function writes. */
must_check int packet_put_fixed_written(struct slice into, size_t at,
                                        const struct packet_bytes *bytes, size_t length);

/*
 * For generated code: exactly `length` bytes, a constant, at `at`, where there is room; zeros if none
 * are given. -EINVAL for another length.
 */
packet_inline must_check int packet_put_fixed(struct slice into, size_t at,
                                              const struct packet_bytes *bytes, size_t length)
{
	if (__builtin_expect(bytes->write != NULL, 0))
		return packet_put_fixed_written(into, at, bytes, length);
	if (bytes->length == 0) {
		memset(into.bytes + at, 0, length);
		return 0;
	}
	if (bytes->length != length)
		return -EINVAL;
	if (bytes->bytes != PACKET_IN_PLACE)
		memmove(into.bytes + at, bytes->bytes, length);
	return 0;
}

/* For generated code: zeros until *end is a multiple of `alignment`, which it is not. -ENOBUFS. */
must_check int packet_pad_some(struct slice into, size_t *end, size_t alignment);

/* The same; there may be none missing. */
packet_inline must_check int packet_pad(struct slice into, size_t *end, size_t alignment)
{
	size_t after = *end; /* so that *end needs no address */
	int error = 0;

	if (__builtin_expect(after % alignment != 0, 0))
		error = packet_pad_some(into, &after, alignment);
	*end = after / alignment * alignment; /* so that the compiler knows it */
	return error;
}

/* For generated code: bytes after a length of `prefix` bytes. -ENOBUFS, -EOVERFLOW. */
packet_inline must_check int packet_put_string(struct slice into, size_t at,
                                               const struct packet_bytes *bytes, unsigned prefix,
                                               bool little, size_t *end)
{
	if (!slice_holds(into, at, prefix))
		return -ENOBUFS;
	int error = packet_put(into, at + prefix, bytes, end);
	if (error != 0)
		return error;
	size_t length = *end - at - prefix;
	if (length > packet_mask(8 * prefix))
		return -EOVERFLOW;
	if (little)
		packet_store_le(into.bytes + at, prefix, length);
	else
		packet_store_be(into.bytes + at, prefix, length);
	return 0;
}

/* For generated code: text and a 0 after it. -ENOBUFS, or -EINVAL for text with a 0 in it. */
must_check int packet_put_cstring(struct slice into, size_t at, const struct packet_bytes *bytes,
                                  size_t *end);

/* For generated code: the position after the first 0 from `at` on, or 0 if there is none. */
packet_inline size_t packet_after_zero(struct slice bytes, size_t at)
{
	for (; at < bytes.length; at++)
		if (bytes.bytes[at] == 0)
			return at + 1;
	return 0;
}

/* For generated code: an SSH multiple-precision integer (RFC 4251 section 5), of a magnitude. */
must_check int packet_put_mpint(struct slice into, size_t at, const struct packet_bytes *bytes,
                                size_t *end);

/* Bytes that packet_put_mpint() writes. */
size_t packet_mpint_size(const struct packet_bytes *bytes);

/* For generated code: add to a length. -EOVERFLOW past PACKET_LENGTH_MAX. */
packet_inline must_check int packet_add(size_t *size, size_t more)
{
	if (more > (size_t)PACKET_LENGTH_MAX - *size)
		return -EOVERFLOW;
	*size += more;
	return 0;
}

packet_inline size_t packet_aligned(size_t size, size_t alignment)
{
	return (size + alignment - 1) / alignment * alignment;
}

/* True if the text, without its NUL, is what the slice holds. */
packet_inline bool packet_is_text(struct slice slice, const char *text, size_t length)
{
	return slice.length == length && (length == 0 || memcmp(slice.bytes, text, length) == 0);
}

#endif
