// SPDX-License-Identifier: ISC
/* What generated code stands on: bits, checksums, names, places, text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/packet.h>
#include <mirage/packet_checksum.h>
#include <mirage/packet_name.h>
#include <mirage/packet_text.h>

/* Bit by bit: bit 0 of a byte is its highest, or its lowest. */
static uint64_t oracle_bits(const uint8_t *bytes, unsigned phase, unsigned width, bool lsb)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++) {
		unsigned at = phase + i;
		uint64_t bit = (uint64_t)bytes[at / 8] >> (lsb ? at % 8 : 7 - at % 8) & 1;

		value = lsb ? value | bit << i : value << 1 | bit;
	}
	return value;
}

static uint64_t next_random(uint64_t *random)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return *random ^ *random >> 33;
}

static void bits_of_every_phase_and_width_are_those_of_the_oracle(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (unsigned phase = 0; phase < 8; phase++) {
		for (unsigned width = 1; width <= 64; width++) {
			/* Exactly the bytes that the field covers: the sanitizer sees one more. */
			size_t size = (phase + width + 7) / 8;
			uint8_t *bytes = malloc(size);

			for (size_t i = 0; i < size; i++)
				bytes[i] = (uint8_t)next_random(&random);
			assert_true(packet_bits(bytes, phase, width) ==
			            oracle_bits(bytes, phase, width, false));
			assert_true(packet_bits_lsb(bytes, phase, width) ==
			            oracle_bits(bytes, phase, width, true));
			free(bytes);
		}
	}
}

static void storing_bits_changes_only_them(void **state)
{
	uint64_t random = 2;

	(void)state;
	for (unsigned phase = 0; phase < 8; phase++) {
		for (unsigned width = 1; width <= 64; width++) {
			for (int lsb = 0; lsb <= 1; lsb++) {
				uint8_t before[9], after[9];
				uint64_t value = next_random(&random) & packet_mask(width);

				for (size_t i = 0; i < 9; i++)
					before[i] = after[i] = (uint8_t)next_random(&random);
				if (lsb)
					packet_store_bits_lsb(after, phase, width, value);
				else
					packet_store_bits(after, phase, width, value);
				assert_true(oracle_bits(after, phase, width, lsb) == value);
				for (unsigned bit = 0; bit < 72; bit++)
					if (bit < phase || bit >= phase + width)
						assert_true(oracle_bits(before, bit, 1, lsb) ==
						            oracle_bits(after, bit, 1, lsb));
			}
		}
	}
}

static void integers_of_every_size_survive(void **state)
{
	uint8_t bytes[8];

	(void)state;
	for (unsigned count = 1; count <= 8; count++) {
		uint64_t value = 0x8123456789abcdef & packet_mask(8 * count);

		packet_store_be(bytes, count, value);
		assert_true(packet_be(bytes, count) == value);
		assert_int_equal(bytes[count - 1], 0xef);
		packet_store_le(bytes, count, value);
		assert_true(packet_le(bytes, count) == value);
		assert_int_equal(bytes[0], 0xef);
	}
}

static void bytes_move_as_by_memmove_at_all_lengths_and_overlaps(void **state)
{
	(void)state;
	for (size_t length = 0; length <= 40; length++)
		for (size_t to = 0; to <= 20; to++) {
			uint8_t moved[64], expected[64];

			for (size_t i = 0; i < sizeof(moved); i++)
				moved[i] = expected[i] = (uint8_t)(i * 7 + 1);
			packet_move(moved + to, moved + 10, length);
			memmove(expected + to, expected + 10, length);
			assert_memory_equal(moved, expected, sizeof(moved));
		}
}

static void the_checksum_of_the_rfc_comes_out(void **state)
{
	/* RFC 1071 section 3: the sum of these is ddf2. */
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(packet_checksum(bytes, sizeof(bytes)), 0xffff - 0xddf2);
}

static void a_pseudo_header_counts_as_its_bytes(void **state)
{
	const struct ipv4_address source = { { 10, 0, 0, 1 } },
				  destination = { { 192, 0, 2, 255 } };
	uint8_t bytes[12 + 5] = { 10, 0, 0, 1, 192, 0, 2, 255, 0, 17, 0, 5, 1, 2, 3, 4, 5 };
	struct packet_pseudo pseudo = packet_pseudo_ipv4(source, destination, 17);

	(void)state;
	assert_int_equal(packet_checksum_after(packet_pseudo_sum(pseudo, 5), bytes + 12, 5),
	                 packet_checksum(bytes, sizeof(bytes)));
}

