/* SPDX-License-Identifier: ISC */
/*
 * Checks of a field and of a classify, in the order of the layout.
 */
#ifndef MPLC_CHECK_H
#define MPLC_CHECK_H

#include "mplc/expression.h"

/* Constants among the attributes, and the bounds that they give the field. */
void check_attributes(struct compiler *compiler, struct packet *packet, struct field *field);

/* Size, arguments and element of a variable field. */
void check_size(struct compiler *compiler, struct packet *packet, struct field *field);

/* What is classified, by which values, and that they do not overlap. */
void check_classify(struct compiler *compiler, struct packet *packet, struct classify *classify);

/* After the layout: computed values, and the order they are computed in. */
void check_values(struct compiler *compiler, struct packet *packet, struct block *block);

/* After the layout: what checksums cover. */
void check_checksums(struct compiler *compiler, struct packet *packet, struct block *block);

/*
 * True if a builder knows the field before it has placed anything: it is given, constant, or computed
 * from such. Only such fields can be arguments of parts.
 */
bool is_known_early(const struct field *field, unsigned depth);

/* True if what a builder computes makes a parser find the part, or the list, as it was given. */
bool size_agrees(const struct field *field);

/* True if the type is one of integers: byte, uintN, intN, bit[n]. */
bool is_integer_type(const struct field *field);

#endif
