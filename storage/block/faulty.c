// SPDX-License-Identifier: ISC
/*
 * Block devices that fail.
 *
 * Theory of operation. A write becomes an entry of the list of unflushed ones, with a copy of its
 * bytes; a discard is a write of rubbish. Reads take the medium's bytes and lay the entries over
 * them, oldest first. A flush writes the entries below and empties the list. A cut, or a flush that
 * fails, writes of each entry those sectors that the plan lets survive. With KEEP the list is
 * flushed after every write, without flushing below, so that it is always empty.
 */
#include <mirage/block_faulty.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_driver.h>
#include <mirage/log.h>

LOG_SOURCE(log_block_faulty, "block-faulty");

struct block_faulty_write {
	struct block_faulty_write *next;
	uint64_t sector;
	uint64_t sector_count;
	uint8_t bytes[];
};

/* Marsaglia's xorshift. */
static uint64_t draw(struct block_faulty_state *state)
{
	uint64_t x = state->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	state->random = x;
	return x * UINT64_C(0x2545f4914f6cdd1d) >> 32;
}

static bool one_in(struct block_faulty_state *state, uint32_t count)
{
	return count > 0 && draw(state) % count == 0;
}

static size_t bytes_of(const struct block_faulty_state *state, uint64_t sectors)
{
	return (size_t)(sectors * state->info.sector_size);
}

static void append(struct block_faulty_state *state, struct block_faulty_write *entry)
{
	entry->next = NULL;
	*state->end = entry;
	state->end = &entry->next;
}

static void forget_first(struct block_faulty_state *state)
{
	struct block_faulty_write *entry = state->unflushed;

	state->unflushed = entry->next;
	if (entry->next == NULL)
		state->end = &state->unflushed;
	free(entry);
}

static void forget_all(struct block_faulty_state *state)
{
	while (state->unflushed != NULL)
		forget_first(state);
}

/* `count` of the entry's sectors from `first` on reach the medium. */
static int store(const struct block_faulty *faulty, const struct block_faulty_write *entry,
                 uint64_t first, uint64_t count)
{
	const struct block_faulty_state *state = faulty->state;

	return block_write(faulty->below, entry->sector + first,
	                   entry->bytes + bytes_of(state, first), bytes_of(state, count), NEVER);
}

static int store_some(const struct block_faulty *faulty, const struct block_faulty_write *entry)
{
	for (uint64_t i = 0; i < entry->sector_count; i++) {
		int result = draw(faulty->state) % 2 == 0 ? 0 : store(faulty, entry, i, 1);

		if (result != 0)
			return result;
	}
	return 0;
}

/* One sector of the entry, with its end as it was. */
static int store_mixed(const struct block_faulty *faulty, const struct block_faulty_write *entry,
                       uint64_t index)
{
	struct block_faulty_state *state = faulty->state;
	size_t size = state->info.sector_size;
	uint8_t *sector = malloc(size);
	int result = -ENOMEM;

	if (sector == NULL)
		return result;
	result = block_read(faulty->below, entry->sector + index, sector, size, NEVER);
	memcpy(sector, entry->bytes + bytes_of(state, index), 1 + draw(state) % (size - 1));
	if (result == 0)
		result = block_write(faulty->below, entry->sector + index, sector, size, NEVER);
	free(sector);
	return result;
}

/* What is left of the write that was struck. */
static int tear(const struct block_faulty *faulty, const struct block_faulty_write *entry)
{
	struct block_faulty_state *state = faulty->state;
	uint64_t whole = draw(state) % (entry->sector_count + 1);
	int result;

	switch (state->plan.tear) {
	case BLOCK_FAULTY_TEAR_NOTHING:
		return 0;
	case BLOCK_FAULTY_TEAR_SECTORS:
		return store_some(faulty, entry);
	case BLOCK_FAULTY_TEAR_PREFIX:
	case BLOCK_FAULTY_TEAR_BYTES:
		break;
	}
	result = store(faulty, entry, 0, whole);
	if (result == 0 && state->plan.tear == BLOCK_FAULTY_TEAR_BYTES &&
	    whole < entry->sector_count)
		result = store_mixed(faulty, entry, whole);
	return result;
}

static int store_all(const struct block_faulty *faulty)
{
	struct block_faulty_state *state = faulty->state;

	while (state->unflushed != NULL) {
		int result = store(faulty, state->unflushed, 0, state->unflushed->sector_count);

		if (result != 0)
			return result;
		forget_first(state);
	}
	return 0;
}

/* The unflushed writes go the way of the plan. */
static void settle(const struct block_faulty *faulty)
{
	struct block_faulty_state *state = faulty->state;

	for (const struct block_faulty_write *entry = state->unflushed; entry != NULL;
	     entry = entry->next)
		if (state->plan.unflushed == BLOCK_FAULTY_SHUFFLE)
			error_ignore(store_some(faulty, entry), "lost then, as it might be anyway");
		else if (state->plan.unflushed == BLOCK_FAULTY_KEEP)
			error_ignore(store(faulty, entry, 0, entry->sector_count),
			             "the medium is broken by itself");
	forget_all(state);
}

