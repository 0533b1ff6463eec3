// SPDX-License-Identifier: ISC
/* Attributes of a field: const(...), variant { ... }, checksum(...). */
#include "mplc/parser.h"

#include <string.h>

static struct variant *parse_variant(struct parser *parser)
{
	struct variant *variant = arena_new(&parser->compiler->arena, struct variant);

	variant->place = parser->previous;
	if (!parser_expect(parser, '{', "after `variant`"))
		return NULL;
	while (parser_take(parser, '|')) {
		struct variant_member member = { .match = parse_expression(parser) };

		if (member.match == NULL)
			return NULL;
		member.is_default = parser_at(parser, SYMBOL_FAT_ARROW);
		if (!member.is_default && !parser_at(parser, SYMBOL_ARROW)) {
			parser_expected(parser, "`->` (or `=>` for the default) and a name");
			return NULL;
		}
		parser_advance(parser);
		if (parser->token.kind != TOKEN_UPPER) {
			parser_expected(parser, "a name that begins with a capital");
			return NULL;
		}
		member.name = parser_name(parser, "a name", &member.place);
		arena_push(&parser->compiler->arena, variant->members, variant->count, member);
	}
	if (!parser_at(parser, '}')) {
		parser_expected(parser, "`|` and a value, or `}`");
		return NULL;
	}
	parser_advance(parser);
	if (variant->count == 0)
		report_error(&parser->compiler->report, variant->place, "a variant needs a value");
	return variant;
}

/* first..last, first.., or packet */
static bool parse_coverage(struct parser *parser, struct checksum *checksum)
{
	if (parser_take_word(parser, "packet"))
		return true;
	checksum->first = parser_name(parser, "what the checksum covers: `packet` or FIRST..LAST",
	                              &checksum->first_place);
	if (checksum->first == NULL)
		return false;
	if (!parser_expect(parser, SYMBOL_RANGE, "after the first field that is covered"))
		return false;
	if (!parser_at(parser, ',') && !parser_at(parser, ')')) {
		checksum->last = parser_name(parser, "the last field that is covered",
		                             &checksum->last_place);
		return checksum->last != NULL;
	}
	return true;
}

static struct checksum *parse_checksum(struct parser *parser)
{
	struct checksum *checksum = arena_new(&parser->compiler->arena, struct checksum);

	checksum->place = parser->previous;
	if (!parser_expect(parser, '(', "after `checksum`"))
		return NULL;
	checksum->algorithm = parser_name(parser, "the algorithm, `internet` or `crc32`",
	                                  &checksum->algorithm_place);
	if (checksum->algorithm == NULL || !parser_expect(parser, ',', "after the algorithm") ||
	    !parse_coverage(parser, checksum))
		return NULL;
	while (parser_take(parser, ',')) {
		if (parser_take_word(parser, "optional")) {
			checksum->optional = true;
			continue;
		}
		checksum->pseudo = parser_name(parser, "`optional` or a parameter of type `pseudo`",
		                               &checksum->pseudo_place);
		if (checksum->pseudo == NULL)
			return NULL;
	}
	return parser_expect(parser, ')', "after what the checksum covers") ? checksum : NULL;
}

static struct expression **attribute_slot(struct attributes *attributes, const char *name)
{
	if (strcmp(name, "min") == 0)
		return &attributes->minimum;
	if (strcmp(name, "max") == 0)
		return &attributes->maximum;
	if (strcmp(name, "align") == 0)
		return &attributes->align;
	if (strcmp(name, "const") == 0)
		return &attributes->constant;
	if (strcmp(name, "value") == 0)
		return &attributes->value;
	if (strcmp(name, "default") == 0)
		return &attributes->initial;
	return NULL;
}

static void parse_attribute(struct parser *parser, struct attributes *attributes)
{
	const char *name = parser_text(parser, parser->token.place);
	struct expression **slot = attribute_slot(attributes, name);
	bool is_variant = strcmp(name, "variant") == 0, twice = false;

	if (slot == NULL && !is_variant && strcmp(name, "checksum") != 0) {
		parser_expected(parser,
		                "`;` or an attribute (min, max, align, const, value, default, "
		                "variant, checksum)");
		return;
	}
	struct place place = parser->token.place;
	parser_advance(parser);
	if (slot != NULL) {
		twice = *slot != NULL;
		*slot = parse_parenthesised(parser);
	} else if (is_variant) {
		twice = attributes->variant != NULL;
		if (attributes->minimum != NULL || attributes->maximum != NULL) {
			report_error(&parser->compiler->report, place,
			             "`variant` must come before `min` and `max`");
		}
		attributes->variant = parse_variant(parser);
	} else {
		twice = attributes->checksum != NULL;
		attributes->checksum = parse_checksum(parser);
	}
	if (twice && !parser->failed)
		report_error(&parser->compiler->report, place, "the attribute `%s` is given twice",
		             name);
}

void parse_attributes(struct parser *parser, struct field *field)
{
	while (!parser->failed &&
	       (parser->token.kind == TOKEN_LOWER || parser->token.kind == TOKEN_UPPER)) {
		field->attributes.place = parser->token.place;
		parse_attribute(parser, &field->attributes);
	}
}
