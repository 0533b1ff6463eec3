// SPDX-License-Identifier: ISC
/* Walking through a store. */
#include "cli/image_walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 64, /* dictionaries in each other that are looked into */
};

struct walk {
	const struct kv_ro *reader;
	image_visit *visit;
	void *context;
	const char *key;
	unsigned depth;
	int result; /* of `visit` */
};

static int walk_entry(void *context, const char *name, enum kv_kind kind);

static int walk_dictionary(struct walk *walk)
{
	int error = kv_ro_list(walk->reader, walk->key, walk_entry, walk);

	if (walk->result == 0 && error != 0)
		walk->result = walk->visit(walk->context, walk->key, error);
	return walk->result;
}

static int walk_entry(void *context, const char *name, enum kv_kind kind)
{
	struct walk *walk = context;
	char *key = malloc(KV_KEY_SIZE);
	struct walk below = *walk;
	int error = key == NULL ? -ENOMEM
	            : walk->depth == DEPTH_MAX
	                    ? -ELOOP
	                    : kv_key_join((struct kv_key){ walk->key, strlen(walk->key) },
	                                  (struct kv_key){ name, strlen(name) }, key, KV_KEY_SIZE);

	below.key = key;
	below.depth++;
	if (error != 0)
		walk->result = walk->visit(walk->context, walk->key, error);
	else if (kind == KV_DICTIONARY)
		walk->result = walk_dictionary(&below);
	else
		walk->result = walk->visit(walk->context, key, 0);
	free(key);
	return walk->result;
}

int image_walk(const struct kv_ro *reader, const char *key, image_visit *visit, void *context)
{
	struct walk walk = { .reader = reader, .visit = visit, .context = context, .key = key };
	enum kv_kind kind = KV_NONE;

	if (kv_ro_exists(reader, key, &kind) == 0 && kind == KV_VALUE)
		return visit(context, key, 0);
	return walk_dictionary(&walk);
}
