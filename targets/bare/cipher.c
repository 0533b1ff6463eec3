// SPDX-License-Identifier: ISC
/* Ciphers by Mbed TLS (packages/mbedtls). */
#include <mirage/cipher.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/aes.h>
#include <mbedtls/ccm.h>

struct cipher_xts {
	mbedtls_aes_xts_context encrypting, decrypting;
};

struct cipher_ccm {
	mbedtls_ccm_context context;
	struct cipher_ccm_form form;
};

int cipher_xts_new(const uint8_t key[CIPHER_XTS_KEY_LENGTH], struct cipher_xts **cipher)
{
	if (memcmp(key, key + CIPHER_XTS_KEY_LENGTH / 2, CIPHER_XTS_KEY_LENGTH / 2) == 0)
		return -EINVAL;
	struct cipher_xts *new = calloc(1, sizeof(*new));
	if (new == NULL)
		return -ENOMEM;
	mbedtls_aes_xts_init(&new->encrypting);
	mbedtls_aes_xts_init(&new->decrypting);
	if (mbedtls_aes_xts_setkey_enc(&new->encrypting, key, 8 * CIPHER_XTS_KEY_LENGTH) != 0 ||
	    mbedtls_aes_xts_setkey_dec(&new->decrypting, key, 8 * CIPHER_XTS_KEY_LENGTH) != 0) {
		cipher_xts_free(new);
		return -ENOMEM;
	}
	*cipher = new;
	return 0;
}

void cipher_xts_free(struct cipher_xts *cipher)
{
	if (cipher != NULL) {
		mbedtls_aes_xts_free(&cipher->encrypting);
		mbedtls_aes_xts_free(&cipher->decrypting);
	}
	free(cipher);
}

static int xts(mbedtls_aes_xts_context *context, int mode, uint64_t unit, const uint8_t *from,
               uint8_t *to, size_t length)
{
	uint8_t tweak[16];

	cipher_xts_tweak(unit, tweak);
	return mbedtls_aes_crypt_xts(context, mode, length, tweak, from, to) == 0 ? 0 : -EIO;
}

int cipher_xts_encrypt(struct cipher_xts *cipher, uint64_t unit, const uint8_t *from, uint8_t *to,
                       size_t length)
{
	return xts(&cipher->encrypting, MBEDTLS_AES_ENCRYPT, unit, from, to, length);
}

int cipher_xts_decrypt(struct cipher_xts *cipher, uint64_t unit, const uint8_t *from, uint8_t *to,
                       size_t length)
{
	return xts(&cipher->decrypting, MBEDTLS_AES_DECRYPT, unit, from, to, length);
}

int cipher_ccm_new(const uint8_t *key, const struct cipher_ccm_form *form,
                   struct cipher_ccm **cipher)
{
	if (!cipher_ccm_form_valid(form))
		return -EINVAL;
	struct cipher_ccm *new = calloc(1, sizeof(*new));
	if (new == NULL)
		return -ENOMEM;
	new->form = *form;
	mbedtls_ccm_init(&new->context);
	if (mbedtls_ccm_setkey(&new->context, MBEDTLS_CIPHER_ID_AES, key,
	                       (unsigned int)(8 * form->key_length)) != 0) {
		cipher_ccm_free(new);
		return -ENOMEM;
	}
	*cipher = new;
	return 0;
}

void cipher_ccm_free(struct cipher_ccm *cipher)
{
	if (cipher != NULL)
		mbedtls_ccm_free(&cipher->context);
	free(cipher);
}

int cipher_ccm_seal(struct cipher_ccm *cipher, const uint8_t *nonce, struct slice additional,
                    const uint8_t *from, uint8_t *to, size_t length, uint8_t *tag)
{
	return mbedtls_ccm_encrypt_and_tag(
		       &cipher->context, length, nonce, cipher->form.nonce_length, additional.bytes,
		       additional.length, from, to, tag, cipher->form.tag_length) == 0
	               ? 0
	               : -EIO;
}

int cipher_ccm_open(struct cipher_ccm *cipher, const uint8_t *nonce, struct slice additional,
                    const uint8_t *from, uint8_t *to, size_t length, const uint8_t *tag)
{
	int result = mbedtls_ccm_auth_decrypt(
		&cipher->context, length, nonce, cipher->form.nonce_length, additional.bytes,
		additional.length, from, to, tag, cipher->form.tag_length);

	if (result == MBEDTLS_ERR_CCM_AUTH_FAILED)
		return -EBADMSG;
	return result == 0 ? 0 : -EIO;
}
