/* SPDX-License-Identifier: ISC */
/*
 * Checking expressions: what names mean, types, and the bounds of the result, so that generated
 * arithmetic cannot overflow.
 */
#ifndef MPLC_EXPRESSION_H
#define MPLC_EXPRESSION_H

#include "mplc/compiler.h"

enum scope_kind {
	SCOPE_CONSTANT, /* constants only */
	SCOPE_GUARD,    /* and the packet's parameters */
	SCOPE_SIZE,     /* and the fields before, for parsing */
	SCOPE_VALUE, /* and all fields of this part of the packet and those round it, for building */
};

struct scope {
	struct compiler *compiler;
	const struct module *module;
	enum scope_kind kind;
	struct block *block; /* where the expression is */
	struct field *field; /* whose it is; fields before it are known */
	const char *what;    /* for messages: "the size of `data`" */
	bool counts;         /* fields it reads decide a size: they must be computable */
};

/* Resolve and check; the kind of the result, with `range` set. Reports once. */
enum value_kind check_expression(struct scope *scope, struct expression *expression);

/* The same, for a result that must be an integer (or boolean). False after an error. */
bool check_integer(struct scope *scope, struct expression *expression);
bool check_boolean(struct scope *scope, struct expression *expression);

/* A constant integer or boolean. False after an error. */
bool check_constant(struct scope *scope, struct expression *expression, wide *value);

/* The field of that name, visible from the scope; NULL if none. */
struct field *find_field(const struct block *block, const char *name);

/* How an interval reads: "0..255", "7". */
const char *interval_text(struct interval interval, char buffer[], size_t size);
const char *wide_text(wide value, char buffer[], size_t size);

/* Text of an expression in the specification. */
int place_width(struct place place);
#define place_text(place) place_width(place), (place).source->text + (place).offset

#endif
