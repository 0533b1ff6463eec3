// SPDX-License-Identifier: ISC
/* Expressions in C. The checks have shown that nothing here overflows. */
#include "mplc/emit.h"

#include <string.h>

static bool needs_wide(const struct expression *expression)
{
	if (expression == NULL)
		return false;
	if ((expression->value == VALUE_INTEGER || expression->value == VALUE_RANGE) &&
	    !fits_int64(expression->range))
		return true;
	return needs_wide(expression->left) || needs_wide(expression->right);
}

const char *expression_type(const struct expression *expression)
{
	if (expression->value == VALUE_BOOLEAN)
		return "bool";
	return needs_wide(expression) ? "packet_wide" : "int64_t";
}

static const char *field_text(struct emitter *emitter, enum context context,
                              const struct field *field, const char *type)
{
	if (field->attributes.constant != NULL)
		return number_text(emitter, field->constant);
	if (field->type.kind == TYPE_LABEL)
		return text_format(emitter, "(%s)(%s)", type,
		                   position_text(emitter, context, field->start));
	if (context != CONTEXT_BUILD)
		return text_format(emitter,
		                   field->type.kind == TYPE_BOOLEAN ? "(%s)(%s)" : "(%s)%s", type,
		                   load_text(emitter, context, field));
	if (is_argument(field) && !has_tag_value(field))
		return text_format(emitter, "(%s)fields->%s%s", type, field->path, field->c_name);
	return text_format(emitter, "(%s)%s_value", type, field->local);
}

static const char *call_text(struct emitter *emitter, enum context context,
                             const struct expression *call, const char *type)
{
	const struct field *field = call->field;

	if (call->function == FUNCTION_TOTAL)
		return text_format(emitter, "(%s)end", type);
	/* Only parsers ask for what remains. */
	if (field == NULL)
		return text_format(emitter, "(%s)(%s)", type,
		                   less_text(emitter, "bytes.length",
		                             position_text(emitter, context, emitter->here)));
	const char *start = position_text(emitter, context, field->start);
	const char *end = position_text(emitter, context, field->end);

	switch (call->function) {
	case FUNCTION_OFFSET:
		return text_format(emitter, "(%s)(%s)", type, end);
	case FUNCTION_START:
		return text_format(emitter, "(%s)(%s)", type, start);
	case FUNCTION_SIZEOF:
		if (field->fixed)
			return text_format(emitter, "%llu",
			                   (unsigned long long)field->width_bits / 8);
		return text_format(emitter, "(%s)(%s)", type, less_text(emitter, end, start));
	case FUNCTION_ARRAY_LENGTH:
		if (context == CONTEXT_VIEW)
			return text_format(emitter, "(%s)view->%s%s_count", type, field->path,
			                   field->c_name);
		if (context == CONTEXT_BUILD)
			return text_format(emitter, "(%s)fields->%s%s.count", type, field->path,
			                   field->c_name);
		return text_format(emitter, "(%s)%s_count", type, field->local);
	case FUNCTION_REMAINING:
	case FUNCTION_TOTAL:
	case FUNCTION_NONE:
		break;
	}
	return "0";
}

static const char *inner_text(struct emitter *emitter, enum context context,
                              const struct expression *expression, const char *type)
{
	char buffer[4];

	if (expression->value == VALUE_INTEGER && expression->range.low == expression->range.high)
		return number_text(emitter, expression->range.low);
	switch (expression->kind) {
	case EXPRESSION_INTEGER:
		return number_text(emitter, expression->integer);
	case EXPRESSION_BOOLEAN:
		return expression->integer != 0 ? "true" : "false";
	case EXPRESSION_STRING:
		return "0";
	case EXPRESSION_NAME:
		if (expression->parameter != NULL && context == CONTEXT_VIEW)
			return text_format(emitter, "(%s)view->given.%s", type,
			                   expression->parameter->c_name);
		if (expression->parameter != NULL)
			return text_format(emitter, "(%s)%s", type, expression->parameter->c_name);
		return expression->field != NULL
		               ? field_text(emitter, context, expression->field, type)
		               : "0";
	case EXPRESSION_CALL:
		return call_text(emitter, context, expression, type);
	case EXPRESSION_UNARY:
		return text_format(emitter, "%s(%s)", symbol_text(expression->symbol, buffer),
		                   inner_text(emitter, context, expression->right, type));
	case EXPRESSION_BINARY:
		return text_format(emitter, "(%s %s %s)",
		                   inner_text(emitter, context, expression->left, type),
		                   symbol_text(expression->symbol, buffer),
		                   inner_text(emitter, context, expression->right, type));
	}
	return "0";
}

const char *expression_text(struct emitter *emitter, enum context context,
                            const struct expression *expression)
{
	const char *type = needs_wide(expression) ? "packet_wide" : "int64_t";

	return inner_text(emitter, context, expression, type);
}
