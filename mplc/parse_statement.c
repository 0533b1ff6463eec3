// SPDX-License-Identifier: ISC
/* Statements: fields, records, classify. */
#include "mplc/parser.h"

#include <string.h>

static void parse_record(struct parser *parser, struct field *field)
{
	struct place place = parser->token.place;

	if (parser_take(parser, '{')) {
		field->record = parse_statements(parser);
		parser_expect(parser, '}', NULL);
		if (field->record != NULL && field->record->count == 0 && !parser->failed)
			report_error(&parser->compiler->report, place, "a record needs a field");
	} else if (parser_take_word(parser, "of")) {
		field->element_name =
			parser_name(parser, "the name of a packet", &field->element_place);
	} else {
		parser_expected(parser, "`{` and a record, or `of` and the name of a packet");
	}
}

static void parse_arguments(struct parser *parser, struct field *field)
{
	if (!parser_take(parser, '('))
		return;
	while (!parser_at(parser, ')')) {
		struct expression *argument = parse_expression(parser);

		if (argument == NULL)
			return;
		arena_push(&parser->compiler->arena, field->arguments, field->argument_count,
		           argument);
		if (!parser_take(parser, ','))
			break;
	}
	parser_expect(parser, ')', "after the arguments");
}

static void parse_list(struct parser *parser, struct field *field, enum list_kind kind)
{
	field->type.kind = TYPE_LIST;
	field->list = kind;
	field->size = parse_parenthesised(parser);
	if (field->size == NULL)
		return;
	parse_record(parser, field);
	if (field->element_name != NULL)
		parse_arguments(parser, field);
	if (parser_take_word(parser, "until")) {
		if (!parser_expect(parser, '(', "after `until`"))
			return;
		if (parser->token.kind == TOKEN_STRING) {
			struct place inside = parser->token.place;

			field->until_place = inside;
			inside.offset++;
			inside.length -= 2;
			field->until = parser_text(parser, inside);
			parser_advance(parser);
		} else {
			parser_expected(parser, "the name of an arm as a \"string\"");
		}
		parser_expect(parser, ')', "after the arm's name");
	}
}

static bool list_follows(const struct parser *parser)
{
	/* `list` and `chain` are words of the language only before a `(`. */
	struct lexer ahead = parser->lexer;
	struct report silent = { .out = NULL };

	ahead.report = &silent;
	struct token next = lexer_next(&ahead);
	return next.kind == TOKEN_PUNCTUATION && next.symbol == '(';
}

static void parse_size(struct parser *parser, struct field *field)
{
	if (!parser_take(parser, '['))
		return;
	if (parser_at(parser, ']') || parser_at(parser, '*')) {
		parser_expected(parser, "a size");
		report_hint(&parser->compiler->report, "all that is left is [remaining()]");
		return;
	}
	field->size = parse_expression(parser);
	if (field->size != NULL)
		parser_expect(parser, ']', "after the size");
}

/* `list of record` */
static void size_missing(struct parser *parser)
{
	parser_expected(parser, "the size of the list in ()");
	report_hint(
		&parser->compiler->report,
		"`list (BYTES) of x`, `array (NUMBER) of x`; up to the end, `list (remaining()) of "
		"x`");
}

void parse_type(struct parser *parser, struct field *field)
{
	field->type_place = parser->token.place;
	field->type_name = parser_text(parser, parser->token.place);
	if (parser_take_word(parser, "array")) {
		parse_list(parser, field, LIST_COUNT);
	} else if (parser_at_word(parser, "list") && list_follows(parser)) {
		parser_advance(parser);
		parse_list(parser, field, LIST_BYTES);
	} else if (parser_at_word(parser, "chain") && list_follows(parser)) {
		parser_advance(parser);
		parse_list(parser, field, LIST_CHAIN);
	} else if (parser_take_word(parser, "packet")) {
		field->type.kind = TYPE_PACKET;
		field->element_name =
			parser_name(parser, "the name of a packet", &field->element_place);
		if (field->element_name != NULL)
			parse_arguments(parser, field);
		if (!parser->failed)
			parse_size(parser, field);
	} else {
		if (parser_take_word(parser, "struct"))
			field->type.kind = TYPE_STRUCT;
		field->type_name = parser_name(parser, "a type", &field->type_place);
		if (field->type_name != NULL)
			parse_size(parser, field);
		if (parser_at_word(parser, "of"))
			size_missing(parser);
	}
	if (!parser->failed)
		parse_attributes(parser, field);
}

static struct field *parse_field(struct parser *parser)
{
	struct field *field = arena_new(&parser->compiler->arena, struct field);

	struct type type;

