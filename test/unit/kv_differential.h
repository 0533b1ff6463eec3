/* SPDX-License-Identifier: ISC */
/*
 * A store against kv_mem: the same random changes to both give the same errors, and the same values.
 */
#ifndef TEST_UNIT_KV_DIFFERENTIAL_H
#define TEST_UNIT_KV_DIFFERENTIAL_H

#include "test/unit/kv_checks.h"

#include <mirage/kv_mem.h>
#include <mirage/mock_clock.h>

struct kv_differential {
	const struct kv_rw *store;
	struct kv_rw model;
	struct kv_mem mem;
	struct kv_mem_state state;
	struct mock_clock_state now;
	struct mock_clock mock;
	struct wall_clock clock;
	uint32_t seed;
	unsigned values; /* seen in one look at everything */
};

enum {
	KV_DIFFERENTIAL_KEY = 64,
	KV_DIFFERENTIAL_LENGTH = 1500,
};

static inline uint32_t kv_differential_draw(struct kv_differential *pair, uint32_t below)
{
	pair->seed = pair->seed * 1664525u + 1013904223u;
	return (pair->seed >> 8) % below;
}

/* One to three segments out of few, so that keys meet; now and then one that no store can have. */
static inline void kv_differential_key(struct kv_differential *pair, char *key)
{
	static const char *const odd[] = { "", "/", "a//b", "../a", "a/.", "a/" };
	uint32_t segments = 1 + kv_differential_draw(pair, 3);
	int length = 0;

	if (kv_differential_draw(pair, 40) == 0) {
		strcpy(key, odd[kv_differential_draw(pair, 6)]);
		return;
	}
	for (uint32_t i = 0; i < segments; i++)
		length += snprintf(key + length, KV_DIFFERENTIAL_KEY - (size_t)length, "%s%s%c",
		                   i > 0 ? "/" : "",
		                   kv_differential_draw(pair, 3) == 0 ? "a longer segment " : "",
		                   (char)('a' + kv_differential_draw(pair, 3)));
}

/* Whether a dictionary without values stays is the store's choice: here it goes. */
static inline void kv_differential_forget_empty(struct kv_differential *pair, const char *key)
{
	char prefix[2 * KV_DIFFERENTIAL_KEY];
	struct kv_key checked;

	for (size_t end = 1; kv_key_check(key, &checked) == 0 && end <= checked.length; end++) {
		if (end < checked.length && checked.text[end] != '/')
			continue;
		snprintf(prefix, sizeof(prefix), "%.*s", (int)end, checked.text);
		if (kv_kind_at(&pair->model, prefix) == KV_NONE &&
		    kv_kind_at(pair->store, prefix) == KV_DICTIONARY)
			assert_int_equal(kv_rw_remove(pair->store, prefix), 0);
	}
}

static inline void kv_differential_compare(struct kv_differential *pair, const char *key)
{
	struct kv_ro reader = kv_rw_reader(&pair->model);
	struct kv_value value;

	kv_differential_forget_empty(pair, key);
	int error = kv_ro_get(&reader, key, &value);

	assert_int_equal(kv_get_error(pair->store, key), error);
	if (error == 0)
		kv_expect_bytes(pair->store, key, value.bytes, value.length);
	kv_value_release(&value);
}

struct kv_differential_walk {
	struct kv_differential *pair;
	const struct kv_rw *from;
	const char *key;
};

static inline int kv_differential_visit(void *context, const char *name, enum kv_kind kind)
{
	struct kv_differential_walk *walk = context, below = *walk;
	char key[KV_KEY_SIZE]; /* dictionaries move into each other, and grow deep */
	struct kv_ro reader = kv_rw_reader(walk->from);

	snprintf(key, sizeof(key), "%s%s%s", walk->key, walk->key[0] != '\0' ? "/" : "", name);
	below.key = key;
	if (kind == KV_DICTIONARY)
		return kv_ro_list(&reader, key, kv_differential_visit, &below);
	walk->pair->values++;
	assert_int_equal(kv_kind_at(walk->pair->store, key), KV_VALUE);
	assert_int_equal(kv_kind_at(&walk->pair->model, key), KV_VALUE);
	return 0;
}

