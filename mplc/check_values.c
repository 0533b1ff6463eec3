// SPDX-License-Identifier: ISC
/* After the layout: what builders compute. */
#include <string.h>

#include "mplc/check.h"

static void require_whole_bytes(struct compiler *compiler, const struct expression *expression)
{
	if (expression == NULL)
		return;
	require_whole_bytes(compiler, expression->left);
	require_whole_bytes(compiler, expression->right);
	if (expression->kind != EXPRESSION_CALL || expression->field == NULL)
		return;
	const struct field *field = expression->field;
	bool start =
		expression->function == FUNCTION_START || expression->function == FUNCTION_SIZEOF;
	bool end =
		expression->function == FUNCTION_OFFSET || expression->function == FUNCTION_SIZEOF;
	if ((start && field->start.bits % 8 != 0) || (end && field->end.bits % 8 != 0))
		report_error(&compiler->report, expression->place,
		             "`%s` is within a byte: it has no %s in bytes", field->name,
		             start && end ? "size" : "position");
}

static void check_value(struct compiler *compiler, struct packet *packet, struct field *field)
{
	struct scope scope = { .compiler = compiler,
		               .module = packet->module,
		               .kind = SCOPE_VALUE,
		               .block = field->block,
		               .field = field,
		               .what = arena_format(&compiler->arena, "the value of `%s`",
		                                    field->name) };
	struct interval range;
	char text[100], holds[100];

	if (field->type.kind == TYPE_BOOLEAN) {
		(void)check_boolean(&scope, field->attributes.value);
		return;
	}
	if (!check_integer(&scope, field->attributes.value))
		return;
	range = field->attributes.value->range;
	if (range.high < field->range.low || range.low > field->range.high)
		report_error(&compiler->report, field->attributes.value->place,
		             "the value is %s, but `%s` holds %s",
		             interval_text(range, text, sizeof(text)), field->name,
		             interval_text(field->range, holds, sizeof(holds)));
}

/* Fields whose own values the expression reads, in computing order. True if there is a cycle. */
static bool reads_itself(const struct expression *expression, struct field *field, unsigned depth);

static bool visit(struct field *field, unsigned depth)
{
	if (field->order_mark == 2 || field->attributes.value == NULL)
		return false;
	if (field->order_mark == 1 || depth > 200)
		return true;
	field->order_mark = 1;
	bool cycle = reads_itself(field->attributes.value, field, depth + 1);
	field->order_mark = 2;
	return cycle;
}

static bool reads_itself(const struct expression *expression, struct field *field, unsigned depth)
{
	if (expression == NULL)
		return false;
	if (expression->kind == EXPRESSION_NAME && expression->field != NULL &&
	    visit(expression->field, depth))
		return true;
	return reads_itself(expression->left, field, depth) ||
	       reads_itself(expression->right, field, depth);
}

static bool reads_early(const struct expression *expression, unsigned depth)
{
	if (expression == NULL)
		return true;
	if (expression->kind == EXPRESSION_CALL && expression->function != FUNCTION_ARRAY_LENGTH &&
	    expression->range.low != expression->range.high)
		return false;
	if (expression->kind == EXPRESSION_NAME && expression->field != NULL &&
	    !is_known_early(expression->field, depth + 1))
		return false;
	return reads_early(expression->left, depth) && reads_early(expression->right, depth);
}

bool is_known_early(const struct field *field, unsigned depth)
{
	if (field->attributes.value == NULL)
		return field->classified == NULL;
	/* Those of arms would have to be computed in one walk and be there in the next. */
	return depth < 100 && field->block->parent == NULL &&
	       reads_early(field->attributes.value, depth);
}

static void check_known(struct compiler *compiler, const struct field *field,
                        const struct expression *argument)
{
	if (reads_early(argument, 0))
		return;
	report_error(&compiler->report, argument->place,
	             "a builder places `%s` before it can compute this", field->name);
	report_hint(&compiler->report, "use fields that are given, or array_length(...)");
}

void check_values(struct compiler *compiler, struct packet *packet, struct block *block)
{
	for (size_t i = 0; i < block->field_count; i++) {
		struct field *field = block->fields[i];

		if (field->attributes.value != NULL) {
			check_value(compiler, packet, field);
			require_whole_bytes(compiler, field->attributes.value);
		}
		require_whole_bytes(compiler, field->size);
		for (size_t j = 0; j < field->argument_count; j++)
			require_whole_bytes(compiler, field->arguments[j]);
	}
	for (size_t i = 0; i < block->field_count; i++) {
		const struct field *field = block->fields[i];

		for (size_t j = 0; j < field->argument_count; j++)
			check_known(compiler, field, field->arguments[j]);
		if (field->type.kind == TYPE_LIST && field->list == LIST_CHAIN)
			check_known(compiler, field, field->size);
	}
	for (size_t i = 0; i < block->field_count; i++)
		if (visit(block->fields[i], 0))
			report_error(&compiler->report, block->fields[i]->attributes.value->place,
			             "the value of `%s` depends on itself", block->fields[i]->name);
	for (size_t i = 0; block->classify != NULL && i < block->classify->arm_count; i++)
		check_values(compiler, packet, block->classify->arms[i].block);
}
