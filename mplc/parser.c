// SPDX-License-Identifier: ISC
/* Tokens for the parser, and the file as a whole: imports, options, definitions, packets. */
#include "mplc/parser.h"

#include <string.h>

#define DEPTH_MAX 100

void parser_advance(struct parser *parser)
{
	if (parser_at(parser, '{'))
		parser->braces++;
	else if (parser_at(parser, '}') && parser->braces > 0)
		parser->braces--;
	parser->previous = parser->token.place;
	parser->token = lexer_next(&parser->lexer);
	if (parser->token.kind == TOKEN_BAD)
		parser->failed = true;
}

bool parser_at(const struct parser *parser, int symbol)
{
	return parser->token.kind == TOKEN_PUNCTUATION && parser->token.symbol == symbol;
}

bool parser_at_word(const struct parser *parser, const char *word)
{
	return token_is(&parser->token, word);
}

bool parser_take(struct parser *parser, int symbol)
{
	if (!parser_at(parser, symbol))
		return false;
	parser_advance(parser);
	return true;
}

bool parser_take_word(struct parser *parser, const char *word)
{
	if (!parser_at_word(parser, word))
		return false;
	parser_advance(parser);
	return true;
}

void parser_expected(struct parser *parser, const char *what)
{
	char buffer[64];

	if (!parser->failed)
		report_error(&parser->compiler->report, parser->token.place, "expected %s, not %s",
		             what, token_description(&parser->token, buffer, sizeof(buffer)));
	parser->failed = true;
}

bool parser_expect(struct parser *parser, int symbol, const char *after)
{
	char text[4], buffer[64];

	if (parser_take(parser, symbol))
		return true;
	if (!parser->failed) {
		/* What is missing is missing after the last token, perhaps lines above the next. */
		struct place place = parser->previous;

		place.offset += place.length;
		place.length = 1;
		if (after == NULL || parser->previous.source == NULL)
			place = parser->token.place;
		report_error(&parser->compiler->report, place, "expected `%s`%s%s, not %s",
		             symbol_text(symbol, text), after != NULL ? " " : "",
		             after != NULL ? after : "",
		             token_description(&parser->token, buffer, sizeof(buffer)));
	}
	parser->failed = true;
	return false;
}

const char *parser_text(struct parser *parser, struct place place)
{
	return arena_copy(&parser->compiler->arena, place.source->text + place.offset,
	                  place.length);
}

const char *parser_name(struct parser *parser, const char *what, struct place *place)
{
	static const char *const keywords[] = { "packet", "classify", "array", "variant", "when",
		                                "struct", "typedef",  "true",  "false" };

	if (parser->token.kind != TOKEN_LOWER && parser->token.kind != TOKEN_UPPER) {
		parser_expected(parser, what);
		return NULL;
	}
	const char *name = parser_text(parser, parser->token.place);
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (strcmp(name, keywords[i]) != 0)
			continue;
		if (!parser->failed)
			report_error(&parser->compiler->report, parser->token.place,
			             "expected %s, but `%s` is a word of the language", what, name);
		parser->failed = true;
		return NULL;
	}
	if (place != NULL)
		*place = parser->token.place;
	parser_advance(parser);
	return name;
}

bool parser_enter(struct parser *parser)
{
	if (parser->depth++ < DEPTH_MAX)
		return true;
	if (!parser->failed)
		report_error(&parser->compiler->report, parser->token.place,
		             "nested more than %d levels deep", DEPTH_MAX);
	parser->failed = true;
	return false;
}

void parser_leave(struct parser *parser)
{
	parser->depth--;
}

static void parse_typedef(struct parser *parser)
{
	struct module *module = parser->module;
	struct definition definition = { .field = arena_new(&parser->compiler->arena,
		                                            struct field) };

	definition.name = parser_name(parser, "the new type's name", &definition.place);
	if (definition.name == NULL)
		return;
	parse_type(parser, definition.field);
	if (!parser_expect(parser, ';', "after the type"))
		return;
	arena_push(&parser->compiler->arena, module->definitions, module->definition_count,
	           definition);
}

static void parse_struct(struct parser *parser)
{
	struct module *module = parser->module;
	struct structure structure = { .mark = 0 };

	if (!parser_expect(parser, '{', "after `struct`")) {
		report_hint(&parser->compiler->report, "its name comes last: struct { ... } name;");
		return;
	}
	structure.statements = parse_statements(parser);
	if (!parser_expect(parser, '}', NULL))
		return;
	structure.name = parser_name(parser, "the struct's name after its `}`", &structure.place);
	if (structure.name != NULL && parser_expect(parser, ';', "after the struct"))
		arena_push(&parser->compiler->arena, module->structures, module->structure_count,
		           structure);
}

static void parse_parameters(struct parser *parser, struct packet *packet)
{
	if (!parser_take(parser, '('))
		return;
	do {
		struct parameter parameter = { .name = NULL };

		if (packet->parameter_count == 0 && parser_at(parser, ')'))
			break;
		parameter.type_name =
			parser_name(parser, "a parameter's type", &parameter.type_place);
		if (parameter.type_name != NULL)
			parameter.name = parser_name(parser, "the parameter's name after its type",
			                             &parameter.place);
		if (parameter.name == NULL)
			return;
		arena_push(&parser->compiler->arena, packet->parameters, packet->parameter_count,
		           parameter);
	} while (parser_take(parser, ','));
	parser_expect(parser, ')', "after the parameters");
}

