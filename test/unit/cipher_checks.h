/* SPDX-License-Identifier: ISC */
/*
 * What <mirage/cipher.h> promises, for whichever library it is linked with: test_cipher.c has unix's,
 * test_cipher_bare.c that of images.
 */
#ifndef TEST_UNIT_CIPHER_CHECKS_H
#define TEST_UNIT_CIPHER_CHECKS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mirage/cipher.h>

#include "test/unit/cipher_vectors.h"

enum {
	CIPHER_TEXT_MAX = 512,
};

static size_t bytes_of(const char *text, uint8_t *bytes)
{
	size_t length = strlen(text) / 2;

	for (size_t i = 0; i < length; i++) {
		const char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

		bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return length;
}

static struct cipher_xts *xts_of_vectors(void)
{
	uint8_t key[CIPHER_XTS_KEY_LENGTH];
	struct cipher_xts *cipher = NULL;

	assert_int_equal(bytes_of(xts_key_text, key), sizeof(key));
	assert_int_equal(cipher_xts_new(key, &cipher), 0);
	return cipher;
}

static void xts_is_as_ieee_1619_says(void **unused)
{
	struct cipher_xts *cipher = xts_of_vectors();
	uint8_t plain[512], expected[512], bytes[512];

	(void)unused;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(xts_vectors) / sizeof(xts_vectors[0]); i++) {
		assert_int_equal(bytes_of(xts_vectors[i].encrypted, expected), 512);
		assert_int_equal(cipher_xts_encrypt(cipher, xts_vectors[i].unit, plain, bytes, 512),
		                 0);
		assert_memory_equal(bytes, expected, 512);
		assert_int_equal(
			cipher_xts_decrypt(cipher, xts_vectors[i].unit, expected, bytes, 512), 0);
		assert_memory_equal(bytes, plain, 512);
	}
	cipher_xts_free(cipher);
}

static void xts_works_in_place_and_on_any_address(void **unused)
{
	struct cipher_xts *cipher = xts_of_vectors();
	uint8_t bytes[513], expected[512];

	(void)unused;
	for (size_t i = 0; i < 512; i++)
		bytes[i + 1] = (uint8_t)i;
	assert_int_equal(bytes_of(xts_vectors[0].encrypted, expected), 512);
	assert_int_equal(cipher_xts_encrypt(cipher, xts_vectors[0].unit, bytes + 1, bytes + 1, 512),
	                 0);
	assert_memory_equal(bytes + 1, expected, 512);
	assert_int_equal(cipher_xts_decrypt(cipher, xts_vectors[0].unit, bytes + 1, bytes + 1, 512),
	                 0);
	for (size_t i = 0; i < 512; i++)
		assert_int_equal(bytes[i + 1], (uint8_t)i);
	cipher_xts_free(cipher);
}

static void xts_refuses_a_key_of_equal_halves(void **unused)
{
	uint8_t key[CIPHER_XTS_KEY_LENGTH];
	struct cipher_xts *cipher = NULL;

	(void)unused;
	memset(key, 7, sizeof(key));
	assert_int_equal(cipher_xts_new(key, &cipher), -EINVAL);
	assert_null(cipher);
	cipher_xts_free(NULL);
}

/* A vector, as bytes. */
struct ccm_message {
	uint8_t key[32], nonce[CIPHER_CCM_NONCE_MAX], additional[64], text[64], sealed[80];
	size_t additional_length, length;
	struct cipher_ccm_form form;
};

static struct cipher_ccm *ccm_of_vector(size_t index, struct ccm_message *m)
{
	struct cipher_ccm *cipher = NULL;

	m->form.key_length = bytes_of(ccm_vectors[index].key, m->key);
	m->form.nonce_length = bytes_of(ccm_vectors[index].nonce, m->nonce);
	m->additional_length = bytes_of(ccm_vectors[index].additional, m->additional);
	m->length = bytes_of(ccm_vectors[index].text, m->text);
	m->form.tag_length = bytes_of(ccm_vectors[index].sealed, m->sealed) - m->length;
	assert_int_equal(cipher_ccm_new(m->key, &m->form, &cipher), 0);
	return cipher;
}

