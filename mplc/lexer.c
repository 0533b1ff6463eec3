// SPDX-License-Identifier: ISC
/* Words of the language. */
#include "mplc/lexer.h"

#include <string.h>

static const struct {
	int symbol;
	char text[3];
} symbols[] = {
	{ SYMBOL_ARROW, "->" },      { SYMBOL_FAT_ARROW, "=>" },     { SYMBOL_AND, "&&" },
	{ SYMBOL_OR, "||" },         { SYMBOL_GREATER_EQUAL, ">=" }, { SYMBOL_LESS_EQUAL, "<=" },
	{ SYMBOL_EQUAL, "==" },      { SYMBOL_NOT_EQUAL, "!=" },     { SYMBOL_RANGE, ".." },
	{ SYMBOL_SHIFT_LEFT, "<<" }, { SYMBOL_SHIFT_RIGHT, ">>" },
};

#define SYMBOL_COUNT (sizeof(symbols) / sizeof(symbols[0]))

static char peek(const struct lexer *lexer, size_t ahead)
{
	/* The text ends with a NUL and `at` never passes it. */
	for (size_t i = 0; i < ahead; i++)
		if (lexer->at + i >= lexer->source->length)
			return '\0';
	return lexer->source->text[lexer->at + ahead];
}

static struct place place_at(const struct lexer *lexer, size_t start)
{
	return (struct place){ lexer->source, start, lexer->at - start };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ISO 8859-1 letters, which the historical compiler took; in UTF-8 they are pairs of such bytes. */
static bool is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_' || (unsigned char)c >= 0xdf;
}

static bool is_upper(char c)
{
	return (c >= 'A' && c <= 'Z') || ((unsigned char)c >= 0xc0 && (unsigned char)c < 0xdf);
}

static bool is_word(char c)
{
	return is_lower(c) || is_upper(c) || is_digit(c) || c == '\'' || ((unsigned char)c >= 0x80);
}

static void skip_comment(struct lexer *lexer)
{
	size_t start = lexer->at;
	unsigned depth = 0;

	do {
		if (lexer->at >= lexer->source->length) {
			report_error(lexer->report, (struct place){ lexer->source, start, 2 },
			             "this comment is not closed");
			report_hint(lexer->report, "comments nest: each /* needs a */ of its own");
			return;
		}
		if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
			depth++;
			lexer->at += 2;
		} else if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
			depth--;
			lexer->at += 2;
		} else {
			lexer->at++;
		}
	} while (depth > 0);
}

static void skip_blank(struct lexer *lexer)
{
	for (;;) {
		char c = peek(lexer, 0);

		if (lexer->at >= lexer->source->length)
			return;
		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			lexer->at++;
		} else if (c == '/' && peek(lexer, 1) == '*') {
			skip_comment(lexer);
		} else if (c == '/' && peek(lexer, 1) == '/') {
			while (lexer->at < lexer->source->length && peek(lexer, 0) != '\n' &&
			       peek(lexer, 0) != '\r')
				lexer->at++;
		} else {
			return;
		}
	}
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static int read_base(struct lexer *lexer)
{
	char mark = peek(lexer, 0) == '0' ? peek(lexer, 1) : '\0';
	int base = 10;

	if (mark == 'x' || mark == 'X')
		base = 16;
	else if (mark == 'o' || mark == 'O')
		base = 8;
	else if (mark == 'b' || mark == 'B')
		base = 2;
	if (base != 10)
		lexer->at += 2;
	return base;
}

static struct token read_integer(struct lexer *lexer)
{
	struct token token = { .kind = TOKEN_INTEGER };
	size_t start = lexer->at, digits = 0;
	int base = read_base(lexer);
	bool bad = false, overflow = false;

