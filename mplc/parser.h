/* SPDX-License-Identifier: ISC */
/*
 * What the files of the parser share: a token to look at, and errors that say what was expected.
 */
#ifndef MPLC_PARSER_H
#define MPLC_PARSER_H

#include "mplc/compiler.h"

struct parser {
	struct compiler *compiler;
	struct module *module;
	struct lexer lexer;
	struct token token;    /* the one to be read next */
	struct place previous; /* of the one before */
	unsigned depth;        /* of nested expressions and statements */
	unsigned braces;       /* open before `token` */
	bool failed;           /* the current statement is lost: say no more about it */
};

void parser_advance(struct parser *parser);
bool parser_at(const struct parser *parser, int symbol);
bool parser_at_word(const struct parser *parser, const char *word);

/* Read the symbol or word if it is next. */
bool parser_take(struct parser *parser, int symbol);
bool parser_take_word(struct parser *parser, const char *word);

/* Report that `what` was expected instead of the next token. */
void parser_expected(struct parser *parser, const char *what);

/* Read the symbol, or report. `after` completes the message: "after the type". NULL: nothing. */
bool parser_expect(struct parser *parser, int symbol, const char *after);

/* Read an identifier, or report that `what` was expected. NULL after an error. */
const char *parser_name(struct parser *parser, const char *what, struct place *place);

/* One level deeper; false, reported, when it is too deep. Each call has its parser_leave(). */
bool parser_enter(struct parser *parser);
void parser_leave(struct parser *parser);

const char *parser_text(struct parser *parser, struct place place);

struct expression *parse_expression(struct parser *parser);

/* `(` expression `)` */
struct expression *parse_parenthesised(struct parser *parser);

/* Statements up to the `}` or `|` that ends them. */
struct statements *parse_statements(struct parser *parser);

/* A type with its size and attributes, up to `;`. */
void parse_type(struct parser *parser, struct field *field);
void parse_attributes(struct parser *parser, struct field *field);

#endif