	field->name = parser_name(parser, "a field's name, `classify`, `()` or `}`", &field->place);
	if (field->name == NULL)
		return NULL;
	if (!parser_expect(parser, ':', "and a type after the field's name")) {
		if (parser->token.kind == TOKEN_LOWER &&
		    find_type(parser->module, field->name, &type))
			report_hint(&parser->compiler->report,
			            "the name comes before the type: `%s: %s`",
			            parser_text(parser, parser->token.place), field->name);
		return NULL;
	}
	parse_type(parser, field);
	if (parser->failed || !parser_expect(parser, ';', "after the field"))
		return NULL;
	return field;
}

static bool parse_arm(struct parser *parser, struct arm *arm)
{
	arm->place = parser->token.place;
	arm->match = parse_expression(parser);
	if (arm->match == NULL || !parser_expect(parser, ':', "and a name after the value"))
		return false;
	arm->place = parser->token.place;
	if (parser->token.kind != TOKEN_STRING || parser->token.place.length <= 2) {
		parser_expected(parser, "the arm's name as a \"string\"");
		return false;
	}
	struct place inside = parser->token.place;
	inside.offset++;
	inside.length -= 2;
	arm->name = parser_text(parser, inside);
	parser_advance(parser);
	if (parser_take_word(parser, "when")) {
		arm->guard = parse_parenthesised(parser);
		if (arm->guard == NULL)
			return false;
	}
	if (!parser_expect(parser, SYMBOL_ARROW, "after the arm's name"))
		return false;
	arm->statements = parse_statements(parser);
	return true;
}

static struct classify *parse_classify(struct parser *parser)
{
	struct classify *classify = arena_new(&parser->compiler->arena, struct classify);

	classify->place = parser->token.place;
	parser_advance(parser);
	if (!parser_expect(parser, '(', "after `classify`"))
		return NULL;
	classify->name = parser_name(parser, "the name of a field", &classify->name_place);
	if (classify->name == NULL || !parser_expect(parser, ')', "after the field's name") ||
	    !parser_expect(parser, '{', "and the arms"))
		return NULL;
	unsigned braces = parser->braces;
	while (parser_take(parser, '|')) {
		struct arm arm = { .name = NULL };

		if (parse_arm(parser, &arm)) {
			arena_push(&parser->compiler->arena, classify->arms, classify->arm_count,
			           arm);
			continue;
		}
		while (parser->token.kind != TOKEN_END &&
		       (parser->braces > braces ||
		        (!parser_at(parser, '|') && !parser_at(parser, '}'))))
			parser_advance(parser);
		parser->failed = false;
		classify->place.length = 0; /* incomplete: some checks would mislead */
	}
	if (!parser_at(parser, '}')) {
		parser_expected(parser, "`|` and an arm, or `}`");
		return NULL;
	}
	parser_advance(parser);
	if (!parser_expect(parser, ';', "after the classify"))
		return NULL;
	if (classify->arm_count == 0 && classify->place.length > 0)
		report_error(&parser->compiler->report, classify->place, "a classify needs an arm");
	return classify->place.length > 0 ? classify : NULL;
}

/* After an error: past the `;` of this statement, or up to the `}` of the statements. */
static void skip_statement(struct parser *parser, unsigned braces)
{
	while (parser->token.kind != TOKEN_END && parser->braces >= braces) {
		bool here = parser->braces == braces;

		if (here && parser_at(parser, '}'))
			break;
		bool last = here && parser_at(parser, ';');
		parser_advance(parser);
		if (last)
			break;
	}
	parser->failed = false;
}

static void parse_statement(struct parser *parser, struct statements *statements)
{
	struct statement statement = { .field = NULL };

	if (parser_at_word(parser, "classify")) {
		statement.classify = parse_classify(parser);
	} else if (parser_take(parser, '(')) {
		if (parser_expect(parser, ')', "of an empty statement"))
			parser_expect(parser, ';', "after `()`");
	} else {
		statement.field = parse_field(parser);
	}
	if (statement.field != NULL || statement.classify != NULL)
		arena_push(&parser->compiler->arena, statements->items, statements->count,
		           statement);
}

struct statements *parse_statements(struct parser *parser)
{
	struct statements *statements = arena_new(&parser->compiler->arena, struct statements);

	if (parser_enter(parser)) {
		while (!parser->failed && parser->token.kind != TOKEN_END &&
		       !parser_at(parser, '}') && !parser_at(parser, '|')) {
			unsigned braces = parser->braces;

			parse_statement(parser, statements);
			if (parser->failed)
				skip_statement(parser, braces);
		}
	}
	parser_leave(parser);
	return statements;
}
