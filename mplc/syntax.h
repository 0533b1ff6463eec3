/* SPDX-License-Identifier: ISC */
/*
 * What a specification says, as the parser reads it and as the checks complete it.
 *
 * The parser makes modules of packets with statements. expand.c turns the statements of a packet into
 * blocks: structs written out, inner records made packets, statements after a classify moved into its
 * arms. layout.c gives each field its position, check*.c resolve and check. Output reads only blocks.
 */
#ifndef MPLC_SYNTAX_H
#define MPLC_SYNTAX_H

#include <stdbool.h>
#include <stdint.h>

#include "mplc/lexer.h"

struct field;
struct packet;
struct block;
struct classify;
struct parameter;
struct module;

/* Bounds of what an expression can be, both included. */
struct interval {
	wide low, high;
};

enum value_kind {
	VALUE_BROKEN, /* reported */
	VALUE_INTEGER,
	VALUE_BOOLEAN,
	VALUE_STRING,
	VALUE_RANGE, /* of integers */
	VALUE_ANY,   /* `_`: matches all */
	VALUE_OTHER, /* an address, bytes: no arithmetic */
};

enum expression_kind {
	EXPRESSION_INTEGER,
	EXPRESSION_STRING,
	EXPRESSION_BOOLEAN,
	EXPRESSION_NAME,
	EXPRESSION_CALL,
	EXPRESSION_UNARY,
	EXPRESSION_BINARY, /* `..` too */
};

enum function {
	FUNCTION_NONE,
	FUNCTION_OFFSET,       /* position after a field */
	FUNCTION_START,        /* position before it */
	FUNCTION_SIZEOF,       /* bytes of a field */
	FUNCTION_REMAINING,    /* bytes from here on */
	FUNCTION_ARRAY_LENGTH, /* elements */
	FUNCTION_TOTAL,        /* bytes of the packet */
};

struct expression {
	enum expression_kind kind;
	struct place place;
	wide integer;     /* INTEGER, BOOLEAN */
	const char *text; /* STRING, NAME, CALL: the function */
	size_t text_length;
	int symbol;
	struct expression *left, *right; /* UNARY: right */
	const char *argument;            /* CALL; NULL: none */
	struct place argument_place;
	/* found by the checks */
	enum value_kind value;
	struct interval range;
	enum function function;
	struct field *field;
	struct parameter *parameter;
};

enum type_kind {
	TYPE_UNRESOLVED,
	TYPE_UNSIGNED,
	TYPE_SIGNED,
	TYPE_BITS,
	TYPE_BOOLEAN,
	TYPE_BYTES,
	TYPE_STRING, /* after a length of `width` bits; 0: up to a byte 0 */
	TYPE_MPINT,
	TYPE_NAME, /* a domain name */
	TYPE_LABEL,
	TYPE_IPV4,
	TYPE_IPV6,
	TYPE_MAC,
	TYPE_LIST,
	TYPE_PACKET,
	TYPE_STRUCT, /* until expanded */
};

enum list_kind {
	LIST_COUNT, /* array(n): n elements */
	LIST_BYTES, /* list(n): elements in n bytes */
	LIST_CHAIN, /* chain(kind): each element names the kind of the next */
};

struct variant_member {
	struct expression *match;
	const char *name;
	const char *c_name; /* IPV4_PROTOCOL_TCP */
	struct place place;
	bool is_default;
};

struct variant {
	struct variant_member *members;
	size_t count;
	struct place place;
};

struct checksum {
	struct place place;
	const char *algorithm;
	struct place algorithm_place;
	const char *first, *last; /* names; NULL: from the start, to the end of the packet */
	struct place first_place, last_place;
	const char *pseudo; /* a parameter; NULL: none */
	struct place pseudo_place;
	bool optional; /* 0 says that there is none */
	struct field *first_field, *last_field;
	struct parameter *parameter;
};

struct attributes {
	struct expression *constant, *value, *initial, *minimum, *maximum, *align;
	struct variant *variant;
	struct checksum *checksum;
	struct place place; /* of the last one */
};

/* An integer type or a size: what `name` of a type resolves to. */
struct type {
	enum type_kind kind;
	unsigned width; /* bits */
	bool little;    /* byte order, bit order */
	bool compressed;
};

