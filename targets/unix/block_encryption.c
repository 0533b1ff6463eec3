// SPDX-License-Identifier: ISC
/*
 * Encrypted sectors, by OpenSSL's libcrypto. What is written is encrypted into memory of our own,
 * some at a time; what is read is decrypted where the caller wants it.
 */
#include <mirage/block_encryption.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>
#include <mirage/log.h>

LOG_SOURCE(log_block_encryption, "block-encryption");

enum {
	CHUNK_SIZE = 128 * 1024, /* bytes that are encrypted before they are written */
	TWEAK_UNIT = 512,        /* what sector numbers count in a tweak */
};

static const struct block_info *info(const void *self)
{
	const struct block_encryption *encryption = self;

	return &encryption->state->info;
}

/* En- or decrypt whole sectors from `sector` on, from `from` to `to`, which may be the same. */
static int convert(const struct block_encryption_state *state, void *context, uint64_t sector,
                   const uint8_t *from, uint8_t *to, size_t length)
{
	uint32_t size = state->info.sector_size;

	for (size_t at = 0; at < length; at += size, sector++) {
		uint64_t unit = sector * (size / TWEAK_UNIT);
		uint8_t tweak[16] = { 0 };
		int done;

		for (int i = 0; i < 8; i++)
			tweak[i] = (uint8_t)(unit >> (8 * i));
		if (EVP_CipherInit_ex(context, NULL, NULL, NULL, tweak, -1) != 1 ||
		    EVP_CipherUpdate(context, to + at, &done, from + at, (int)size) != 1 ||
		    done != (int)size)
			return -EIO;
	}
	return 0;
}

static int decrypt(const struct block_encryption_state *state, const struct block_request *request)
{
	uint64_t sector = request->sector;

	for (size_t i = 0; i < request->slice_count; i++) {
		const struct slice *slice = &request->slices[i];
		int result = convert(state, state->decrypting, sector, slice->bytes, slice->bytes,
		                     slice->length);

		if (result != 0)
			return result;
		sector += slice->length / state->info.sector_size;
	}
	return 0;
}

/* Reads are not changed on their way down, so a run of them stays together. */
static size_t read_run(const struct block_encryption *self, struct block_request *requests,
                       size_t count, nanoseconds deadline)
{
	size_t length = 0;

	while (length < count && requests[length].operation != BLOCK_WRITE)
		length++;
	error_ignore(block_submit(self->below, requests, length, deadline),
	             "each request has its result");
	for (size_t i = 0; i < length; i++)
		if (requests[i].result == 0 && requests[i].operation == BLOCK_READ)
			requests[i].result = decrypt(self->state, &requests[i]);
	return length;
}

static int write_encrypted(const struct block_encryption *self, const struct block_request *request,
                           nanoseconds deadline)
{
	const struct block_encryption_state *state = self->state;
	uint64_t sector = request->sector;
	uint8_t *chunk = malloc(CHUNK_SIZE);
	int result = chunk == NULL ? -ENOMEM : 0;

	for (size_t i = 0; result == 0 && i < request->slice_count; i++) {
		struct slice left = request->slices[i];

		while (result == 0 && left.length > 0) {
			size_t part = left.length < CHUNK_SIZE ? left.length : CHUNK_SIZE;

			result = convert(state, state->encrypting, sector, left.bytes, chunk, part);
			if (result == 0)
				result = block_write(self->below, sector, chunk, part, deadline);
			sector += part / state->info.sector_size;
			left = slice_of(left.bytes + part, left.length - part);
		}
	}
	free(chunk);
	return result;
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_encryption *encryption = self;
	size_t done;

	for (size_t i = 0; i < count; i += done) {
		if (requests[i].operation == BLOCK_WRITE) {
			requests[i].result = write_encrypted(encryption, &requests[i], deadline);
			done = 1;
		} else {
			done = read_run(encryption, &requests[i], count - i, deadline);
		}
	}
}

const struct block_ops block_encryption_ops = { .info = info, .submit = submit };

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* NULL and the key, or what is wrong with the text. */
static const char *key_read(const struct argument_value *value,
                            uint8_t key[BLOCK_ENCRYPTION_KEY_LENGTH])
{
	const char *text = value != NULL && value->present ? value->text : "";

	if (strlen(text) != (size_t)2 * BLOCK_ENCRYPTION_KEY_LENGTH)
		return "it has 128 hexadecimal digits (openssl rand -hex 64 makes one)";
	for (size_t i = 0; i < BLOCK_ENCRYPTION_KEY_LENGTH; i++) {
		int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return "it has something else than hexadecimal digits";
		key[i] = (uint8_t)(high << 4 | low);
	}
	if (memcmp(key, key + 32, 32) == 0)
		return "its two halves are equal";
	return NULL;
}

static void *context_new(const uint8_t *key, int encrypting)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	if (context != NULL &&
	    EVP_CipherInit_ex(context, EVP_aes_256_xts(), NULL, key, NULL, encrypting) != 1) {
		EVP_CIPHER_CTX_free(context);
		context = NULL;
	}
	return context;
}

int block_encryption_connect(const struct block_encryption *self)
{
	struct block_encryption_state *state = self->state;
	const struct block_info *below = block_info(self->below);
	uint8_t key[BLOCK_ENCRYPTION_KEY_LENGTH];

	*state = (struct block_encryption_state){ .encrypting = NULL };
	if (below->sector_size == 0)
		return -ENXIO;
	const char *wrong = key_read(self->key, key);
	if (wrong != NULL) {
		log_error_from(&log_block_encryption, "the key is not one: %s", wrong);
		return -EINVAL;
	}
	state->encrypting = context_new(key, 1);
	state->decrypting = context_new(key, 0);
	OPENSSL_cleanse(key, sizeof(key));
	if (state->encrypting == NULL || state->decrypting == NULL) {
		block_encryption_disconnect(self);
		return -ENOMEM;
	}
	state->info = *below;
	return 0;
}

void block_encryption_disconnect(const struct block_encryption *self)
{
	EVP_CIPHER_CTX_free(self->state->encrypting);
	EVP_CIPHER_CTX_free(self->state->decrypting);
	*self->state = (struct block_encryption_state){ .encrypting = NULL };
}
