// SPDX-License-Identifier: ISC
/* Attributes: constants, bounds and variants of a field. */
#include <string.h>

#include "mplc/check.h"

bool is_integer_type(const struct field *field)
{
	return field->type.kind == TYPE_UNSIGNED || field->type.kind == TYPE_SIGNED ||
	       field->type.kind == TYPE_BITS;
}

/* What the type can hold. uint128 counts as 127 bits: the language has no larger constants. */
static struct interval type_range(const struct field *field)
{
	unsigned width = field->type.width;

	if (field->type.kind == TYPE_BOOLEAN)
		return (struct interval){ 0, 1 };
	if (field->type.kind == TYPE_SIGNED)
		return (struct interval){ -((wide)1 << (width - 1)), ((wide)1 << (width - 1)) - 1 };
	if (width >= 127)
		return (struct interval){ 0, WIDE_MAX };
	return (struct interval){ 0, ((wide)1 << width) - 1 };
}

static struct scope constant_scope(struct compiler *compiler, struct packet *packet,
                                   struct field *field, const char *what)
{
	return (struct scope){ .compiler = compiler,
		               .module = packet->module,
		               .kind = SCOPE_CONSTANT,
		               .block = field->block,
		               .field = field,
		               .what = what };
}

/* A constant that must fit in the field. */
static void check_fitting(struct compiler *compiler, struct packet *packet, struct field *field,
                          struct expression *expression, const char *name, wide *value)
{
	struct scope scope = constant_scope(compiler, packet, field, name);
	struct interval range = type_range(field);
	char text[48], largest[100];

	if (expression == NULL)
		return;
	if (field->type.kind == TYPE_BOOLEAN) {
		if (check_boolean(&scope, expression))
			*value = expression->range.low;
		return;
	}
	if (!is_integer_type(field)) {
		report_error(&compiler->report, expression->place,
		             "`%s` is for integers and booleans; `%s` is %s", name, field->name,
		             field->type_name);
		return;
	}
	if (!check_constant(&scope, expression, value))
		return;
	if (*value >= range.low && *value <= range.high)
		return;
	report_error(&compiler->report, expression->place,
	             "%s(%s) does not fit in `%s`, which holds %s", name,
	             wide_text(*value, text, sizeof(text)), field->name,
	             interval_text(range, largest, sizeof(largest)));
	*value = range.low;
}

static void check_member(struct compiler *compiler, struct packet *packet, struct field *field,
                         struct variant_member *member, size_t index)
{
	struct report *report = &compiler->report;
	struct scope scope = constant_scope(compiler, packet, field, "a variant's value");
	enum value_kind kind = check_expression(&scope, member->match);
	bool is_string = field->type.kind == TYPE_STRING;
	bool is_boolean = field->type.kind == TYPE_BOOLEAN;
	enum value_kind wanted = is_string    ? VALUE_STRING
	                         : is_boolean ? VALUE_BOOLEAN
	                                      : VALUE_INTEGER;
	struct interval range = type_range(field);

	if (kind == VALUE_BROKEN)
		return;
	if (kind != wanted) {
		report_error(report, member->match->place, "the value must be %s, as `%s` is %s",
		             is_string    ? "a string"
		             : is_boolean ? "true or false"
		                          : "an integer",
		             field->name, field->type_name);
		return;
	}
	if (wanted == VALUE_INTEGER &&
	    (member->match->range.low < range.low || member->match->range.high > range.high)) {
		char text[100];

		report_error(report, member->match->place,
		             "this value does not fit in `%s`, which holds %s", field->name,
		             interval_text(range, text, sizeof(text)));
	}
	if (strcmp(member->name, "Unknown") == 0)
		report_error(report, member->place,
		             "`Unknown` stands for all other values and cannot be one");
	for (size_t i = 0; i < index; i++) {
		const struct variant_member *other = &field->attributes.variant->members[i];

		if (strcmp(other->name, member->name) == 0)
			report_error(report, member->place, "there are two values called `%s`",
			             member->name);
		if (other->is_default && member->is_default)
			report_error(report, member->place,
			             "there are two defaults (`=>`): this and `%s`", other->name);
		if (other->match->value == VALUE_INTEGER && wanted == VALUE_INTEGER &&
		    other->match->range.low == member->match->range.low)
			report_error(report, member->match->place, "`%s` has this value already",
			             other->name);
		if (is_string && other->match->value == VALUE_STRING &&
		    strcmp(other->match->text, member->match->text) == 0)
			report_error(report, member->match->place, "`%s` has this value already",
			             other->name);
	}
}

