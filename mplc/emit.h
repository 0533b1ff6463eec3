/* SPDX-License-Identifier: ISC */
/*
 * Writing C. Each emit_*() writes one part of the header or the source of a module; the *_text()
 * functions make pieces of C as strings, which live as long as the compilation.
 */
#ifndef MPLC_EMIT_H
#define MPLC_EMIT_H

#include <stdio.h>

#include "mplc/expression.h"

struct emitter {
	struct compiler *compiler;
	const struct module *module;
	FILE *out;
	bool lines;           /* write #line */
	struct position here; /* where remaining() counts from */
};

/* Where generated code runs decides how it reads a field. */
enum context {
	CONTEXT_PARSE, /* `p`, and locals of ends and counts */
	CONTEXT_VIEW,  /* `view` */
	CONTEXT_BUILD, /* `fields`, and locals of ends and values */
};

void emit(struct emitter *emitter, const char *format, ...) printf_like(2, 3);

/* #line for what follows. */
void emit_line(struct emitter *emitter, struct place place);

/* A comment with the specification's own text of a field, and its place. */
void emit_origin(struct emitter *emitter, const struct field *field, const char *indent);

char *text_format(struct emitter *emitter, const char *format, ...) printf_like(2, 3);

/* A constant in C, with the suffix it needs. */
const char *number_text(struct emitter *emitter, wide value);
const char *string_text(struct emitter *emitter, const char *text, size_t length);

/* uint16_t: what holds a field's value. NULL if it is no number. */
const char *number_type(const struct field *field);

/* What the field's bits can hold. */
struct interval type_bounds(const struct field *field);

/* The type of an accessor's result and of a member of the fields. */
const char *value_type(const struct field *field);
const char *argument_type(const struct field *field);

/* "34", "options_end + 4": bytes from the start of the packet. */
const char *position_text(struct emitter *emitter, enum context context, struct position position);
const char *end_text(struct emitter *emitter, enum context context, const struct field *field);

/* Bytes before the text of a string, and those before and after it. */
unsigned string_prefix(const struct field *field);
unsigned string_extra(const struct field *field);

/* Sums and differences without a 0. */
const char *less_text(struct emitter *emitter, const char *from, const char *amount);
const char *plus_text(struct emitter *emitter, const char *base, const char *amount);

/* The value of a field that was parsed. */
const char *load_text(struct emitter *emitter, enum context context, const struct field *field);

/* An expression as int64_t, or as packet_wide if it needs that. */
const char *expression_text(struct emitter *emitter, enum context context,
                            const struct expression *expression);
const char *expression_type(const struct expression *expression);

/* True for 1-based or unsigned values that C can hold in an integer of so many bits. */
bool fits_int64(struct interval interval);

/* ", bool a, int b": parameters of a packet as C parameters; arguments of a field as C arguments. */
const char *parameters_text(struct emitter *emitter, const struct packet *packet);
const char *own_arguments_text(struct emitter *emitter, const struct packet *packet);
const char *arguments_text(struct emitter *emitter, enum context context, const struct field *field,
                           const char *kind);

/* True if the caller of a builder gives the field. */
bool is_argument(const struct field *field);

/* True if the arm that is built gives the field its value, or says that the caller does. */
bool has_tag_value(const struct field *field);

/* True if the block or its arms have something given. */
bool has_arguments(const struct block *block);

/* True if a part is parsed in line: "x_walk(..., checked)" can be called. */
bool walks_inline(struct emitter *emitter, const struct packet *element);

/* ", NULL, NULL": arguments of x_walk() by which nobody is shown the elements of lists. */
const char *unseen_text(struct emitter *emitter, const struct packet *packet);

/* True if the packet classifies its first parameter: it has x_accepts(kind). */
bool has_accepts(const struct packet *packet);

/* True if a switch of C over the value finds the arm; "case 1:" of one. */
bool classifies_by_switch(const struct classify *classify);
const char *case_text(struct emitter *emitter, const struct arm *arm);

void emit_structs(struct emitter *emitter, const struct packet *packet);
void emit_prototypes(struct emitter *emitter, const struct packet *packet);
void emit_accessors(struct emitter *emitter, const struct packet *packet);
void emit_classifiers(struct emitter *emitter, const struct block *block);
void emit_parse(struct emitter *emitter, const struct packet *packet);
void emit_parse_inline(struct emitter *emitter, const struct packet *packet);
void emit_lists(struct emitter *emitter, const struct packet *packet);
void emit_lists_inline(struct emitter *emitter, const struct packet *packet);
void emit_fields(struct emitter *emitter, const struct packet *packet);
void emit_size(struct emitter *emitter, const struct packet *packet);
void emit_build(struct emitter *emitter, const struct packet *packet);
void emit_build_inline(struct emitter *emitter, const struct packet *packet);
void emit_early_values(struct emitter *emitter, const struct block *block);
void emit_write(struct emitter *emitter, const struct packet *packet, const struct block *block,
                const char *indent);
void emit_checksums(struct emitter *emitter, const struct packet *packet,
                    const struct block *block);
void emit_print(struct emitter *emitter, const struct packet *packet);

/* Whole files. */
void emit_header_file(struct emitter *emitter);
void emit_source_file(struct emitter *emitter);
void emit_fuzz_file(struct emitter *emitter);
void emit_json_file(struct emitter *emitter);
void emit_lua_file(struct emitter *emitter);

/* The macro-safe name of the module. */
const char *module_macro(struct emitter *emitter);

#endif