static int ccm_open_vector(struct cipher_ccm *cipher, struct ccm_message *m, uint8_t *bytes)
{
	return cipher_ccm_open(cipher, m->nonce, slice_of(m->additional, m->additional_length),
	                       m->sealed, bytes, m->length, m->sealed + m->length);
}

static void ccm_is_as_nist_and_the_rfc_say(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(ccm_vectors) / sizeof(ccm_vectors[0]); i++) {
		struct ccm_message m;
		uint8_t bytes[80];
		struct cipher_ccm *cipher = ccm_of_vector(i, &m);

		print_message("%s\n", ccm_vectors[i].name);
		for (int round = 0; round < 2; round++) { /* a cipher is used again and again */
			assert_int_equal(
				cipher_ccm_seal(cipher, m.nonce,
			                        slice_of(m.additional, m.additional_length), m.text,
			                        bytes, m.length, bytes + m.length),
				0);
			assert_memory_equal(bytes, m.sealed, m.length + m.form.tag_length);
			assert_int_equal(ccm_open_vector(cipher, &m, bytes), 0);
			assert_memory_equal(bytes, m.text, m.length);
		}
		cipher_ccm_free(cipher);
	}
	cipher_ccm_free(NULL);
}

/* A bit of the key, the nonce, what is only authenticated, the text or the tag. */
static void ccm_finds_every_changed_bit(void **unused)
{
	struct ccm_message m;
	uint8_t bytes[80];
	struct cipher_ccm *cipher = ccm_of_vector(6, &m);
	const struct slice parts[] = { slice_of(m.nonce, m.form.nonce_length),
		                       slice_of(m.additional, m.additional_length),
		                       slice_of(m.sealed, m.length + m.form.tag_length) };

	(void)unused;
	for (size_t part = 0; part < 3; part++)
		for (size_t bit = 0; bit < 8 * parts[part].length; bit++) {
			parts[part].bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
			memset(bytes, 0xaa, sizeof(bytes));
			assert_int_equal(ccm_open_vector(cipher, &m, bytes), -EBADMSG);
			assert_memory_not_equal(bytes, m.text, m.length);
			parts[part].bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		}
	assert_int_equal(ccm_open_vector(cipher, &m, bytes), 0); /* nothing stuck */
	cipher_ccm_free(cipher);
	m.key[31] ^= 1;
	assert_int_equal(cipher_ccm_new(m.key, &m.form, &cipher), 0);
	assert_int_equal(ccm_open_vector(cipher, &m, bytes), -EBADMSG);
	cipher_ccm_free(cipher);
}

static void ccm_works_in_place(void **unused)
{
	struct ccm_message m;
	struct cipher_ccm *cipher = ccm_of_vector(6, &m);

	(void)unused;
	assert_int_equal(ccm_open_vector(cipher, &m, m.sealed), 0);
	assert_memory_equal(m.sealed, m.text, m.length);
	cipher_ccm_free(cipher);
}

static void ccm_refuses_what_is_no_form(void **unused)
{
	static const struct cipher_ccm_form wrong[] = {
		{ 15, 8, 16 },  { 33, 8, 16 }, { 0, 8, 16 }, { 16, 6, 16 },
		{ 16, 14, 16 }, { 16, 8, 2 },  { 16, 8, 5 }, { 16, 8, 18 },
	};
	static const uint8_t key[64];
	struct cipher_ccm *cipher = NULL;

	(void)unused;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(cipher_ccm_new(key, &wrong[i], &cipher), -EINVAL);
		assert_null(cipher);
	}
}

static int check_ciphers(const char *library)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xts_is_as_ieee_1619_says),
		cmocka_unit_test(xts_works_in_place_and_on_any_address),
		cmocka_unit_test(xts_refuses_a_key_of_equal_halves),
		cmocka_unit_test(ccm_is_as_nist_and_the_rfc_say),
		cmocka_unit_test(ccm_finds_every_changed_bit),
		cmocka_unit_test(ccm_works_in_place),
		cmocka_unit_test(ccm_refuses_what_is_no_form),
	};

	print_message("# %s\n", library);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