static void parse_packet(struct parser *parser)
{
	struct module *module = parser->module;
	struct packet *packet = arena_new(&parser->compiler->arena, struct packet);

	packet->module = module;
	packet->name = parser_name(parser, "the packet's name", &packet->place);
	if (packet->name == NULL)
		return;
	parse_parameters(parser, packet);
	if (parser->failed || !parser_expect(parser, '{', "after the packet's name"))
		return;
	packet->statements = parse_statements(parser);
	/* Known even when its end is not: others may refer to it. */
	arena_push(&parser->compiler->arena, module->packets, module->packet_count, packet);
	if (parser_expect(parser, '}', NULL))
		parser_take(parser, ';');
}

static void parse_import(struct parser *parser)
{
	struct import import = { .place = parser->token.place };

	if (parser->token.kind != TOKEN_STRING) {
		parser_expected(parser, "the imported file as a \"string\"");
		return;
	}
	struct place inside = parser->token.place;
	inside.offset++;
	inside.length -= 2;
	import.path = parser_text(parser, inside);
	parser_advance(parser);
	parser_expect(parser, ';', "after the import");
	arena_push(&parser->compiler->arena, parser->module->imports, parser->module->import_count,
	           import);
}

static void parse_constant(struct parser *parser)
{
	struct constant constant = { .known = false };

	constant.name = parser_name(parser, "the constant's name", &constant.place);
	if (constant.name == NULL || !parser_expect(parser, '=', "after the constant's name"))
		return;
	constant.expression = parse_expression(parser);
	if (constant.expression != NULL && parser_expect(parser, ';', "after the constant's value"))
		arena_push(&parser->compiler->arena, parser->module->constants,
		           parser->module->constant_count, constant);
}

static void parse_option(struct parser *parser)
{
	if (parser_take_word(parser, "byte_order")) {
		if (parser_take_word(parser, "little"))
			parser->module->little_bytes = true;
		else if (parser_take_word(parser, "big"))
			parser->module->little_bytes = false;
		else
			parser_expected(parser, "`big` or `little`");
	} else if (parser_take_word(parser, "bit_order")) {
		if (parser_take_word(parser, "lsb"))
			parser->module->lsb_bits = true;
		else if (parser_take_word(parser, "msb"))
			parser->module->lsb_bits = false;
		else
			parser_expected(parser, "`msb` or `lsb`");
	} else {
		parser_expected(parser, "`byte_order` or `bit_order`");
	}
	parser_expect(parser, ';', "after the option");
}

static void parse_item(struct parser *parser)
{
	if (parser_take_word(parser, "packet"))
		parse_packet(parser);
	else if (parser_take_word(parser, "typedef"))
		parse_typedef(parser);
	else if (parser_take_word(parser, "struct"))
		parse_struct(parser);
	else if (parser_take_word(parser, "import"))
		parse_import(parser);
	else if (parser_take_word(parser, "const"))
		parse_constant(parser);
	else if (parser_take_word(parser, "option"))
		parse_option(parser);
	else {
		bool is_enum = token_is(&parser->token, "enum");

		parser_expected(parser,
		                "`packet`, `typedef`, `struct`, `import`, `const` or `option`");
		if (is_enum)
			report_hint(
				&parser->compiler->report,
				"names of values are a type's: typedef name byte variant { | 1 -> "
				"One | 2 -> Two };");
	}
}

/* After an error: on to the next item that begins a line. */
static void skip_to_item(struct parser *parser)
{
	static const char *const words[] = { "packet", "typedef", "struct",
		                             "import", "const",   "option" };

	while (parser->token.kind != TOKEN_END) {
		const struct place place = parser->token.place;
		bool starts = place.offset == 0 || place.source->text[place.offset - 1] == '\n';

		for (size_t i = 0; starts && i < sizeof(words) / sizeof(words[0]); i++)
			if (parser_at_word(parser, words[i]))
				return;
		parser_advance(parser);
	}
}

void parse(struct compiler *compiler, struct module *module)
{
	struct parser parser = {
		.compiler = compiler,
		.module = module,
		.lexer = { .source = &module->source, .report = &compiler->report },
	};

	/* The mark that some editors put before UTF-8. */
	if (module->source.length >= 3 && memcmp(module->source.text, "\xef\xbb\xbf", 3) == 0)
		parser.lexer.at = 3;
	parser_advance(&parser);
	while (parser.token.kind != TOKEN_END) {
		parser.braces = 0;
		size_t before = parser.token.place.offset;

		parse_item(&parser);
		if (parser.failed) {
			if (parser.token.place.offset == before)
				parser_advance(&parser);
			skip_to_item(&parser);
		}
		parser.failed = false;
	}
	if (module->packet_count == 0 && module->constant_count == 0 &&
	    module->definition_count == 0 && module->structure_count == 0 &&
	    compiler->report.error_count == 0)
		report_error(&compiler->report, parser.token.place,
		             "the file defines nothing: expected at least one packet");
}