static void a_pseudo_header_of_ipv6_counts_as_its_bytes(void **state)
{
	struct ipv6_address source, destination;
	uint8_t bytes[40 + 5] = { [34] = 0, [35] = 5, [39] = 17, [40] = 1, 2, 3, 4, 5 };

	(void)state;
	/* Sums of 32 bits that are carried, and such that are not. */
	for (int fill = 0; fill < 256; fill += 51) {
		memset(&source, fill, sizeof(source));
		memset(&destination, 255 - fill / 2, sizeof(destination));
		memcpy(bytes, &source, 16);
		memcpy(bytes + 16, &destination, 16);
		struct packet_pseudo pseudo = packet_pseudo_ipv6(source, destination, 17);
		assert_true(pseudo.is_ipv6);
		assert_int_equal(packet_checksum_after(packet_pseudo_sum(pseudo, 5), bytes + 40, 5),
		                 packet_checksum(bytes, sizeof(bytes)));
	}
	/* A length of more than 16 bits. */
	bytes[33] = 1;
	struct packet_pseudo pseudo = packet_pseudo_ipv6(source, destination, 17);
	assert_int_equal(packet_checksum_after(packet_pseudo_sum(pseudo, 0x10005), bytes + 40, 5),
	                 packet_checksum(bytes, sizeof(bytes)));
}

static void the_crc_of_the_usual_nine_digits_comes_out(void **state)
{
	(void)state;
	assert_int_equal(packet_crc32(0, (const uint8_t *)"123456789", 9), 0xcbf43926);
	assert_int_equal(packet_crc32(packet_crc32(0, (const uint8_t *)"1234", 4),
	                              (const uint8_t *)"56789", 5),
	                 0xcbf43926);
}

static int parse_name(const char *bytes, size_t length, size_t offset, size_t *end)
{
	uint8_t *exact = malloc(length);

	memcpy(exact, bytes, length);
	int error = packet_name_parse(slice_of(exact, length), offset, end);
	free(exact);
	return error;
}

static void names_end_whatever_their_pointers_say(void **state)
{
	size_t end = 0;

	(void)state;
	assert_int_equal(parse_name("\1a\1b\0", 5, 0, &end), 0);
	assert_int_equal(end, 5);
	assert_int_equal(parse_name("\1a\0\1b\xc0\0zz", 9, 3, &end), 0);
	assert_int_equal(end, 7);
	assert_int_equal(parse_name("\xc0\0", 2, 0, &end), -EBADMSG);       /* to itself */
	assert_int_equal(parse_name("\xc0\2\0", 3, 0, &end), -EBADMSG);     /* forward */
	assert_int_equal(parse_name("\1a\xc0\0", 4, 0, &end), -EBADMSG);    /* round in a circle */
	assert_int_equal(parse_name("\xc0\2\xc0\0", 4, 2, &end), -EBADMSG); /* two in a circle */
	assert_int_equal(parse_name("\x40z", 2, 0, &end), -EBADMSG);        /* a reserved kind */
	assert_int_equal(parse_name("\3ab", 3, 0, &end), -EMSGSIZE);
	assert_int_equal(parse_name("\1a", 2, 0, &end), -EMSGSIZE);
	assert_int_equal(parse_name("\xc0", 1, 0, &end), -EMSGSIZE);
}

/* `count` labels of `length` bytes. */
static size_t make_name(char *bytes, size_t count, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		bytes[i * (length + 1)] = (char)length;
		memset(bytes + i * (length + 1) + 1, 'x', length);
	}
	bytes[count * (length + 1)] = 0;
	return count * (length + 1) + 1;
}

static void names_have_limits(void **state)
{
	char bytes[512];
	size_t end = 0;

	(void)state;
	assert_int_equal(parse_name(bytes, make_name(bytes, 1, 63), 0, &end), 0);
	assert_int_equal(parse_name(bytes, make_name(bytes, 127, 1), 0, &end), 0);
	assert_int_equal(end, 255);
	assert_int_equal(parse_name(bytes, make_name(bytes, 128, 1), 0, &end), -EBADMSG);
	/* A long tail by pointer counts too. */
	size_t length = make_name(bytes, 127, 1);
	memcpy(bytes + length, "\1y\xc0\0", 4);
	assert_int_equal(parse_name(bytes, length + 4, length, &end), -EBADMSG);
}

