// SPDX-License-Identifier: ISC
/*
 * Sectors with checksums.
 *
 * Sector n takes the sectors 9n to 9n + 8 below, a unit. The first of them holds, in little endian:
 *
 *      0  "MIRCHK", 0, 1
 *      8  n
 *     16  eight CRC-32C, of the other eight sectors
 *     48  the CRC-32C of the 48 bytes before
 *
 * and zeroes. Requests are cut into pieces that together have no more than a window of units; the
 * pieces of a window go below in one batch, with the check sectors between the caller's bytes.
 */
#include <mirage/block_checksum.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>
#include <mirage/log.h>

#include "storage/block/crc32.h"

LOG_SOURCE(log_block_checksum, "block-checksum");

enum {
	PARTS = 8,         /* sectors below, of a sector */
	UNIT = PARTS + 1,  /* with the check sector */
	WINDOW_UNITS = 16, /* at once */
	SUM_OFFSET = 48,
	CHECK_SIZE = 52,
};

static const uint8_t magic[8] = { 'M', 'I', 'R', 'C', 'H', 'K', 0, 1 };

/* Consecutive units of one request. */
struct piece {
	struct block_request *request;
	uint64_t sector;
	size_t units;
	struct slice *slices; /* two for each unit: check sector, bytes */
};

struct window {
	size_t pieces, units;
	struct piece piece[WINDOW_UNITS];
	struct block_request requests[WINDOW_UNITS];
	struct slice slices[2 * WINDOW_UNITS];
	uint8_t checks[]; /* a sector below for each unit */
};

static const struct block_info *info(const void *self)
{
	const struct block_checksum *checksum = self;

	return &checksum->state->info;
}

static void put_le32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static void check_make(const struct block_checksum_state *state, uint64_t sector,
                       const uint8_t *data, uint8_t check[CHECK_SIZE])
{
	size_t part = state->info.sector_size / PARTS;

	memcpy(check, magic, sizeof(magic));
	put_le32(check + 8, (uint32_t)sector);
	put_le32(check + 12, (uint32_t)(sector >> 32));
	for (size_t i = 0; i < PARTS; i++)
		put_le32(check + 16 + 4 * i,
		         crc32_update_by(state->tables, 0, data + i * part, part));
	put_le32(check + SUM_OFFSET, crc32_update_by(state->tables, 0, check, SUM_OFFSET));
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

static bool check_holds(const struct block_checksum_state *state, uint64_t sector,
                        const uint8_t *check, const uint8_t *data)
{
	uint8_t expected[CHECK_SIZE];

	check_make(state, sector, data, expected);
	return memcmp(check, expected, CHECK_SIZE) == 0 ||
	       (all_zero(check, CHECK_SIZE) && all_zero(data, state->info.sector_size));
}

/* The first error of a request is its result. */
static void fail(struct block_request *request, int result)
{
	if (request->result == 0)
		request->result = result;
}

static void verify(struct block_checksum_state *state, const struct piece *piece)
{
	for (size_t i = 0; i < piece->units; i++) {
		uint64_t sector = piece->sector + i;

		if (check_holds(state, sector, piece->slices[2 * i].bytes,
		                piece->slices[2 * i + 1].bytes))
			continue;
		state->damaged++;
		log_error_from(&log_block_checksum, "sector %" PRIu64 " is damaged", sector);
		fail(piece->request, -EBADMSG);
	}
}

/* Do the window's pieces, and empty it. */
static void window_run(const struct block_checksum *self, struct window *window,
                       nanoseconds deadline)
{
	for (size_t i = 0; i < window->pieces; i++) {
		const struct piece *piece = &window->piece[i];

		window->requests[i] = (struct block_request){
			.operation = piece->request->operation,
			.sector = piece->sector * UNIT,
			.slices = piece->slices,
			.slice_count = 2 * piece->units,
		};
	}
	error_ignore(block_submit(self->below, window->requests, window->pieces, deadline),
	             "each request has its result");
	for (size_t i = 0; i < window->pieces; i++) {
		const struct piece *piece = &window->piece[i];

		if (window->requests[i].result != 0)
			fail(piece->request, window->requests[i].result);
		else if (piece->request->operation == BLOCK_READ)
			verify(self->state, piece);
	}
	window->pieces = 0;
	window->units = 0;
}

/* Put a sector of the request into the window, which has room. */
static void window_add(const struct block_checksum_state *state, struct window *window,
                       struct block_request *request, uint64_t sector, uint8_t *data)
{
	size_t part = state->info.sector_size / PARTS;
	uint8_t *check = window->checks + window->units * part;
	struct slice *slices = &window->slices[2 * window->units];
	struct piece *last = &window->piece[window->pieces];

	if (request->operation == BLOCK_WRITE) {
		memset(check, 0, part);
		check_make(state, sector, data, check);
	}
	slices[0] = slice_of(check, part);
	slices[1] = slice_of(data, state->info.sector_size);
	window->units++;
	if (window->pieces > 0 && last[-1].request == request) {
		last[-1].units++;
		return;
	}
	*last = (struct piece){
		.request = request, .sector = sector, .units = 1, .slices = slices
	};
	window->pieces++;
}

static void transfer(const struct block_checksum *self, struct window *window,
                     struct block_request *request, nanoseconds deadline)
{
	uint32_t size = self->state->info.sector_size;
	uint64_t sector = request->sector;

	for (size_t i = 0; i < request->slice_count; i++)
		for (size_t at = 0; at < request->slices[i].length; at += size) {
			if (window->units == WINDOW_UNITS)
				window_run(self, window, deadline);
			window_add(self->state, window, request, sector++,
			           request->slices[i].bytes + at);
		}
}

static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_checksum *checksum = self;
	size_t checks = (size_t)WINDOW_UNITS * (checksum->state->info.sector_size / PARTS);
	struct window *window = malloc(sizeof(*window) + checks);

	block_complete(requests, count, window == NULL ? -ENOMEM : 0);
	if (window == NULL)
		return;
	window->pieces = 0;
	window->units = 0;
	for (size_t i = 0; i < count; i++) {
		struct block_request *request = &requests[i];

		if (request->operation == BLOCK_FLUSH)
			request->result = block_flush(checksum->below, deadline);
		else if (request->operation == BLOCK_DISCARD)
			request->result = block_discard(checksum->below, request->sector * UNIT,
			                                request->sector_count * UNIT, deadline);
		else
			transfer(checksum, window, request, deadline);
	}
	if (window->pieces > 0)
		window_run(checksum, window, deadline);
	free(window);
}

const struct block_ops block_checksum_ops = { .info = info, .submit = submit };

int block_checksum_connect(const struct block_checksum *self)
{
	const struct block_info *below = block_info(self->below);
	struct block_checksum_state *state = self->state;

	state->info = (struct block_info){ .sector_size = 0 };
	state->damaged = 0;
	if (below->sector_size == 0)
		return -ENXIO;
	if (below->sector_size > BLOCK_SECTOR_SIZE_MAX / PARTS)
		return -EINVAL;
	crc32c_tables_make(state->tables);
	state->info = *below;
	state->info.sector_size = below->sector_size * PARTS;
	state->info.sector_count = below->sector_count / UNIT;
	return 0;
}

void block_checksum_disconnect(const struct block_checksum *self)
{
	self->state->info.sector_size = 0;
}