/* The power goes in the write of `struck`, or in none. */
static void power_off(const struct block_faulty *faulty, const struct block_faulty_write *struck)
{
	struct block_faulty_state *state = faulty->state;

	if (state->cut)
		return;
	settle(faulty);
	if (struck != NULL)
		error_ignore(tear(faulty, struck), "lost then, as it might be anyway");
	state->cut = true;
	state->info.sector_size = 0;
}

static const struct block_info *info(const void *self)
{
	const struct block_faulty *faulty = self;

	return &faulty->state->info;
}

/* Count an operation; true if the plan says that it fails. */
static bool fails(struct block_faulty_state *state)
{
	const struct block_faulty_plan *plan = &state->plan;
	uint64_t number = ++state->counts.operations;
	uint64_t count = plan->fail_count == 0 ? 1 : plan->fail_count;

	if (plan->fail_at == 0 || number < plan->fail_at || number - plan->fail_at >= count)
		return false;
	state->counts.failed++;
	return true;
}

/* True if the request is of bad sectors. */
static bool is_bad(const struct block_faulty_state *state, uint64_t sector, uint64_t count)
{
	const struct block_faulty_plan *plan = &state->plan;

	return plan->bad_count > 0 && count > 0 && sector + count > plan->bad_sector &&
	       (sector <= plan->bad_sector || sector - plan->bad_sector < plan->bad_count);
}

/* Count a change; true if the power goes in it. */
static bool is_cut(struct block_faulty_state *state)
{
	return ++state->counts.changes == state->plan.cut_at;
}

static int failure(const struct block_faulty_state *state)
{
	return state->plan.fail_error == 0 ? -EIO : state->plan.fail_error;
}

/* Lay the part of the entry that the request reads over its slices. */
static void overlay(const struct block_faulty_state *state, const struct block_request *request,
                    const struct block_faulty_write *entry)
{
	uint64_t first = request->sector > entry->sector ? request->sector : entry->sector;
	uint64_t request_end = request->sector + request->sector_count;
	uint64_t entry_end = entry->sector + entry->sector_count;
	uint64_t end = request_end < entry_end ? request_end : entry_end;

	if (first < end)
		block_copy_to_slices(request, bytes_of(state, first - request->sector),
		                     entry->bytes + bytes_of(state, first - entry->sector),
		                     bytes_of(state, end - first));
}

static void flip(struct block_faulty_state *state, const struct block_request *request)
{
	uint64_t place = draw(state) % bytes_of(state, request->sector_count);

	for (size_t i = 0; i < request->slice_count; i++) {
		if (place < request->slices[i].length) {
			request->slices[i].bytes[place] ^= (uint8_t)(1 << draw(state) % 8);
			break;
		}
		place -= request->slices[i].length;
	}
	state->counts.flipped++;
}

static int perform_read(const struct block_faulty *faulty, const struct block_request *request,
                        nanoseconds deadline)
{
	struct block_faulty_state *state = faulty->state;

	if (fails(state))
		return failure(state);
	if (state->plan.bad == BLOCK_FAULTY_BAD_FAILS &&
	    is_bad(state, request->sector, request->sector_count)) {
		state->counts.failed++;
		return failure(state);
	}
	int result = block_read_slices(faulty->below, request->sector, request->slices,
	                               request->slice_count, deadline);
	if (result != 0)
		return result;
	for (const struct block_faulty_write *entry = state->unflushed; entry != NULL;
	     entry = entry->next)
		overlay(state, request, entry);
	if (one_in(state, state->plan.flip_one_in))
		flip(state, request);
	return 0;
}

/* A copy of what is written, or rubbish for what is discarded; NULL without memory. */
static struct block_faulty_write *copy(struct block_faulty_state *state,
                                       const struct block_request *request)
{
	size_t length = bytes_of(state, request->sector_count);
	struct block_faulty_write *entry = NULL;

	if (request->sector_count <= (PTRDIFF_MAX - sizeof(*entry)) / state->info.sector_size)
		entry = malloc(sizeof(*entry) + length);
	if (entry == NULL)
		return NULL;
	entry->next = NULL;
	entry->sector = request->sector;
	entry->sector_count = request->sector_count;
	if (request->operation == BLOCK_WRITE)
		block_copy_from_slices(request, 0, entry->bytes, length);
	else
		memset(entry->bytes, (int)(draw(state) & 0xff), length);
	return entry;
}

/* What the plan does to a write, and its result: 1 if nothing, and it is to be done. */
static int strike(const struct block_faulty *faulty, const struct block_faulty_write *entry)
{
	struct block_faulty_state *state = faulty->state;
	bool failing = fails(state);

	if (is_cut(state)) {
		power_off(faulty, entry);
		return -ENXIO;
	}
	if (failing) {
		error_ignore(tear(faulty, entry), "it fails in any case");
		return failure(state);
	}
	bool bad = is_bad(state, entry->sector, entry->sector_count);

	if (bad && state->plan.bad != BLOCK_FAULTY_BAD_LIES) {
		state->counts.failed++;
		return failure(state);
	}
	if (bad || one_in(state, state->plan.lose_one_in)) {
		state->counts.lost++;
		return 0;
	}
	return 1;
}

