// SPDX-License-Identifier: ISC
/* Pieces of Lua. */
#include "mplc/emit_lua.h"

#include <stdio.h>
#include <string.h>

#define EXACT_MAX ((wide)1 << 53)

const char *lua_string(struct emitter *emitter, const char *text, size_t length)
{
	char *quoted = arena_take(&emitter->compiler->arena, length * 4 + 3), *to = quoted;

	*to++ = '"';
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
			to += sprintf(to, "\\%03u", c);
		else
			*to++ = (char)c;
	}
	*to++ = '"';
	return quoted;
}

const char *lua_number(struct emitter *emitter, wide value)
{
	char buffer[48];

	return text_format(emitter, value < 0 ? "(%s)" : "%s",
	                   wide_text(value, buffer, sizeof(buffer)));
}

const char *lua_position(struct emitter *emitter, struct position position)
{
	unsigned long long bytes = position.bits / 8;
	const char *base = position.base != NULL
	                           ? text_format(emitter, "finish[\"%s\"]", position.base->local)
	                           : "at";

	return bytes == 0 ? base : text_format(emitter, "%s + %llu", base, bytes);
}

bool lua_is_exact(const struct expression *expression)
{
	if (expression == NULL)
		return true;
	if (expression->value == VALUE_INTEGER &&
	    (expression->range.low < -EXACT_MAX || expression->range.high > EXACT_MAX))
		return false;
	if (expression->symbol == '&' && expression->kind == EXPRESSION_BINARY &&
	    (expression->left->range.low < 0 || expression->right->range.low < 0))
		return false;
	return lua_is_exact(expression->left) && lua_is_exact(expression->right);
}

static const char *field_value(struct emitter *emitter, const struct field *field)
{
	if (field->attributes.constant != NULL && field->type.kind != TYPE_BOOLEAN)
		return lua_number(emitter, field->constant);
	if (field->type.kind == TYPE_LABEL)
		return text_format(emitter, "(%s - at)", lua_position(emitter, field->start));
	return text_format(emitter, "value[\"%s\"]", field->local);
}

static const char *call(struct emitter *emitter, const struct expression *expression,
                        struct position here)
{
	const struct field *field = expression->field;

	switch (expression->function) {
	case FUNCTION_OFFSET:
		return text_format(emitter, "(%s - at)", lua_position(emitter, field->end));
	case FUNCTION_START:
		return text_format(emitter, "(%s - at)", lua_position(emitter, field->start));
	case FUNCTION_SIZEOF:
		return text_format(emitter, "(%s - (%s))", lua_position(emitter, field->end),
		                   lua_position(emitter, field->start));
	case FUNCTION_ARRAY_LENGTH:
		return text_format(emitter, "count[\"%s\"]", field->local);
	case FUNCTION_REMAINING:
		return text_format(emitter, "(limit - (%s))", lua_position(emitter, here));
	case FUNCTION_TOTAL:
		return "(c.over - at)";
	case FUNCTION_NONE:
		break;
	}
	return "0";
}

static const char *binary(struct emitter *emitter, const struct expression *expression,
                          struct position here)
{
	const char *left = lua_expression(emitter, expression->left, here);
	const char *right = lua_expression(emitter, expression->right, here);
	char buffer[4];

	switch (expression->symbol) {
	case '/':
		return text_format(emitter, "divide(%s, %s)", left, right);
	case '%':
		return text_format(emitter, "remainder(%s, %s)", left, right);
	case '&':
		return text_format(emitter, "band(%s, %s)", left, right);
	case SYMBOL_SHIFT_LEFT:
		return text_format(emitter, "(%s * 2 ^ %s)", left, right);
	case SYMBOL_SHIFT_RIGHT:
		return text_format(emitter, "math.floor(%s / 2 ^ %s)", left, right);
	case SYMBOL_AND:
		return text_format(emitter, "(%s and %s)", left, right);
	case SYMBOL_OR:
		return text_format(emitter, "(%s or %s)", left, right);
	case SYMBOL_NOT_EQUAL:
		return text_format(emitter, "(%s ~= %s)", left, right);
	default:
		return text_format(emitter, "(%s %s %s)", left,
		                   symbol_text(expression->symbol, buffer), right);
	}
}

const char *lua_expression(struct emitter *emitter, const struct expression *expression,
                           struct position here)
{
	if (expression->value == VALUE_INTEGER && expression->range.low == expression->range.high)
		return lua_number(emitter, expression->range.low);
	switch (expression->kind) {
	case EXPRESSION_INTEGER:
		return lua_number(emitter, expression->integer);
	case EXPRESSION_BOOLEAN:
		return expression->integer != 0 ? "true" : "false";
	case EXPRESSION_STRING:
		return lua_string(emitter, expression->text, expression->text_length);
	case EXPRESSION_NAME:
		if (expression->parameter != NULL)
			return text_format(emitter, "given[\"%s\"]", expression->parameter->c_name);
		return expression->field != NULL ? field_value(emitter, expression->field) : "0";
	case EXPRESSION_CALL:
		return call(emitter, expression, here);
	case EXPRESSION_UNARY:
		return text_format(emitter, expression->symbol == '!' ? "(not %s)" : "(-%s)",
		                   lua_expression(emitter, expression->right, here));
	case EXPRESSION_BINARY:
		return binary(emitter, expression, here);
	}
	return "0";
}

const char *lua_subject(struct emitter *emitter, const struct classify *classify)
{
	if (classify->field != NULL)
		return text_format(emitter, "value[\"%s\"]", classify->field->local);
	return text_format(emitter, "given[\"%s\"]", classify->parameter->c_name);
}

static const char *match_text(struct emitter *emitter, const char *subject,
                              const struct expression *match)
{
	if (match->value == VALUE_ANY)
		return "true";
	if (match->value == VALUE_STRING)
		return text_format(emitter, "%s == %s", subject,
		                   lua_string(emitter, match->text, match->text_length));
	if (match->value == VALUE_BOOLEAN)
		return text_format(emitter, "%s == %s", subject,
		                   match->range.low != 0 ? "true" : "false");
	if (match->value == VALUE_RANGE)
		return text_format(emitter, "%s >= %s and %s <= %s", subject,
		                   lua_number(emitter, match->range.low), subject,
		                   lua_number(emitter, match->range.high));
	return text_format(emitter, "%s == %s", subject, lua_number(emitter, match->range.low));
}

const char *lua_condition(struct emitter *emitter, const struct classify *classify,
                          const struct arm *arm)
{
	const char *match = match_text(emitter, lua_subject(emitter, classify), arm->match);

	if (arm->guard == NULL)
		return match;
	return text_format(emitter, "%s and %s", match,
	                   lua_expression(emitter, arm->guard, classify->block->end));
}
