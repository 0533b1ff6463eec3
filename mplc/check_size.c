// SPDX-License-Identifier: ISC
/* Sizes of variable fields, and what lists and packets within are made of. */
#include <string.h>

#include "mplc/check.h"

static struct scope size_scope(struct compiler *compiler, struct packet *packet,
                               struct field *field, const char *what, bool counts)
{
	return (struct scope){ .compiler = compiler,
		               .module = packet->module,
		               .kind = SCOPE_SIZE,
		               .block = field->block,
		               .field = field,
		               .what = what,
		               .counts = counts };
}

static void check_size_expression(struct compiler *compiler, struct packet *packet,
                                  struct field *field)
{
	bool chain = field->type.kind == TYPE_LIST && field->list == LIST_CHAIN;
	bool number = field->type.kind == TYPE_LIST && field->list == LIST_COUNT;
	char *what = chain ? arena_format(&compiler->arena, "the first kind in `%s`", field->name)
	                   : arena_format(&compiler->arena, "the %s of `%s`",
	                                  number ? "number of elements" : "size", field->name);
	struct scope scope = size_scope(compiler, packet, field, what, !chain);
	char text[100];

	if (!check_integer(&scope, field->size)) {
		field->broken = true;
		return;
	}
	if (field->size->range.high < 0 && !chain) {
		report_error(&compiler->report, field->size->place, "%s is always negative: %s",
		             what, interval_text(field->size->range, text, sizeof(text)));
		field->broken = true;
	}
	if (field->size->range.low < -((wide)1 << 62) || field->size->range.high > (wide)1 << 62) {
		report_error(&compiler->report, field->size->place,
		             "%s can be larger than any packet: %s", what,
		             interval_text(field->size->range, text, sizeof(text)));
		report_hint(&compiler->report, "bound the fields in it with max()");
		field->broken = true;
	}
}

static void check_arguments(struct compiler *compiler, struct packet *packet, struct field *field)
{
	const struct packet *element = field->element;
	size_t given = field->argument_count +
	               (field->list == LIST_CHAIN && field->type.kind == TYPE_LIST);

	if (element->inner)
		return;
	if (given != element->parameter_count) {
		report_error(&compiler->report, field->element_place,
		             "`%s` has %zu parameter%s, but %zu %s given", element->name,
		             element->parameter_count, element->parameter_count == 1 ? "" : "s",
		             given, given == 1 ? "is" : "are");
		return;
	}
	for (size_t i = 0; i < field->argument_count; i++) {
		const struct parameter *parameter =
			&element->parameters[i + element->parameter_count - field->argument_count];
		char *what =
			arena_format(&compiler->arena, "the argument for `%s`", parameter->name);
		struct scope scope = size_scope(compiler, packet, field, what, false);

		if (parameter->kind == PARAMETER_PSEUDO) {
			struct expression *argument = field->arguments[i];

			if (check_expression(&scope, argument) == VALUE_BROKEN)
				continue;
			if (argument->parameter == NULL ||
			    argument->parameter->kind != PARAMETER_PSEUDO)
				report_error(&compiler->report, argument->place,
				             "%s must be a parameter of type `pseudo`", what);
		} else if (parameter->kind == PARAMETER_BOOLEAN) {
			(void)check_boolean(&scope, field->arguments[i]);
		} else if (check_integer(&scope, field->arguments[i])) {
			const struct interval range = field->arguments[i]->range;
			char text[100];

			if (range.low < 0 || range.high >= (wide)1 << parameter->width)
				report_error(&compiler->report, field->arguments[i]->place,
				             "%s can be %s, which does not fit in a %s", what,
				             interval_text(range, text, sizeof(text)),
				             parameter->type_name);
		}
	}
}

static void check_until(struct compiler *compiler, struct field *field)
{
	struct classify *classify = field->element->block->classify;

	for (size_t i = 0; classify != NULL && i < classify->arm_count; i++)
		if (strcmp(classify->arms[i].name, field->until) == 0)
			field->until_arm = &classify->arms[i];
	if (field->until_arm == NULL)
		report_error(&compiler->report, field->until_place, "`%s` has no arm called \"%s\"",
		             field->element->name, field->until);
}

/* Each element of a chain says which kind the next one is. */
static void check_chain(struct compiler *compiler, struct field *field)
{
	const struct packet *element = field->element;
	const struct classify *classify = element->block->classify;
	const struct field *next = field->size->field != NULL
	                                   ? find_field(element->block, field->size->field->name)
	                                   : NULL;

	if (field->size->kind != EXPRESSION_NAME || field->size->field == NULL) {
		report_error(
			&compiler->report, field->size->place,
			"a chain begins with a field, which says the kind of the first element");
		return;
	}
	if (element->parameter_count == 0 || element->parameters[0].kind != PARAMETER_INTEGER ||
	    classify == NULL || classify->parameter != &element->parameters[0])
		report_error(
			&compiler->report, field->element_place,
			"the elements of a chain must classify their first parameter, an integer");
	if (next == NULL || !is_integer_type(next))
		report_error(&compiler->report, field->element_place,
		             "`%s` needs a field `%s`, which says the kind of the next element",
		             element->name, field->size->field->name);
	for (size_t i = 0; classify != NULL && i < classify->arm_count; i++)
		if (classify->arms[i].match->value == VALUE_ANY)
			report_error(
				&compiler->report, classify->arms[i].place,
				"an element of a chain cannot match all kinds: the chain ends with "
				"the first kind that none matches");
}

static void check_element(struct compiler *compiler, struct packet *packet, struct field *field)
{
	check_arguments(compiler, packet, field);
	if (field->type.kind != TYPE_LIST)
		return;
	if (field->element->size_min == 0) {
		report_error(&compiler->report, field->place,
		             "an element of `%s` can be empty: the list might never end",
		             field->name);
	}
	if (field->list == LIST_BYTES && field->attributes.align != NULL && field->until == NULL) {
		report_error(&compiler->report, field->attributes.align->place,
		             "the zeros that align `%s` would be parsed as elements", field->name);
		report_hint(&compiler->report,
		            "say which arm ends the list, with until(\"...\"): zeros must be it");
	}
	if (field->until != NULL)
		check_until(compiler, field);
	if (field->list == LIST_CHAIN && !field->broken)
		check_chain(compiler, field);
}

void check_size(struct compiler *compiler, struct packet *packet, struct field *field)
{
	if (field->size != NULL)
		check_size_expression(compiler, packet, field);
	if (field->type.kind == TYPE_BYTES && field->size != NULL && !field->broken &&
	    field->size->range.low == field->size->range.high && field->attributes.align != NULL)
		report_error(&compiler->report, field->attributes.align->place,
		             "`%s` has a fixed size: there is nothing to align", field->name);
	if (field->element != NULL)
		check_element(compiler, packet, field);
}
