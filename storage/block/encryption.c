// SPDX-License-Identifier: ISC
/*
 * Encrypted sectors. What is written is encrypted into memory of our own, some at a time; what is
 * read is decrypted where the caller wants it.
 */
#include <mirage/block_encryption.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>
#include <mirage/cipher.h>
#include <mirage/log.h>

#include "storage/block/key_text.h"

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

typedef int (*conversion)(struct cipher_xts *cipher, uint64_t unit, const uint8_t *from,
                          uint8_t *to, size_t length);

/* En- or decrypt whole sectors from `sector` on, from `from` to `to`, which may be the same. */
static int convert(const struct block_encryption_state *state, conversion in_direction,
                   uint64_t sector, const uint8_t *from, uint8_t *to, size_t length)
{
	uint32_t size = state->info.sector_size;
	int result = 0;

	for (size_t at = 0; at < length && result == 0; at += size, sector++)
		result = in_direction(state->cipher, sector * (size / TWEAK_UNIT), from + at,
		                      to + at, size);
	return result;
}

static int decrypt(const struct block_encryption_state *state, const struct block_request *request)
{
	uint64_t sector = request->sector;

	for (size_t i = 0; i < request->slice_count; i++) {
		const struct slice *slice = &request->slices[i];
		int result = convert(state, cipher_xts_decrypt, sector, slice->bytes, slice->bytes,
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

			result =
				convert(state, cipher_xts_encrypt, sector, left.bytes, chunk, part);
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

/* NULL and the key, or what is wrong with the text. */
static const char *key_read(const struct argument_value *value, uint8_t key[CIPHER_XTS_KEY_LENGTH])
{
	int length = key_text_read(value, key, CIPHER_XTS_KEY_LENGTH);

	if (length == -EINVAL)
		return "it has something else than pairs of hexadecimal digits";
	if (length != CIPHER_XTS_KEY_LENGTH)
		return "it has 128 hexadecimal digits (openssl rand -hex 64 makes one)";
	return memcmp(key, key + 32, 32) == 0 ? "its two halves are equal" : NULL;
}

int block_encryption_connect(const struct block_encryption *self)
{
	struct block_encryption_state *state = self->state;
	const struct block_info *below = block_info(self->below);
	uint8_t key[CIPHER_XTS_KEY_LENGTH];

	*state = (struct block_encryption_state){ .cipher = NULL };
	if (below->sector_size == 0)
		return -ENXIO;
	const char *wrong = key_read(self->key, key);
	int result = -EINVAL;
	if (wrong != NULL)
		log_error_from(&log_block_encryption, "the key is not one: %s", wrong);
	else
		result = cipher_xts_new(key, &state->cipher);
	explicit_bzero(key, sizeof(key));
	if (result == 0)
		state->info = *below;
	return result;
}

void block_encryption_disconnect(const struct block_encryption *self)
{
	cipher_xts_free(self->state->cipher);
	*self->state = (struct block_encryption_state){ .cipher = NULL };
}
