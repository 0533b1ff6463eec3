/* SPDX-License-Identifier: ISC */
/*
 * The ciphers that encrypted disks need: AES-256 in XTS mode (IEEE 1619), and AES in CCM mode (RFC
 * 3610, NIST SP 800-38C), which also authenticates.
 *
 * Model.       None is written here: a target has them from a library. On unix it is OpenSSL's
 *              libcrypto (targets/unix/cipher.c), in bare images Mbed TLS (targets/bare/cipher.c),
 *              built by packages/mbedtls. A device that needs them names the package.
 * Ownership.   A cipher is its maker's until it is freed, which forgets the key. Bytes stay the
 *              caller's; `from` and `to` may be the same, or not overlap.
 * Timing.      Where the processor has AES instructions, they are used. Where it has none, bare
 *              images look into tables: who shares its cache may learn of the key from the time.
 * Context.     Any. Nothing here waits. A cipher is used by one call at a time.
 * See also.    block_encryption.h, block_ccm.h
 */
#ifndef MIRAGE_CIPHER_H
#define MIRAGE_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mirage/attributes.h>
#include <mirage/slice.h>

enum {
	CIPHER_XTS_KEY_LENGTH = 64, /* bytes: AES-256's for the data, then that for the tweaks */
	CIPHER_CCM_NONCE_MIN = 7,
	CIPHER_CCM_NONCE_MAX = 13,
	CIPHER_CCM_TAG_MAX = 16,
};

struct cipher_xts;

/* -ENOMEM; -EINVAL: the two halves of the key are equal */
must_check int cipher_xts_new(const uint8_t key[CIPHER_XTS_KEY_LENGTH], struct cipher_xts **cipher);

/* NULL is allowed. */
void cipher_xts_free(struct cipher_xts *cipher);

/*
 * Encrypt, or decrypt, one data unit of `length` bytes, at least 16 and at most 2^20, whose number
 * is `unit`.
 *
 * -EIO     the library failed, or cannot do this length
 */
must_check int cipher_xts_encrypt(struct cipher_xts *cipher, uint64_t unit, const uint8_t *from,
                                  uint8_t *to, size_t length);
must_check int cipher_xts_decrypt(struct cipher_xts *cipher, uint64_t unit, const uint8_t *from,
                                  uint8_t *to, size_t length);

struct cipher_ccm;

struct cipher_ccm_form {
	size_t key_length;   /* bytes: 16, 24 or 32 */
	size_t nonce_length; /* 7 to 13; a message has less than 2^(8 * (15 - this)) bytes */
	size_t tag_length;   /* 4, 6, 8, … 16 */
};

/* -ENOMEM; -EINVAL: the form is none */
must_check int cipher_ccm_new(const uint8_t *key, const struct cipher_ccm_form *form,
                              struct cipher_ccm **cipher);

/* NULL is allowed. */
void cipher_ccm_free(struct cipher_ccm *cipher);

/*
 * Encrypt `length` bytes, and make a tag of them and of `additional`, less than 65280 bytes that are
 * only authenticated. No nonce may be used twice with a key: it would give away both texts.
 *
 * -EIO     the library failed
 */
must_check int cipher_ccm_seal(struct cipher_ccm *cipher, const uint8_t *nonce,
                               struct slice additional, const uint8_t *from, uint8_t *to,
                               size_t length, uint8_t *tag);

/*
 * Decrypt what cipher_ccm_seal() made.
 *
 * -EBADMSG the tag is not that of these bytes with this key; `to` holds nothing of them
 * -EIO     the library failed
 */
must_check int cipher_ccm_open(struct cipher_ccm *cipher, const uint8_t *nonce,
                               struct slice additional, const uint8_t *from, uint8_t *to,
                               size_t length, const uint8_t *tag);

/* For those who implement it. */

static inline bool cipher_ccm_form_valid(const struct cipher_ccm_form *form)
{
	return (form->key_length == 16 || form->key_length == 24 || form->key_length == 32) &&
	       form->nonce_length >= CIPHER_CCM_NONCE_MIN &&
	       form->nonce_length <= CIPHER_CCM_NONCE_MAX && form->tag_length >= 4 &&
	       form->tag_length <= CIPHER_CCM_TAG_MAX && form->tag_length % 2 == 0;
}

/* The number of a data unit, as XTS takes it. */
static inline void cipher_xts_tweak(uint64_t unit, uint8_t tweak[16])
{
	for (int i = 0; i < 16; i++)
		tweak[i] = (uint8_t)(i < 8 ? unit >> (8 * i) : 0);
}

#endif
