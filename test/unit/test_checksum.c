/* SPDX-License-Identifier: ISC */
/* The Internet checksum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <mirage/checksum.h>

/* As RFC 1071 describes it: one word of network order after the other. */
static uint16_t by_the_book(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void agrees_with_the_rfc_for_all_lengths_and_places(void **state)
{
	uint8_t bytes[400];
	unsigned random = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)((random = random * 1103515245 + 12345) >> 16);
	for (size_t at = 0; at < 17; at++)
		for (size_t length = 0; length < sizeof(bytes) - at; length++) {
			uint8_t stored[2];
			uint16_t book = by_the_book(bytes + at, length);

			checksum_store(stored,
			               checksum_finish(checksum_add(0, bytes + at, length)));
			assert_int_equal(stored[0], book >> 8);
			assert_int_equal(stored[1], book & 0xff);
		}
}

static void carries_are_not_lost(void **state)
{
	uint8_t bytes[4096];
	uint8_t stored[2];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	checksum_store(stored, checksum_finish(checksum_add(0xffff, bytes, sizeof(bytes))));
	assert_int_equal(stored[0] << 8 | stored[1], 0);
}

static void pieces_of_even_length_add_up(void **state)
{
	uint8_t bytes[100];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37);
	for (size_t cut = 0; cut <= sizeof(bytes); cut += 2) {
		uint32_t sum = checksum_add(0, bytes, cut);

		sum = checksum_add(sum, bytes + cut, sizeof(bytes) - cut);
		assert_int_equal(sum, checksum_add(0, bytes, sizeof(bytes)));
	}
}

static void a_sum_may_have_64_bits(void **state)
{
	static const uint64_t sums[] = { 0x123456789abcdef0, UINT64_MAX, UINT64_MAX - 1,
		                         1ULL << 63 };
	const uint8_t bytes[] = { 0xff, 0xfe, 0xfd };
	uint8_t both[8 + sizeof(bytes)];

	(void)state;
	memcpy(both + 8, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		memcpy(both, &sums[i], 8);
		assert_int_equal(checksum_add(sums[i], bytes, sizeof(bytes)),
		                 checksum_add(0, both, sizeof(both)));
		assert_int_equal(checksum_fold(sums[i]), checksum_add(0, both, 8));
		assert_int_equal(checksum_fold(checksum_carry(sums[i], sums[3])),
		                 checksum_add(sums[3], both, 8));
	}
}

static void a_number_counts_as_its_bytes(void **state)
{
	const uint8_t bytes[2] = { 0x12, 0x34 };

	(void)state;
	assert_int_equal(checksum_add_number(7, 0x1234), checksum_add(7, bytes, 2));
	/* Sums that carry, once and twice, and what is not a sum yet. */
	for (uint32_t sum = 0xfff0; sum >= 0xfff0; sum = sum * 3 + 1)
		assert_int_equal(checksum_add_number(sum, 0x1234), checksum_add(sum, bytes, 2));
	assert_int_equal(checksum_add_number(0xffffffff, 0x1234),
	                 checksum_add(0xffffffff, bytes, 2));
	assert_int_equal(checksum_add_number(0xffff, 0xffff), checksum_add(0xffff, "\xff\xff", 2));
	assert_int_equal(checksum_add_number(0, 0), 0);
}

static void bytes_with_their_checksum_sum_to_zero(void **state)
{
	/* The header of RFC 1071's neighbourhood: an IPv4 header, checksum at 10. */
	uint8_t header[20] = { 0x45, 0, 0,  0x54, 0x12, 0x34, 0x40, 0, 64, 1,
		               0,    0, 10, 0,    0,    1,    10,   0, 0,  2 };

	(void)state;
	checksum_store(header + 10, checksum_finish(checksum_add(0, header, sizeof(header))));
	assert_int_equal(checksum_finish(checksum_add(0, header, sizeof(header))), 0);
	header[19]++;
	assert_int_not_equal(checksum_finish(checksum_add(0, header, sizeof(header))), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_rfc_for_all_lengths_and_places),
		cmocka_unit_test(carries_are_not_lost),
		cmocka_unit_test(pieces_of_even_length_add_up),
		cmocka_unit_test(a_sum_may_have_64_bits),
		cmocka_unit_test(a_number_counts_as_its_bytes),
		cmocka_unit_test(bytes_with_their_checksum_sum_to_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
