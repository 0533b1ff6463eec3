// SPDX-License-Identifier: ISC
/*
 * Encrypted and authenticated sectors, as MirageOS's mirage-block-ccm has them: sector n takes the
 * sectors 2n and 2n + 1 below, a unit, with
 *
 *     the encrypted bytes, their tag, the nonce, and other bytes to the end,
 *
 * which CCM authenticates as additional data: MirageOS draws them at random, here they are zero, since
 * nothing rests on what they are. Requests are cut into sectors, and the units of many go
 * below in one batch, from memory of a window.
 */
#include <mirage/block_ccm.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>
#include <mirage/cipher.h>
#include <mirage/log.h>

#include "storage/block/key_text.h"

LOG_SOURCE(log_block_ccm, "block-ccm");

enum {
	NONCE_LENGTH = 8, /* MirageOS's defaults */
	TAG_LENGTH = 16,
	KEY_LENGTH_MAX = 32,
	SECTOR_SIZE_MAX = 32768, /* larger units have more additional data than Mbed TLS takes */
	WINDOW_UNITS = 64,
	WINDOW_SIZE = 128 * 1024, /* bytes; at least one unit */
};

/* A sector on its way: of which request, and where its bytes are or go. */
struct unit {
	struct block_request *request;
	uint8_t *data;
};

struct window {
	size_t capacity, units, pieces;
	struct unit unit[WINDOW_UNITS];
	struct block_request piece[WINDOW_UNITS]; /* units that follow each other, of one request */
	struct slice slices[WINDOW_UNITS];        /* a piece's */
	size_t nonces;                            /* drawn and not used yet */
	uint8_t nonce[WINDOW_UNITS][CIPHER_CCM_NONCE_MAX];
	uint8_t bytes[];
};

static const struct block_info *info(const void *self)
{
	const struct block_ccm *ccm = self;

	return &ccm->state->info;
}

static size_t nonce_length(const struct block_ccm *self)
{
	return self->nonce_length == 0 ? NONCE_LENGTH : self->nonce_length;
}

static size_t tag_length(const struct block_ccm *self)
{
	return self->tag_length == 0 ? TAG_LENGTH : self->tag_length;
}

/* The parts of a unit behind its encrypted bytes. */
struct parts {
	uint8_t *tag, *nonce;
	struct slice additional;
};

static struct parts parts_of(const struct block_ccm *self, uint8_t *unit)
{
	size_t size = self->state->info.sector_size;
	uint8_t *tag = unit + size, *nonce = tag + tag_length(self);
	uint8_t *additional = nonce + nonce_length(self);

	return (struct parts){ tag, nonce,
		               slice_of(additional, (size_t)(unit + 2 * size - additional)) };
}

/* Draw nonces for as many as `left` sectors at once. */
static int draw_nonces(const struct block_ccm *self, struct window *window, uint64_t left)
{
	size_t count = left < WINDOW_UNITS ? (size_t)left : WINDOW_UNITS;
	int result = random_fill(self->random, window->nonce, count * sizeof(window->nonce[0]));

	if (result == 0)
		window->nonces = count;
	return result;
}

static int unit_seal(const struct block_ccm *self, struct window *window, uint64_t left,
                     const uint8_t *data, uint8_t *unit)
{
	struct parts parts = parts_of(self, unit);
	int result = window->nonces == 0 ? draw_nonces(self, window, left) : 0;

	if (result != 0)
		return result;
	memcpy(parts.nonce, window->nonce[--window->nonces], nonce_length(self));
	memset(parts.additional.bytes, 0, parts.additional.length);
	return cipher_ccm_seal(self->state->cipher, parts.nonce, parts.additional, data, unit,
	                       self->state->info.sector_size, parts.tag);
}

static int unit_open(const struct block_ccm *self, uint8_t *unit, uint8_t *data)
{
	struct parts parts = parts_of(self, unit);

	return cipher_ccm_open(self->state->cipher, parts.nonce, parts.additional, unit, data,
	                       self->state->info.sector_size, parts.tag);
}

/* The first error of a request is its result. */
static void fail(struct block_request *request, int result)
{
	if (request->result == 0)
		request->result = result;
}

static void open_unit(const struct block_ccm *self, const struct unit *unit, uint8_t *bytes,
                      uint64_t sector)
{
	int result = unit_open(self, bytes, unit->data);

	if (result == -EBADMSG) {
		self->state->damaged++;
		if (unit->request->result == 0)
			log_error_from(&log_block_ccm,
			               "sector %" PRIu64
			               " is not as it was written with this key: it was changed, "
			               "torn by a loss of power, or never written",
			               sector);
	}
	if (result != 0)
		fail(unit->request, result);
}

