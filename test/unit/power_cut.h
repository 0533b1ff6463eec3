/* SPDX-License-Identifier: ISC */
/*
 * For tests of stores: the power is cut at each write of a workload, and after each cut the store is
 * looked at.
 */
#ifndef TEST_UNIT_POWER_CUT_H
#define TEST_UNIT_POWER_CUT_H

#include "test/unit/kv_checks.h"

#include <mirage/block_faulty.h>

struct power_cut {
	void *disk;
	const struct kv_rw *kv;
	const struct block *medium; /* what the device that fails stands on */
	const struct block **block; /* where the store takes its device from */
	enum block_faulty_tear tear;
	unsigned seeds;
	int (*format)(void *disk, const struct block *block);
	int (*connect)(void *disk);
	void (*disconnect)(void *disk);
	void (*prepare)(const struct kv_rw *kv);  /* before the power can fail; NULL: nothing */
	unsigned (*work)(const struct kv_rw *kv); /* returns the steps that were done */
	unsigned steps;
	void (*check)(void *disk, unsigned done); /* when the store is connected again */
};

static inline void power_cut_once(const struct power_cut *test, struct block_faulty *faulty,
                                  const struct block *block, uint64_t cut, unsigned seed,
                                  unsigned *done)
{
	block_faulty_start(faulty, NULL);
	assert_int_equal(test->format(test->disk, block), 0);
	assert_int_equal(test->connect(test->disk), 0);
	if (test->prepare != NULL)
		test->prepare(test->kv);
	block_faulty_start(faulty, &(struct block_faulty_plan){
					   .cut_at = cut,
					   .unflushed = BLOCK_FAULTY_SHUFFLE,
					   .tear = test->tear,
					   .seed = seed * 1000 + cut,
				   });
	*done = test->work(test->kv);
	test->disconnect(test->disk);
	block_faulty_start(faulty, NULL);
	assert_int_equal(test->connect(test->disk), 0);
	test->check(test->disk, *done);
	test->disconnect(test->disk);
}

/* Cut the power at the first write, the second, … until the work comes to its end. */
static inline void power_cut_everywhere(const struct power_cut *test)
{
	struct block_faulty_state state;
	struct block_faulty faulty = { .state = &state, .below = test->medium };
	struct block block = { .ops = &block_faulty_ops, .self = &faulty };

	memset(&state, 0, sizeof(state));
	test->disconnect(test->disk);
	*test->block = &block;
	assert_int_equal(block_faulty_connect(&faulty), 0);
	for (unsigned seed = 1; seed <= test->seeds; seed++) {
		unsigned done = 0;

		for (uint64_t cut = 1; done < test->steps; cut++)
			power_cut_once(test, &faulty, &block, cut, seed, &done);
	}
	block_faulty_disconnect(&faulty);
}

/* ------------------------------------------------------------------ values */

#define POWER_CUT_NAME  "dir/a file with a long name %u"
#define POWER_CUT_MOVED "moved"

enum {
	POWER_CUT_STEPS = 9,
	POWER_CUT_KEYS = 3,
	POWER_CUT_REMOVAL = 4, /* of key 1 */
	POWER_CUT_MOVE = 6,    /* of key 2 */
};

/* Values of several clusters, set, replaced, removed and moved. */
static inline unsigned power_cut_work(const struct kv_rw *kv)
{
	uint8_t bytes[3000];
	char name[40];
	unsigned step = 0;

	for (; step < POWER_CUT_STEPS; step++) {
		int error;

		memset(bytes, 'a' + (int)step, sizeof(bytes));
		snprintf(name, sizeof(name), POWER_CUT_NAME,
		         step == POWER_CUT_REMOVAL ? 1
		         : step == POWER_CUT_MOVE  ? 2
		                                   : step % POWER_CUT_KEYS);
		if (step == POWER_CUT_REMOVAL)
			error = kv_rw_remove(kv, name);
		else if (step == POWER_CUT_MOVE)
			error = kv_rw_rename(kv, name, POWER_CUT_MOVED);
		else
			error = kv_rw_set(kv, name, bytes, 1000 + 200 * step);
		if (error != 0)
			break;
	}
	return step;
}

/* What the value of a key is after so many steps: the step that set it, or -1 for none. */
static inline int power_cut_expected(unsigned steps, unsigned key)
{
	int at = -1;

	for (unsigned step = 0; step < steps; step++) {
		if (step == POWER_CUT_REMOVAL)
			at = key == 1 ? -1 : at;
		else if (step == POWER_CUT_MOVE)
			at = key == 2 ? -1 : at;
		else if (step % POWER_CUT_KEYS == key)
			at = (int)step;
	}
	return at;
}

/* The step that set a value, or -1 for none. It is whole. */
static inline int power_cut_found(const struct kv_rw *kv, const char *name)
{
	struct kv_ro reader = kv_rw_reader(kv);
	struct kv_value value;
	int error = kv_ro_get(&reader, name, &value), step;

	if (error == -ENOENT)
		return -1;
	assert_int_equal(error, 0);
	assert_true(value.length > 0);
	step = value.bytes[0] - 'a';
	assert_int_equal(value.length, 1000 + 200 * step);
	for (size_t i = 0; i < value.length; i++)
		assert_int_equal(value.bytes[i], 'a' + step);
	kv_value_release(&value);
	return step;
}

/* Each value is the old or the new one, and the store can be written to. */
static inline void power_cut_check(const struct kv_rw *kv, unsigned done)
{
	char name[40];

	for (unsigned key = 0; key < POWER_CUT_KEYS; key++) {
		snprintf(name, sizeof(name), POWER_CUT_NAME, key);
		int found = power_cut_found(kv, name);

		assert_true(found == power_cut_expected(done, key) ||
		            found == power_cut_expected(done + 1, key));
		/* What is being moved is in one place at least. */
		if (key == 2 && done == POWER_CUT_MOVE && found < 0)
			assert_int_equal(power_cut_found(kv, POWER_CUT_MOVED),
			                 power_cut_expected(done, key));
	}
	if (done > POWER_CUT_MOVE)
		assert_int_equal(power_cut_found(kv, POWER_CUT_MOVED),
		                 power_cut_expected(POWER_CUT_MOVE, 2));
	kv_put(kv, "dir/after", "the cut");
	kv_expect(kv, "dir/after", "the cut");
}

#endif