static void check_variant(struct compiler *compiler, struct packet *packet, struct field *field)
{
	struct attributes *attributes = &field->attributes;
	const struct expression *excluded =
		attributes->constant != NULL ? attributes->constant : attributes->value;

	if (!is_integer_type(field) && field->type.kind != TYPE_STRING &&
	    field->type.kind != TYPE_BOOLEAN) {
		report_error(&compiler->report, attributes->variant->place,
		             "`variant` is for integers, booleans and strings; `%s` is %s",
		             field->name, field->type_name);
		return;
	}
	if (excluded != NULL)
		report_error(&compiler->report, excluded->place,
		             "a field with a `variant` cannot have a `%s`",
		             attributes->constant != NULL ? "const" : "value");
	for (size_t i = 0; i < attributes->variant->count; i++) {
		struct variant_member *member = &attributes->variant->members[i];

		check_member(compiler, packet, field, member, i);
		if (!member->is_default || member->match->value == VALUE_STRING)
			continue;
		if (attributes->initial != NULL)
			report_error(&compiler->report, member->place,
			             "the default is given twice: by `=>` and by default()");
		attributes->initial = member->match;
	}
}

static void check_align(struct compiler *compiler, struct packet *packet, struct field *field)
{
	struct scope scope = constant_scope(compiler, packet, field, "align");
	wide bits = 8;

	if (field->type.kind != TYPE_BYTES && field->type.kind != TYPE_LIST) {
		report_error(&compiler->report, field->attributes.align->place,
		             "`align` is for byte[], array and list; `%s` is %s", field->name,
		             field->type_name);
		return;
	}
	if (!check_constant(&scope, field->attributes.align, &bits))
		return;
	if (bits < 8 || bits % 8 != 0 || bits > (wide)8 * 65536)
		report_error(&compiler->report, field->attributes.align->place,
		             "an alignment is in bits, a multiple of 8: 32 is four bytes");
	else
		field->align = (uint64_t)bits / 8;
}

static void check_exclusions(struct compiler *compiler, const struct field *field)
{
	const struct attributes *attributes = &field->attributes;
	int given = (attributes->constant != NULL) + (attributes->value != NULL) +
	            (attributes->initial != NULL) + (attributes->checksum != NULL);

	if (given > 1)
		report_error(&compiler->report, attributes->place,
		             "`%s` can have only one of const, value, default and checksum",
		             field->name);
}

/* Narrow what the field can be. */
static void check_bounds(struct compiler *compiler, struct packet *packet, struct field *field)
{
	struct attributes *attributes = &field->attributes;
	struct interval range = type_range(field);

	field->minimum = range.low;
	field->maximum = range.high;
	check_fitting(compiler, packet, field, attributes->minimum, "min", &field->minimum);
	check_fitting(compiler, packet, field, attributes->maximum, "max", &field->maximum);
	if (field->minimum > field->maximum)
		report_error(&compiler->report, attributes->place,
		             "the minimum of `%s` is above its maximum", field->name);
	field->range = (struct interval){ field->minimum, field->maximum };
	check_fitting(compiler, packet, field, attributes->constant, "const", &field->constant);
	check_fitting(compiler, packet, field, attributes->initial, "default", &field->initial);
	if (attributes->constant != NULL && compiler->report.error_count == 0) {
		if (field->constant < field->minimum || field->constant > field->maximum)
			report_error(&compiler->report, attributes->constant->place,
			             "the constant is not between the field's own min and max");
		field->range = (struct interval){ field->constant, field->constant };
	}
	if (attributes->initial != NULL && compiler->report.error_count == 0 &&
	    (field->initial < field->minimum || field->initial > field->maximum))
		report_error(&compiler->report, attributes->initial->place,
		             "the default is not between the field's own min and max");
}

/* const("text") and default("text") of strings. */
static void check_text(struct compiler *compiler, struct packet *packet, struct field *field)
{
	struct attributes *attributes = &field->attributes;
	struct expression *const texts[] = { attributes->constant, attributes->initial };
	struct expression *const others[] = { attributes->value, attributes->minimum,
		                              attributes->maximum };

	for (size_t i = 0; i < 2; i++) {
		struct scope scope = constant_scope(compiler, packet, field, "the text");

		if (texts[i] == NULL)
			continue;
		enum value_kind kind = check_expression(&scope, texts[i]);
		if (kind != VALUE_STRING && kind != VALUE_BROKEN)
			report_error(&compiler->report, texts[i]->place,
			             "`%s` is a string: a \"string\" was expected", field->name);
		else if (field->type.width == 8 && texts[i]->text_length > 255)
			report_error(&compiler->report, texts[i]->place,
			             "the text is longer than a string8 can be");
	}
	for (size_t i = 0; i < 3; i++)
		if (others[i] != NULL)
			report_error(&compiler->report, others[i]->place,
			             "value, min and max are for integers; `%s` is a string",
			             field->name);
}

void check_attributes(struct compiler *compiler, struct packet *packet, struct field *field)
{
	struct attributes *attributes = &field->attributes;

	if (attributes->variant != NULL)
		check_variant(compiler, packet, field);
	if (attributes->align != NULL)
		check_align(compiler, packet, field);
	check_exclusions(compiler, field);
	if (field->type.kind == TYPE_STRING) {
		check_text(compiler, packet, field);
		return;
	}
	check_bounds(compiler, packet, field);
	if (attributes->value != NULL && !is_integer_type(field) &&
	    field->type.kind != TYPE_BOOLEAN)
		report_error(&compiler->report, attributes->value->place,
		             "`value` is for integers and booleans; `%s` is %s", field->name,
		             field->type_name);
}