/* Do the window's pieces, and empty it. */
static void window_run(const struct block_ccm *self, struct window *window, nanoseconds deadline)
{
	size_t size = 2 * (size_t)self->state->info.sector_size, first = 0;

	error_ignore(block_submit(self->below, window->piece, window->pieces, deadline),
	             "each request has its result");
	for (size_t i = 0; i < window->pieces; i++) {
		const struct block_request *piece = &window->piece[i];
		size_t units = window->slices[i].length / size;
		struct block_request *request = window->unit[first].request;

		if (piece->result != 0)
			fail(request, piece->result);
		else if (piece->operation == BLOCK_READ)
			for (size_t u = 0; u < units; u++)
				open_unit(self, &window->unit[first + u],
				          window->bytes + (first + u) * size,
				          piece->sector / 2 + u);
		first += units;
	}
	window->pieces = 0;
	window->units = 0;
}

/* Put a sector of the request into the window, which has room. */
static void window_add(const struct block_ccm *self, struct window *window,
                       struct block_request *request, uint64_t sector, uint8_t *data)
{
	size_t size = 2 * (size_t)self->state->info.sector_size, index = window->units;
	uint8_t *bytes = window->bytes + index * size;
	uint64_t left = request->sector + request->sector_count - sector;
	int result =
		request->operation == BLOCK_WRITE ? unit_seal(self, window, left, data, bytes) : 0;

	if (result != 0) {
		fail(request, result);
		return;
	}
	window->unit[index] = (struct unit){ request, data };
	window->units++;
	if (window->pieces > 0 && window->unit[index - 1].request == request) {
		window->slices[window->pieces - 1].length += size;
		return;
	}
	window->slices[window->pieces] = slice_of(bytes, size);
	window->piece[window->pieces] = (struct block_request){
		.operation = request->operation,
		.sector = 2 * sector,
		.slices = &window->slices[window->pieces],
		.slice_count = 1,
	};
	window->pieces++;
}

/* What has failed already is not gone on with. */
static void transfer(const struct block_ccm *self, struct window *window,
                     struct block_request *request, nanoseconds deadline)
{
	uint32_t size = self->state->info.sector_size;
	uint64_t sector = request->sector;

	for (size_t i = 0; i < request->slice_count; i++)
		for (size_t at = 0; at < request->slices[i].length && request->result == 0;
		     at += size) {
			window_add(self, window, request, sector++, request->slices[i].bytes + at);
			if (window->units == window->capacity)
				window_run(self, window, deadline);
		}
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_ccm *ccm = self;
	size_t unit = 2 * (size_t)ccm->state->info.sector_size;
	size_t capacity = unit < WINDOW_SIZE / WINDOW_UNITS ? WINDOW_UNITS : WINDOW_SIZE / unit;
	struct window *window = malloc(sizeof(*window) + capacity * unit);

	block_complete(requests, count, window == NULL ? -ENOMEM : 0);
	if (window == NULL)
		return;
	window->capacity = capacity;
	window->units = 0;
	window->pieces = 0;
	window->nonces = 0;
	for (size_t i = 0; i < count; i++) {
		struct block_request *request = &requests[i];

		if (request->operation == BLOCK_FLUSH)
			request->result = block_flush(ccm->below, deadline);
		else if (request->operation == BLOCK_DISCARD)
			request->result = block_discard(ccm->below, 2 * request->sector,
			                                2 * request->sector_count, deadline);
		else
			transfer(ccm, window, request, deadline);
	}
	if (window->pieces > 0)
		window_run(ccm, window, deadline);
	free(window);
}

const struct block_ops block_ccm_ops = { .info = info, .submit = submit };

static int make_cipher(const struct block_ccm *self)
{
	uint8_t key[KEY_LENGTH_MAX];
	int length = key_text_read(self->key, key, sizeof(key));
	const struct cipher_ccm_form form = {
		.key_length = length > 0 ? (size_t)length : 0,
		.nonce_length = nonce_length(self),
		.tag_length = tag_length(self),
	};
	int result = cipher_ccm_new(key, &form, &self->state->cipher);

	explicit_bzero(key, sizeof(key));
	if (result == -EINVAL)
		log_error_from(&log_block_ccm,
		               "the key is not one: it has 32, 48 or 64 hexadecimal digits "
		               "(openssl rand -hex 32 makes one)");
	return result;
}

int block_ccm_connect(const struct block_ccm *self)
{
	struct block_ccm_state *state = self->state;
	const struct block_info *below = block_info(self->below);

	*state = (struct block_ccm_state){ .cipher = NULL };
	if (below->sector_size == 0)
		return -ENXIO;
	if (below->sector_size > SECTOR_SIZE_MAX) {
		log_error_from(&log_block_ccm,
		               "the disk's sectors of %" PRIu32 " bytes are too large: %d at most",
		               below->sector_size, SECTOR_SIZE_MAX);
		return -EINVAL;
	}
	int result = make_cipher(self);
	if (result != 0)
		return result;
	state->info = *below;
	state->info.sector_count = below->sector_count / 2;
	return 0;
}

void block_ccm_disconnect(const struct block_ccm *self)
{
	cipher_ccm_free(self->state->cipher);
	self->state->cipher = NULL;
	self->state->info.sector_size = 0;
}
