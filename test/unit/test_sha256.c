/* SPDX-License-Identifier: ISC */
/*
 * SHA-256 against the standard's examples, and against itself in pieces of every size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "storage/kv/sha256.h"

static void expect_digest(const char *text, const char *hex)
{
	struct sha256 sha;
	uint8_t digest[32];
	char printed[65];

	sha256_init(&sha);
	sha256_update(&sha, text, strlen(text));
	sha256_final(&sha, digest);
	for (size_t i = 0; i < 32; i++)
		snprintf(printed + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(printed, hex);
}

static void the_standards_examples_come_out(void **state)
{
	(void)state;
	expect_digest("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect_digest("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void pieces_make_no_difference(void **state)
{
	uint8_t bytes[300], whole[32], pieces[32];
	struct sha256 sha;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 13);
	for (size_t length = 0; length <= sizeof(bytes); length++) {
		sha256_init(&sha);
		sha256_update(&sha, bytes, length);
		sha256_final(&sha, whole);
		sha256_init(&sha);
		for (size_t done = 0, step = 1; done < length; done += step, step = step % 71 + 1) {
			if (step > length - done)
				step = length - done;
			sha256_update(&sha, bytes + done, step);
		}
		sha256_final(&sha, pieces);
		assert_memory_equal(whole, pieces, 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_examples_come_out),
		cmocka_unit_test(pieces_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