static void text_and_name_are_one_another(void **state)
{
	uint8_t bytes[PACKET_NAME_SIZE];
	char text[PACKET_NAME_TEXT_SIZE];
	struct packet_name name;

	(void)state;
	assert_int_equal(packet_name_from_text("www.example.org.", bytes, &name), 0);
	assert_int_equal(packet_name_size(name), 17);
	assert_string_equal(packet_name_to_text(name, text), "www.example.org");
	assert_int_equal(packet_name_from_text("a\\.b\\007c.d", bytes, &name), 0);
	assert_memory_equal(bytes, "\5a.b\7c\1d", 9);
	assert_string_equal(packet_name_to_text(name, text), "a\\.b\\007c.d");
	assert_int_equal(packet_name_from_text(".", bytes, &name), 0);
	assert_int_equal(packet_name_size(name), 1);
	assert_string_equal(packet_name_to_text(name, text), ".");
	assert_int_equal(packet_name_from_text("a..b", bytes, &name), -EINVAL);
	assert_int_equal(packet_name_from_text(".a", bytes, &name), -EINVAL);
	assert_int_equal(packet_name_from_text("a\\", bytes, &name), -EINVAL);
	assert_int_equal(packet_name_from_text("a\\999", bytes, &name), -EINVAL);
	char long_label[80];
	memset(long_label, 'x', sizeof(long_label));
	long_label[64] = '\0';
	assert_int_equal(packet_name_from_text(long_label, bytes, &name), -EINVAL);
	long_label[63] = '\0';
	assert_int_equal(packet_name_from_text(long_label, bytes, &name), 0);
}

static size_t put_name(struct slice message, size_t at, const char *text,
                       const struct packet_compression *compression)
{
	uint8_t bytes[PACKET_NAME_SIZE];
	struct packet_name name;
	size_t end = 0;

	assert_int_equal(packet_name_from_text(text, bytes, &name), 0);
	assert_int_equal(packet_name_put(message, at, name, compression, &end), 0);
	return end;
}

static void names_written_before_are_pointed_at(void **state)
{
	struct packet_name_table table = { .count = 0 };
	struct packet_compression compression = packet_name_table(&table);
	uint8_t room[128] = { 0 };
	struct slice message = slice_of(room, sizeof(room));
	char text[PACKET_NAME_TEXT_SIZE];

	(void)state;
	size_t second = put_name(message, 0, "www.example.org", &compression);
	size_t third = put_name(message, second, "mail.EXAMPLE.org", &compression);
	size_t end = put_name(message, third, "www.example.org", &compression);
	assert_int_equal(third - second, 7); /* "mail" and a pointer */
	assert_int_equal(end - third, 2);
	assert_memory_equal(room + second, "\4mail\xc0\4\xc0\0", 9);
	assert_string_equal(packet_name_to_text((struct packet_name){ message, second }, text),
	                    "mail.example.org");
	size_t plain = put_name(message, end, "www.example.org", NULL);
	assert_int_equal(plain - end, 17);
}

static void a_name_without_room_is_refused(void **state)
{
	uint8_t bytes[PACKET_NAME_SIZE], room[16];
	struct packet_name name;
	size_t end;

	(void)state;
	assert_int_equal(packet_name_from_text("www.example.org", bytes, &name), 0);
	assert_int_equal(packet_name_put(slice_of(room, sizeof(room)), 0, name, NULL, &end),
	                 -ENOBUFS);
	name.offset = 200;
	assert_int_equal(packet_name_put(slice_of(room, sizeof(room)), 0, name, NULL, &end),
	                 -EINVAL);
}

static int write_three(void *context, struct slice into)
{
	(void)context;
	if (into.length < 3)
		return -ENOBUFS;
	memcpy(into.bytes, "abc", 3);
	return 3;
}

static int write_too_much(void *context, struct slice into)
{
	(void)context;
	return (int)into.length + 1;
}