/* `base` is the last field of unknown size before; NULL: the packet's start. */
struct position {
	struct field *base;
	uint64_t bits;
};

struct field {
	const char *name;
	struct place place;
	const char *type_name;
	struct place type_place;
	struct type type;
	struct expression *size; /* [e], (e) */
	enum list_kind list;
	struct statements *record; /* inner record of a list */
	const char *element_name;  /* packet M, list of M */
	struct place element_place;
	struct packet *element;
	struct expression **arguments;
	size_t argument_count;
	const char *until; /* a list ends after the element of this arm */
	struct place until_place;
	struct arm *until_arm;
	struct attributes attributes;
	/* after expansion */
	struct block *block;
	size_t index;         /* in its block */
	const char *c_name;   /* member name */
	const char *path;     /* "echo_request.": where it is in the view and the fields */
	const char *accessor; /* "icmp_echo_request_identifier" */
	const char *local;    /* "echo_request_identifier": variable in generated functions */
	struct classify *classified;
	struct position start, end;
	bool fixed;          /* `width_bits` known */
	uint64_t width_bits; /* if fixed */
	wide constant, initial, minimum, maximum;
	uint64_t align; /* bytes; 0: none */
	struct interval range;
	bool sizes;     /* something's size or number depends on it */
	int order_mark; /* for ordering values */
	bool broken;
};

struct arm {
	struct place place;
	struct expression *match;
	const char *name;
	struct expression *guard;
	struct statements *statements;
	/* after expansion */
	struct block *block;
	const char *c_name; /* echo_request */
	const char *c_tag;  /* ICMP_ECHO_REQUEST */
};

struct classify {
	struct place place;
	const char *name;
	struct place name_place;
	struct arm *arms;
	size_t arm_count;
	/* after expansion */
	struct field *field; /* what is classified, or */
	struct parameter *parameter;
	struct block *block;
	bool exact; /* each arm is one integer without a guard: the tag alone gives the value */
	const char *c_name; /* icmp: the enum is icmp_tag */
};

struct statement {
	struct field *field; /* or */
	struct classify *classify;
};

struct statements {
	struct statement *items;
	size_t count;
};

struct block {
	struct packet *packet;
	struct block *parent;
	struct arm *arm; /* whose block it is; NULL: the packet's */
	struct field **fields;
	size_t field_count;
	struct classify *classify;
	struct position end;
	const char *path, *accessor, *local; /* prefixes of its fields' */
};

enum parameter_kind {
	PARAMETER_BOOLEAN,
	PARAMETER_INTEGER,
	PARAMETER_PSEUDO,
};

struct parameter {
	const char *name;
	const char *c_name;
	struct place place;
	const char *type_name;
	struct place type_place;
	enum parameter_kind kind;
	unsigned width;
	bool used;
};

struct packet {
	struct module *module;
	const char *name;
	struct place place;
	struct parameter *parameters;
	size_t parameter_count;
	struct statements *statements;
	/* after expansion */
	const char *c_name;
	struct block *block;
	bool inner;     /* made from an inner record */
	bool has_names; /* it or a part has domain names: knows the message round it */
	bool broken;
	int mark;          /* 0 new, 1 being visited, 2 done */
	uint64_t size_min; /* bytes */
	bool fixed;        /* of exactly size_min bytes */
};

struct structure {
	const char *name;
	struct place place;
	struct statements *statements;
	int mark;
};

struct definition {
	const char *name;
	struct place place;
	struct field *field; /* its type and attributes */
};

struct constant {
	const char *name;
	struct place place;
	struct expression *expression;
	wide value;
	bool known; /* folded */
};

struct import {
	const char *path;
	struct place place;
	struct module *module;
};

struct module {
	const char *name; /* of the file without folder and ending: "ipv4" */
	struct source source;
	struct definition *definitions;
	size_t definition_count;
	struct structure *structures;
	size_t structure_count;
	struct constant *constants;
	size_t constant_count;
	struct packet **packets; /* in the order of output: parts before what has them */
	size_t packet_count;
	struct import *imports;
	size_t import_count;
	bool little_bytes, lsb_bits;
	bool own; /* comes with Mirage */
	int mark;
};

#endif
