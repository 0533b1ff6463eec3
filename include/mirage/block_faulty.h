/* SPDX-License-Identifier: ISC */
/*
 * `block_faulty`: a block device that fails as real ones do, for tests of what stands on one.
 *
 * Model.       It wraps a device `below`, which is the medium: what is there survives a cut of the
 *              power. Writes wait in a cache of the wrapper's, where reads see them, until a flush
 *              takes them below. A plan says what goes wrong, and when. Everything follows from the
 *              plan and its seed: the same calls meet the same faults.
 * Discard.     Discarded sectors read as rubbish, so that whoever relies on them is found out.
 * Context.     As `below`; nothing blocks by itself.
 * See also.    config.h: block_faulty(), with the fields of struct block_faulty_plan;
 *              docs/how-to/test-a-store.md
 *
 * A test of power cuts runs its workload with `cut_at` 1, 2, 3, … until it comes to its end, and
 * each time starts the device again and looks at what is there:
 *
 *     for (uint64_t cut = 1;; cut++) {
 *             format(&disk);
 *             block_faulty_start(&faulty, &(struct block_faulty_plan){ .cut_at = cut,
 *                                .unflushed = BLOCK_FAULTY_SHUFFLE, .tear = BLOCK_FAULTY_TEAR_BYTES,
 *                                .seed = seed });
 *             bool finished = workload(&disk) == 0;
 *             block_faulty_start(&faulty, &(struct block_faulty_plan){ .seed = seed });
 *             check(&disk);
 *             if (finished)
 *                     break;
 *     }
 */
#ifndef MIRAGE_BLOCK_FAULTY_H
#define MIRAGE_BLOCK_FAULTY_H

#include <mirage/block.h>

struct block_faulty_write;

/* What a cut of the power, or a flush that fails, leaves of the writes that were not flushed. */
enum block_faulty_unflushed {
	BLOCK_FAULTY_KEEP,    /* all: the device has no cache and writes in order */
	BLOCK_FAULTY_LOSE,    /* none */
	BLOCK_FAULTY_SHUFFLE, /* any of their sectors: a later write perhaps without an earlier */
};

/* What it leaves of the write it strikes. */
enum block_faulty_tear {
	BLOCK_FAULTY_TEAR_NOTHING, /* nothing: the cut came before it */
	BLOCK_FAULTY_TEAR_PREFIX,  /* some sectors from the first on, none or all included */
	BLOCK_FAULTY_TEAR_SECTORS, /* any of its sectors */
	BLOCK_FAULTY_TEAR_BYTES,   /* as PREFIX, and one more sector is partly old and partly new */
};

/* How bad sectors are bad. A write that touches one is not done at all. */
enum block_faulty_bad {
	BLOCK_FAULTY_BAD_FAILS,  /* reads and writes of it fail */
	BLOCK_FAULTY_BAD_FROZEN, /* writes fail; it reads as what it last was */
	BLOCK_FAULTY_BAD_LIES,   /* writes seem to succeed; it reads as what it last was */
};

/* All zero: nothing goes wrong, and nothing waits for a flush. */
struct block_faulty_plan {
	uint64_t seed;
	enum block_faulty_unflushed unflushed;
	enum block_faulty_tear tear;

	/* A change is a write, a discard or a flush; they count from 1 with block_faulty_start(). */
	uint64_t cut_at; /* the change in which the power goes; 0: never */

	/* An operation is a read or a change. */
	uint64_t fail_at;    /* the operation that fails first; 0: never */
	uint64_t fail_count; /* how many fail in a row; 0 means 1, UINT64_MAX all */
	int fail_error;      /* 0 means -EIO; also of bad sectors */

	/* For good. */
	uint64_t bad_sector; /* the first one that is bad */
	uint64_t bad_count;  /* how many are; 0: none */
	enum block_faulty_bad bad;

	/* Silently, at random. */
	uint32_t flip_one_in; /* of so many reads, one has a bit flipped; 0: none */
	uint32_t lose_one_in; /* of so many writes, one is not done; 0: none */
};

/* What happened since block_faulty_start(). */
struct block_faulty_counts {
	uint64_t operations;
	uint64_t changes;
	uint64_t flushes; /* that succeeded */
	uint64_t failed;
	uint64_t flipped;
	uint64_t lost;
};

struct block_faulty_state {
	struct block_info info;
	struct block_faulty_plan plan;
	struct block_faulty_counts counts;
	bool cut;                             /* the power is off */
	uint64_t random;                      /* private from here on */
	struct block_faulty_write *unflushed; /* the oldest; then as they were written */
	struct block_faulty_write **end;      /* where the next one goes */
};

struct block_faulty {
	struct block_faulty_state *state;
	const struct block *below;
	struct block_faulty_plan plan; /* what it starts with when it is connected */
};

extern const struct block_ops block_faulty_ops;

/* Start with the plan of `faulty`. -ENXIO if `below` is not connected. */
must_check int block_faulty_connect(const struct block_faulty *faulty);

/*
 * Write below what was not flushed, as a device does that is shut down in order, and disconnect. What
 * went wrong is logged, if anything did.
 */
void block_faulty_disconnect(const struct block_faulty *faulty);

/*
 * Switch the power on, if it is off, with a new plan (NULL: nothing goes wrong) and counts of 0.
 * Before a device is connected, it must be connected instead. Writes that were not flushed stay in
 * the cache if the power was on.
 */
void block_faulty_start(const struct block_faulty *faulty, const struct block_faulty_plan *plan);

/*
 * Cut the power now: what was not flushed goes the way of the plan, and every operation gives
 * -ENXIO until block_faulty_start().
 */
void block_faulty_cut(const struct block_faulty *faulty);

/*
 * Flip bit `bit` of the sector on the medium, behind everybody's back. -ERANGE if there is no such
 * sector or bit, or an error of `below`.
 */
must_check int block_faulty_flip(const struct block_faulty *faulty, uint64_t sector, uint32_t bit);

#endif