static void bytes_in_their_place_are_not_copied(void **state)
{
	uint8_t room[8] = "01234567";
	const struct packet_bytes there = packet_bytes(room + 2, 4);
	size_t end = 0;

	(void)state;
	assert_int_equal(packet_put(slice_of(room, sizeof(room)), 2, &there, &end), 0);
	assert_int_equal(end, 6);
	assert_memory_equal(room, "01234567", 8);
	assert_int_equal(packet_put(slice_of(room, sizeof(room)), 1, &there, &end),
	                 0); /* overlapping */
	assert_memory_equal(room, "02345567", 8);
	assert_int_equal(packet_put(slice_of(room, 5), 2, &there, &end), -ENOBUFS);
}

static void bytes_in_place_are_not_touched(void **state)
{
	uint8_t room[8] = "01234567";
	const struct packet_bytes here = packet_bytes_in_place(4);
	size_t end = 0;

	(void)state;
	assert_int_equal(packet_put(slice_of(room, 8), 3, &here, &end), 0);
	assert_int_equal(end, 7);
	assert_int_equal(packet_put(slice_of(room, 8), 5, &here, &end), -ENOBUFS);
	assert_int_equal(packet_put_fixed(slice_of(room, 8), 0, &here, 4), 0);
	assert_int_equal(packet_put_fixed(slice_of(room, 8), 0, &here, 5), -EINVAL);
	assert_memory_equal(room, "01234567", 8);
	assert_int_equal(packet_put_string(slice_of(room, 8), 1, &here, 2, false, &end), 0);
	assert_int_equal(end, 7);
	assert_memory_equal(room, "0\0\00434567", 8);
	assert_int_equal(packet_put_mpint(slice_of(room, 8), 0, &here, &end), -EINVAL);
	assert_int_equal(packet_mpint_size(&here), 4);
}

static void a_function_may_write_what_there_is_room_for(void **state)
{
	uint8_t room[4];
	const struct packet_bytes three = packet_bytes_by(write_three, NULL);
	const struct packet_bytes liar = packet_bytes_by(write_too_much, NULL);
	size_t end = 0;

	(void)state;
	assert_int_equal(packet_put(slice_of(room, 4), 1, &three, &end), 0);
	assert_int_equal(end, 4);
	assert_int_equal(packet_put(slice_of(room, 4), 2, &three, &end), -ENOBUFS);
	assert_int_equal(packet_put(slice_of(room, 4), 0, &liar, &end), -ENOBUFS);
}

static void text_is_cut_but_counted(void **state)
{
	char text[8];
	struct packet_text out = packet_text_of(text, sizeof(text), false);

	(void)state;
	packet_text_begin(&out, "udp");
	packet_text_field(&out, "port", 0);
	packet_text_unsigned(&out, 65535);
	assert_string_equal(text, "udp por");
	assert_int_equal(out.length, 14);
	packet_text_of(NULL, 0, false);
	out = packet_text_of(text, sizeof(text), false);
	packet_text_signed(&out, INT64_MIN);
	assert_int_equal(out.length, 20);
	char large[64];
	out = packet_text_of(large, sizeof(large), false);
	packet_text_uint128(&out, ~(packet_uint128)0);
	assert_string_equal(large, "340282366920938463463374607431768211455");
	out = packet_text_of(large, sizeof(large), false);
	packet_text_quoted(&out, slice_of((char[]){ "a\"\n" }, 3));
	assert_string_equal(large, "\"a\\x22\\x0a\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_of_every_phase_and_width_are_those_of_the_oracle),
		cmocka_unit_test(storing_bits_changes_only_them),
		cmocka_unit_test(integers_of_every_size_survive),
		cmocka_unit_test(bytes_move_as_by_memmove_at_all_lengths_and_overlaps),
		cmocka_unit_test(the_checksum_of_the_rfc_comes_out),
		cmocka_unit_test(a_pseudo_header_counts_as_its_bytes),
		cmocka_unit_test(a_pseudo_header_of_ipv6_counts_as_its_bytes),
		cmocka_unit_test(the_crc_of_the_usual_nine_digits_comes_out),
		cmocka_unit_test(names_end_whatever_their_pointers_say),
		cmocka_unit_test(names_have_limits),
		cmocka_unit_test(text_and_name_are_one_another),
		cmocka_unit_test(names_written_before_are_pointed_at),
		cmocka_unit_test(a_name_without_room_is_refused),
		cmocka_unit_test(bytes_in_their_place_are_not_copied),
		cmocka_unit_test(bytes_in_place_are_not_touched),
		cmocka_unit_test(a_function_may_write_what_there_is_room_for),
		cmocka_unit_test(text_is_cut_but_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