	for (; is_word(peek(lexer, 0)); lexer->at++) {
		int value = digit_value(peek(lexer, 0));

		if (peek(lexer, 0) == '_' && digits > 0)
			continue;
		if (value >= base) {
			bad = true;
			continue;
		}
		digits++;
		if (__builtin_mul_overflow(token.integer, (wide)base, &token.integer) ||
		    __builtin_add_overflow(token.integer, (wide)value, &token.integer))
			overflow = true;
	}
	token.place = place_at(lexer, start);
	if (bad || digits == 0) {
		report_error(lexer->report, token.place, "'%.*s' is not a number",
		             (int)token.place.length, lexer->source->text + start);
		report_hint(lexer->report,
		            "numbers are 10, 0x1f, 0o17 or 0b101, with _ between digits");
	} else if (overflow) {
		report_error(lexer->report, token.place, "this number does not fit in 127 bits");
		token.integer = 0;
	}
	return token;
}

static struct token read_string(struct lexer *lexer)
{
	struct token token = { .kind = TOKEN_STRING };
	size_t start = lexer->at++;

	size_t zero = 0;

	for (; lexer->at < lexer->source->length && peek(lexer, 0) != '"' && peek(lexer, 0) != '\n';
	     lexer->at++)
		if (peek(lexer, 0) == '\0')
			zero = lexer->at;
	if (zero != 0) {
		token.kind = TOKEN_BAD;
		report_error(lexer->report, (struct place){ lexer->source, zero, 1 },
		             "a string cannot have a byte 0 in it");
		lexer->at += peek(lexer, 0) == '"';
	} else if (peek(lexer, 0) == '"') {
		lexer->at++;
	} else {
		token.kind = TOKEN_BAD;
		report_error(lexer->report, (struct place){ lexer->source, start, 1 },
		             "this string is not closed on its line");
	}
	token.place = place_at(lexer, start);
	return token;
}

static struct token read_symbol(struct lexer *lexer)
{
	struct token token = { .kind = TOKEN_PUNCTUATION };
	size_t start = lexer->at;

	for (size_t i = 0; i < SYMBOL_COUNT; i++) {
		if (peek(lexer, 0) == symbols[i].text[0] && peek(lexer, 1) == symbols[i].text[1]) {
			lexer->at += 2;
			token.symbol = symbols[i].symbol;
			token.place = place_at(lexer, start);
			return token;
		}
	}
	char c = peek(lexer, 0);
	lexer->at++;
	token.symbol = (unsigned char)c;
	token.place = place_at(lexer, start);
	if (c == '\0' || strchr("{}()[]:;,|!+-*/><=%&", c) == NULL) {
		token.kind = TOKEN_BAD;
		if (c > ' ' && c < 0x7f)
			report_error(lexer->report, token.place, "'%c' means nothing here", c);
		else
			report_error(lexer->report, token.place, "byte 0x%02x means nothing here",
			             (unsigned char)c);
	}
	return token;
}

struct token lexer_next(struct lexer *lexer)
{
	struct token token = { .kind = TOKEN_END };

	skip_blank(lexer);
	size_t start = lexer->at;
	if (start >= lexer->source->length) {
		token.place = place_at(lexer, start);
		return token;
	}
	char c = peek(lexer, 0);
	if (is_digit(c))
		return read_integer(lexer);
	if (c == '"')
		return read_string(lexer);
	if (!is_lower(c) && !is_upper(c))
		return read_symbol(lexer);
	token.kind = is_lower(c) ? TOKEN_LOWER : TOKEN_UPPER;
	while (is_word(peek(lexer, 0)))
		lexer->at++;
	token.place = place_at(lexer, start);
	return token;
}

bool token_is(const struct token *token, const char *text)
{
	return (token->kind == TOKEN_LOWER || token->kind == TOKEN_UPPER) &&
	       token->place.length == strlen(text) &&
	       memcmp(token->place.source->text + token->place.offset, text, token->place.length) ==
	               0;
}

const char *symbol_text(int symbol, char buffer[4])
{
	for (size_t i = 0; i < SYMBOL_COUNT; i++)
		if (symbols[i].symbol == symbol)
			return symbols[i].text;
	buffer[0] = (char)symbol;
	buffer[1] = '\0';
	return buffer;
}

const char *token_description(const struct token *token, char buffer[], size_t size)
{
	if (token->kind == TOKEN_END)
		return "the end of the file";
	snprintf(buffer, size, "`%.*s`", token->place.length > 40 ? 40 : (int)token->place.length,
	         token->place.source->text + token->place.offset);
	return buffer;
}
