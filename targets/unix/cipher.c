// SPDX-License-Identifier: ISC
/* Ciphers by OpenSSL's libcrypto. Its contexts keep a key's schedule for one direction each. */
#include <mirage/cipher.h>

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* The two directions of a cipher. */
struct contexts {
	EVP_CIPHER_CTX *encrypting, *decrypting;
};

struct cipher_xts {
	struct contexts contexts;
};

struct cipher_ccm {
	struct contexts contexts;
	struct cipher_ccm_form form;
};

static void contexts_free(struct contexts *contexts)
{
	EVP_CIPHER_CTX_free(contexts->encrypting);
	EVP_CIPHER_CTX_free(contexts->decrypting);
}

int cipher_xts_new(const uint8_t key[CIPHER_XTS_KEY_LENGTH], struct cipher_xts **cipher)
{
	struct cipher_xts *new = calloc(1, sizeof(*new));

	if (memcmp(key, key + CIPHER_XTS_KEY_LENGTH / 2, CIPHER_XTS_KEY_LENGTH / 2) == 0) {
		free(new);
		return -EINVAL;
	}
	if (new == NULL)
		return -ENOMEM;
	new->contexts.encrypting = EVP_CIPHER_CTX_new();
	new->contexts.decrypting = EVP_CIPHER_CTX_new();
	if (new->contexts.encrypting == NULL || new->contexts.decrypting == NULL ||
	    EVP_EncryptInit_ex(new->contexts.encrypting, EVP_aes_256_xts(), NULL, key, NULL) != 1 ||
	    EVP_DecryptInit_ex(new->contexts.decrypting, EVP_aes_256_xts(), NULL, key, NULL) != 1) {
		cipher_xts_free(new);
		return -ENOMEM;
	}
	*cipher = new;
	return 0;
}

void cipher_xts_free(struct cipher_xts *cipher)
{
	if (cipher != NULL)
		contexts_free(&cipher->contexts);
	free(cipher);
}

static int xts(EVP_CIPHER_CTX *context, uint64_t unit, const uint8_t *from, uint8_t *to,
               size_t length)
{
	uint8_t tweak[16];
	int done;

	cipher_xts_tweak(unit, tweak);
	if (EVP_CipherInit_ex(context, NULL, NULL, NULL, tweak, -1) != 1 ||
	    EVP_CipherUpdate(context, to, &done, from, (int)length) != 1 || done != (int)length)
		return -EIO;
	return 0;
}

int cipher_xts_encrypt(struct cipher_xts *cipher, uint64_t unit, const uint8_t *from, uint8_t *to,
                       size_t length)
{
	return xts(cipher->contexts.encrypting, unit, from, to, length);
}

int cipher_xts_decrypt(struct cipher_xts *cipher, uint64_t unit, const uint8_t *from, uint8_t *to,
                       size_t length)
{
	return xts(cipher->contexts.decrypting, unit, from, to, length);
}

static EVP_CIPHER_CTX *ccm_context(const EVP_CIPHER *kind, const uint8_t *key,
                                   const struct cipher_ccm_form *form, int encrypting)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	if (context != NULL &&
	    (EVP_CipherInit_ex(context, kind, NULL, NULL, NULL, encrypting) != 1 ||
	     EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)form->nonce_length, NULL) !=
	             1 ||
	     EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)form->tag_length, NULL) !=
	             1 ||
	     EVP_CipherInit_ex(context, NULL, NULL, key, NULL, -1) != 1)) {
		EVP_CIPHER_CTX_free(context);
		context = NULL;
	}
	return context;
}

int cipher_ccm_new(const uint8_t *key, const struct cipher_ccm_form *form,
                   struct cipher_ccm **cipher)
{
	const EVP_CIPHER *kind = form->key_length == 16   ? EVP_aes_128_ccm()
	                         : form->key_length == 24 ? EVP_aes_192_ccm()
	                                                  : EVP_aes_256_ccm();

	if (!cipher_ccm_form_valid(form))
		return -EINVAL;
	struct cipher_ccm *new = calloc(1, sizeof(*new));
	if (new == NULL)
		return -ENOMEM;
	new->form = *form;
	new->contexts.encrypting = ccm_context(kind, key, form, 1);
	new->contexts.decrypting = ccm_context(kind, key, form, 0);
	if (new->contexts.encrypting == NULL || new->contexts.decrypting == NULL) {
		cipher_ccm_free(new);
		return -ENOMEM;
	}
	*cipher = new;
	return 0;
}

void cipher_ccm_free(struct cipher_ccm *cipher)
{
	if (cipher != NULL)
		contexts_free(&cipher->contexts);
	free(cipher);
}

/* The nonce, the message's length and what is only authenticated, in the order that CCM asks for. */
static bool ccm_begin(EVP_CIPHER_CTX *context, const uint8_t *nonce, struct slice additional,
                      size_t length)
{
	int done;

	return EVP_CipherInit_ex(context, NULL, NULL, NULL, nonce, -1) == 1 &&
	       EVP_CipherUpdate(context, NULL, &done, NULL, (int)length) == 1 &&
	       (additional.length == 0 || EVP_CipherUpdate(context, NULL, &done, additional.bytes,
	                                                   (int)additional.length) == 1);
}

int cipher_ccm_seal(struct cipher_ccm *cipher, const uint8_t *nonce, struct slice additional,
                    const uint8_t *from, uint8_t *to, size_t length, uint8_t *tag)
{
	EVP_CIPHER_CTX *context = cipher->contexts.encrypting;
	int done;

	if (!ccm_begin(context, nonce, additional, length) ||
	    EVP_CipherUpdate(context, to, &done, from, (int)length) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, (int)cipher->form.tag_length,
	                        tag) != 1)
		return -EIO;
	return 0;
}

int cipher_ccm_open(struct cipher_ccm *cipher, const uint8_t *nonce, struct slice additional,
                    const uint8_t *from, uint8_t *to, size_t length, const uint8_t *tag)
{
	EVP_CIPHER_CTX *context = cipher->contexts.decrypting;
	uint8_t expected[CIPHER_CCM_TAG_MAX]; /* its call takes no const */
	int done;

	memcpy(expected, tag, cipher->form.tag_length);
	if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)cipher->form.tag_length,
	                        expected) != 1 ||
	    !ccm_begin(context, nonce, additional, length))
		return -EIO;
	if (EVP_CipherUpdate(context, to, &done, from, (int)length) == 1)
		return 0;
	explicit_bzero(to, length);
	return -EBADMSG;
}