static int perform_write(const struct block_faulty *faulty, const struct block_request *request)
{
	struct block_faulty_state *state = faulty->state;
	struct block_faulty_write *entry = copy(state, request);

	if (entry == NULL)
		return -ENOMEM;
	int result = strike(faulty, entry);
	if (result <= 0) {
		free(entry);
		return result;
	}
	append(state, entry);
	return state->plan.unflushed == BLOCK_FAULTY_KEEP ? store_all(faulty) : 0;
}

static int perform_flush(const struct block_faulty *faulty, nanoseconds deadline)
{
	struct block_faulty_state *state = faulty->state;
	bool failing = fails(state);

	if (is_cut(state)) {
		power_off(faulty, NULL);
		return -ENXIO;
	}
	if (failing) {
		settle(faulty);
		return failure(state);
	}
	int result = store_all(faulty);
	if (result == 0)
		result = block_flush(faulty->below, deadline);
	if (result == 0)
		state->counts.flushes++;
	return result;
}

static int perform(const struct block_faulty *faulty, const struct block_request *request,
                   nanoseconds deadline)
{
	if (faulty->state->cut)
		return -ENXIO;
	switch (request->operation) {
	case BLOCK_READ:
		return perform_read(faulty, request, deadline);
	case BLOCK_FLUSH:
		return perform_flush(faulty, deadline);
	case BLOCK_WRITE:
	case BLOCK_DISCARD:
		break;
	}
	return perform_write(faulty, request);
}

/* A batch may be done in any order: some are done backwards. */
static void submit(const void *self, struct block_request *requests, size_t count,
                   nanoseconds deadline)
{
	const struct block_faulty *faulty = self;
	struct block_faulty_state *state = faulty->state;
	bool backwards =
		state->plan.unflushed == BLOCK_FAULTY_SHUFFLE && count > 1 && draw(state) % 2 == 0;

	for (size_t i = 0; i < count; i++) {
		struct block_request *request = &requests[backwards ? count - 1 - i : i];

		request->result = perform(faulty, request, deadline);
	}
}

const struct block_ops block_faulty_ops = { .info = info, .submit = submit };

static void set_info(const struct block_faulty *faulty)
{
	faulty->state->info = *block_info(faulty->below);
	faulty->state->info.can_discard = faulty->state->info.read_write;
	faulty->state->info.durable = true;
}

void block_faulty_start(const struct block_faulty *faulty, const struct block_faulty_plan *plan)
{
	struct block_faulty_state *state = faulty->state;

	state->plan = plan != NULL ? *plan : (struct block_faulty_plan){ .seed = 0 };
	state->counts = (struct block_faulty_counts){ .operations = 0 };
	state->random = state->plan.seed ^ UINT64_C(0x9e3779b97f4a7c15);
	if (state->random == 0)
		state->random = 1;
	state->cut = false;
	set_info(faulty);
}

void block_faulty_cut(const struct block_faulty *faulty)
{
	power_off(faulty, NULL);
}

int block_faulty_flip(const struct block_faulty *faulty, uint64_t sector, uint32_t bit)
{
	size_t size = block_info(faulty->below)->sector_size;
	uint8_t *bytes;
	int result;

	if (bit / 8 >= size)
		return -ERANGE;
	bytes = malloc(size);
	if (bytes == NULL)
		return -ENOMEM;
	result = block_read(faulty->below, sector, bytes, size, NEVER);
	bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	if (result == 0)
		result = block_write(faulty->below, sector, bytes, size, NEVER);
	free(bytes);
	return result;
}

int block_faulty_connect(const struct block_faulty *faulty)
{
	faulty->state->unflushed = NULL;
	faulty->state->end = &faulty->state->unflushed;
	block_faulty_start(faulty, &faulty->plan);
	return faulty->state->info.sector_size == 0 ? -ENXIO : 0;
}

static void report(const struct block_faulty_state *state)
{
	const struct block_faulty_counts *counts = &state->counts;

	if (state->cut || counts->failed + counts->flipped + counts->lost > 0)
		log_info_from(&log_block_faulty,
		              "of %" PRIu64 " operations %" PRIu64 " failed, %" PRIu64
		              " reads had a bit flipped, %" PRIu64 " writes were lost%s",
		              counts->operations, counts->failed, counts->flipped, counts->lost,
		              state->cut ? "; then the power was cut" : "");
}

void block_faulty_disconnect(const struct block_faulty *faulty)
{
	struct block_faulty_state *state = faulty->state;

	error_ignore(store_all(faulty), "nobody is left to be told");
	forget_all(state);
	state->info.sector_size = 0;
	report(state);
}
