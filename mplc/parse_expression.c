// SPDX-License-Identifier: ISC
/* Expressions, by precedence climbing. */
#include "mplc/parser.h"

/* From loose to tight; all bind to the left. `!` and unary minus stand between, as prefixes. */
static int binary_level(const struct token *token)
{
	if (token->kind != TOKEN_PUNCTUATION)
		return -1;
	switch (token->symbol) {
	case SYMBOL_RANGE:
		return 0;
	case SYMBOL_OR:
		return 1;
	case SYMBOL_AND:
		return 2;
	case '>':
	case '<':
	case SYMBOL_GREATER_EQUAL:
	case SYMBOL_LESS_EQUAL:
	case SYMBOL_EQUAL:
	case SYMBOL_NOT_EQUAL:
		return 4;
	case SYMBOL_SHIFT_LEFT:
	case SYMBOL_SHIFT_RIGHT:
		return 5;
	case '+':
	case '-':
		return 6;
	case '*':
	case '/':
	case '%':
	case '&':
		return 7;
	default:
		return -1;
	}
}

enum {
	LEVEL_NOT = 3,
	LEVEL_MINUS = 8,
};

static struct expression *new_expression(struct parser *parser, enum expression_kind kind,
                                         struct place place)
{
	struct expression *expression = arena_new(&parser->compiler->arena, struct expression);

	expression->kind = kind;
	expression->place = place;
	return expression;
}

static struct expression *parse_call(struct parser *parser, struct expression *call)
{
	call->kind = EXPRESSION_CALL;
	parser_advance(parser);
	if (!parser_at(parser, ')')) {
		call->argument = parser_name(parser, "the name of a field", &call->argument_place);
		if (call->argument == NULL)
			return NULL;
	}
	if (!parser_expect(parser, ')', "after the argument"))
		return NULL;
	call->place = place_join(call->place, parser->previous);
	return call;
}

static struct expression *parse_primary(struct parser *parser)
{
	const struct token token = parser->token;
	struct expression *expression;

	if (token.kind == TOKEN_INTEGER) {
		expression = new_expression(parser, EXPRESSION_INTEGER, token.place);
		expression->integer = token.integer;
		parser_advance(parser);
		return expression;
	}
	if (token.kind == TOKEN_STRING) {
		struct place inside = token.place;

		expression = new_expression(parser, EXPRESSION_STRING, token.place);
		inside.offset++;
		inside.length -= 2;
		expression->text = parser_text(parser, inside);
		expression->text_length = inside.length;
		parser_advance(parser);
		return expression;
	}
	if (token_is(&token, "true") || token_is(&token, "false")) {
		expression = new_expression(parser, EXPRESSION_BOOLEAN, token.place);
		expression->integer = token_is(&token, "true");
		parser_advance(parser);
		return expression;
	}
	if (parser_at(parser, '(')) {
		expression = parse_parenthesised(parser);
		if (expression != NULL)
			expression->place = place_join(token.place, parser->previous);
		return expression;
	}
	struct place place;
	const char *name = parser_name(parser, "a value", &place);
	if (name == NULL)
		return NULL;
	expression = new_expression(parser, EXPRESSION_NAME, place);
	expression->text = name;
	return parser_at(parser, '(') ? parse_call(parser, expression) : expression;
}

static struct expression *parse_level(struct parser *parser, int level);

static struct expression *parse_unary(struct parser *parser, int level)
{
	struct place place = parser->token.place;
	int symbol = parser->token.symbol;

	parser_advance(parser);
	struct expression *right = parse_level(parser, level);
	if (right == NULL)
		return NULL;
	struct expression *unary =
		new_expression(parser, EXPRESSION_UNARY, place_join(place, right->place));
	unary->symbol = symbol;
	unary->right = right;
	return unary;
}

static struct expression *parse_operand(struct parser *parser)
{
	/* A prefix takes what binds tighter than it, and what it makes is an operand. */
	if (parser_at(parser, '!'))
		return parse_unary(parser, LEVEL_NOT);
	if (parser_at(parser, '-'))
		return parse_unary(parser, LEVEL_MINUS);
	return parse_primary(parser);
}

static struct expression *join(struct parser *parser, struct expression *left, int symbol,
                               struct expression *right)
{
	struct expression *binary =
		new_expression(parser, EXPRESSION_BINARY, place_join(left->place, right->place));

	binary->symbol = symbol;
	binary->left = left;
	binary->right = right;
	return binary;
}

/* Operators of at least `level`. */
static struct expression *parse_level(struct parser *parser, int level)
{
	struct expression *left = NULL;
	unsigned depth = parser->depth;

	if (parser_enter(parser))
		left = parse_operand(parser);
	while (left != NULL) {
		int found = binary_level(&parser->token);

		if (found < 0 || found < level)
			break;
		int symbol = parser->token.symbol;
		parser_advance(parser);
		/* Each operator makes the tree one deeper. */
		struct expression *right =
			parser_enter(parser) ? parse_level(parser, found + 1) : NULL;
		left = right != NULL ? join(parser, left, symbol, right) : NULL;
	}
	parser->depth = depth;
	return left;
}

struct expression *parse_expression(struct parser *parser)
{
	return parse_level(parser, 0);
}

struct expression *parse_parenthesised(struct parser *parser)
{
	if (!parser_expect(parser, '(', "before the expression"))
		return NULL;
	struct expression *expression = parse_expression(parser);
	if (expression == NULL || !parser_expect(parser, ')', "after the expression"))
		return NULL;
	return expression;
}
