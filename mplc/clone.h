/* SPDX-License-Identifier: ISC */
/*
 * Copies of what was parsed, for structs that are written out and statements that go into every arm.
 */
#ifndef MPLC_CLONE_H
#define MPLC_CLONE_H

#include "mplc/compiler.h"

/* How names change: those of `names` get `prefix` and `_` in front. `prefix` NULL: none do. */
struct renaming {
	const char *prefix;
	const char *const *names;
	size_t count;
};

struct field *clone_field(struct compiler *compiler, const struct field *field,
                          const struct renaming *renaming);
struct statements *clone_statements(struct compiler *compiler, const struct statements *statements,
                                    const struct renaming *renaming);
struct expression *clone_expression(struct compiler *compiler, const struct expression *expression,
                                    const struct renaming *renaming);

/* The names of all fields in statements, those of arms too, but not of records. */
void collect_names(struct compiler *compiler, const struct statements *statements,
                   const char ***names, size_t *count);

#endif
