/* SPDX-License-Identifier: ISC */
/*
 * Words of the language.
 */
#ifndef MPLC_LEXER_H
#define MPLC_LEXER_H

#include "mplc/source.h"

/* Integers of the language and all arithmetic on them. */
__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;
#define WIDE_MAX ((wide)(~(unsigned_wide)0 >> 1))
#define WIDE_MIN (-WIDE_MAX - 1)

enum token_kind {
	TOKEN_END,
	TOKEN_LOWER, /* an identifier that begins with a small letter or _ */
	TOKEN_UPPER, /* one that begins with a capital */
	TOKEN_INTEGER,
	TOKEN_STRING,
	TOKEN_PUNCTUATION, /* `symbol` tells which */
	TOKEN_BAD,         /* already reported */
};

/* Symbols of more than one character; others are their character. */
enum {
	SYMBOL_ARROW = 256, /* -> */
	SYMBOL_FAT_ARROW,   /* => */
	SYMBOL_AND,         /* && */
	SYMBOL_OR,          /* || */
	SYMBOL_GREATER_EQUAL,
	SYMBOL_LESS_EQUAL,
	SYMBOL_EQUAL, /* == */
	SYMBOL_NOT_EQUAL,
	SYMBOL_RANGE, /* .. */
	SYMBOL_SHIFT_LEFT,
	SYMBOL_SHIFT_RIGHT,
};

struct token {
	enum token_kind kind;
	int symbol;
	struct place place; /* of a string: with its quotes */
	wide integer;
};

struct lexer {
	const struct source *source;
	struct report *report;
	size_t at;
};

/* The next token; after the last, TOKEN_END for ever. */
struct token lexer_next(struct lexer *lexer);

/* True if the token is the identifier or keyword `text`. */
bool token_is(const struct token *token, const char *text);

/* How the token looks to a reader: "`;`", "the end of the file". */
const char *token_description(const struct token *token, char buffer[], size_t size);

/* How a symbol is written: "->". */
const char *symbol_text(int symbol, char buffer[4]);

#endif