/* Each lists the values that the other has. */
static inline void kv_differential_compare_lists(struct kv_differential *pair)
{
	const struct kv_rw *const both[] = { pair->store, &pair->model };
	unsigned values[2];

	for (size_t i = 0; i < 2; i++) {
		struct kv_ro reader = kv_rw_reader(both[i]);
		struct kv_differential_walk walk = { .pair = pair, .from = both[i], .key = "" };

		pair->values = 0;
		assert_int_equal(kv_ro_list(&reader, "", kv_differential_visit, &walk), 0);
		values[i] = pair->values;
	}
	assert_int_equal(values[0], values[1]);
}

/* One change, of one of the two. */
struct kv_differential_change {
	uint32_t kind;
	char key[KV_DIFFERENTIAL_KEY], other[KV_DIFFERENTIAL_KEY];
	uint32_t offset;
	size_t length;
	uint8_t bytes[KV_DIFFERENTIAL_LENGTH];
};

static inline int kv_differential_apply(const struct kv_rw *kv,
                                        const struct kv_differential_change *change)
{
	switch (change->kind) {
	case 0:
	case 1:
		return kv_rw_set(kv, change->key, change->bytes, change->length);
	case 2:
		return kv_rw_set_part(kv, change->key, change->offset, change->bytes,
		                      change->length);
	case 3:
		return kv_rw_remove(kv, change->key);
	case 4:
		return kv_rw_allocate(kv, change->key, change->length);
	default:
		return kv_rw_rename(kv, change->key, change->other);
	}
}

static inline void kv_differential_step(struct kv_differential *pair)
{
	struct kv_differential_change change = { .kind = kv_differential_draw(pair, 7) };
	char into[2 * KV_DIFFERENTIAL_KEY];
	const char *last;

	kv_differential_key(pair, change.key);
	kv_differential_key(pair, change.other);
	change.offset = kv_differential_draw(pair, KV_DIFFERENTIAL_LENGTH);
	change.length = kv_differential_draw(pair, KV_DIFFERENTIAL_LENGTH + 1);
	for (size_t i = 0; i < change.length; i++)
		change.bytes[i] = (uint8_t)kv_differential_draw(pair, 256);
	last = strrchr(change.key, '/');
	snprintf(into, sizeof(into), "%s/%s", change.other, last != NULL ? last + 1 : change.key);
	kv_differential_forget_empty(pair, change.key);
	kv_differential_forget_empty(pair, change.other);
	kv_differential_forget_empty(pair, into);

	int expected = kv_differential_apply(&pair->model, &change);
	int result = kv_differential_apply(pair->store, &change);

	if (result != expected)
		print_message("change %u of '%s', '%s': %d, kv_mem says %d\n", change.kind,
		              change.key, change.other, result, expected);
	assert_int_equal(result, expected);
	kv_differential_compare(pair, change.key);
	kv_differential_compare(pair, change.other);
	kv_differential_compare(pair, into);
}

/* Do `steps` random changes to an empty store and to one in memory. */
static inline void kv_behaves_like_memory(const struct kv_rw *store, uint32_t seed, unsigned steps)
{
	struct kv_differential *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	pair->store = store;
	pair->seed = seed;
	pair->mock.state = &pair->now;
	assert_int_equal(mock_clock_connect(&pair->mock), 0);
	pair->clock = (struct wall_clock){ .ops = &mock_wall_clock_ops, .self = &pair->mock };
	pair->mem = (struct kv_mem){ .state = &pair->state, .clock = &pair->clock };
	pair->model = (struct kv_rw){ .ops = &kv_mem_ops, .self = &pair->mem };
	for (unsigned i = 0; i < steps; i++) {
		kv_differential_step(pair);
		if (i % 16 == 15)
			kv_differential_compare_lists(pair);
	}
	kv_mem_disconnect(&pair->mem);
	free(pair);
}

#endif
