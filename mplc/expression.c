// SPDX-License-Identifier: ISC
/* What expressions mean, and whether they make sense. */
#include "mplc/expression.h"

#include <string.h>

#include <mirage/arguments.h>

#include "mplc/interval.h"

/* Lengths and positions in a packet. */
#define POSITION_MAX ((wide)1 << 40)

int place_width(struct place place)
{
	return place.length > 60 ? 60 : (int)place.length;
}

const char *wide_text(wide value, char buffer[], size_t size)
{
	char digits[48];
	size_t at = sizeof(digits);
	unsigned_wide magnitude = value < 0 ? -(unsigned_wide)value : (unsigned_wide)value;

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + (int)(magnitude % 10));
		magnitude /= 10;
	} while (magnitude != 0);
	snprintf(buffer, size, "%s%s", value < 0 ? "-" : "", digits + at);
	return buffer;
}

const char *interval_text(struct interval interval, char buffer[], size_t size)
{
	char low[48], high[48];

	wide_text(interval.low, low, sizeof(low));
	wide_text(interval.high, high, sizeof(high));
	if (interval.low == interval.high)
		snprintf(buffer, size, "%s", low);
	else
		snprintf(buffer, size, "%s..%s", low, high);
	return buffer;
}

struct field *find_field(const struct block *block, const char *name)
{
	for (; block != NULL; block = block->parent)
		for (size_t i = 0; i < block->field_count; i++)
			if (strcmp(block->fields[i]->name, name) == 0)
				return block->fields[i];
	return NULL;
}

static enum value_kind set_value(struct expression *expression, enum value_kind kind, wide low,
                                 wide high)
{
	expression->value = kind;
	expression->range = (struct interval){ low, high };
	return kind;
}

static const char *kind_name(enum value_kind kind)
{
	switch (kind) {
	case VALUE_INTEGER:
		return "an integer";
	case VALUE_BOOLEAN:
		return "a boolean";
	case VALUE_STRING:
		return "a string";
	case VALUE_RANGE:
		return "a range";
	case VALUE_ANY:
		return "`_`";
	case VALUE_BROKEN:
	case VALUE_OTHER:
		break;
	}
	return "no number";
}

/* The nearest name that could have been meant. */
static void hint_name(struct scope *scope, const char *name)
{
	const char *names[256];
	size_t count = 0;

	for (const struct block *block = scope->block; block != NULL; block = block->parent)
		for (size_t i = 0; i < block->field_count && count < 200; i++)
			names[count++] = block->fields[i]->name;
	const struct packet *packet = scope->block != NULL ? scope->block->packet : NULL;
	for (size_t i = 0; packet != NULL && i < packet->parameter_count && count < 220; i++)
		names[count++] = packet->parameters[i].name;
	for (size_t i = 0; i < scope->module->constant_count && count < 256; i++)
		names[count++] = scope->module->constants[i].name;
	const char *best = nearest_name(name, names, count);
	if (best != NULL)
		report_hint(&scope->compiler->report, "did you mean `%s`?", best);
	else if (scope->block != NULL && scope->block->packet->inner)
		report_hint(&scope->compiler->report,
		            "a record sees its own fields only; make it a packet with a parameter");
}

static bool is_before(const struct scope *scope, const struct field *field)
{
	if (field->block != scope->block)
		return true; /* of a block round this one */
	return scope->field == NULL || field->index < scope->field->index;
}

/* True if a builder can know the field without being told a size. */
static bool is_computable(const struct field *field)
{
	return field->attributes.value != NULL || field->attributes.constant != NULL ||
	       (field->classified != NULL && field->classified->exact) ||
	       field->type.kind == TYPE_LABEL;
}

static void require_computable(struct scope *scope, const struct expression *expression,
                               struct field *field)
{
	field->sizes = true;
	if (!scope->counts || is_computable(field))
		return;
	report_error(
		&scope->compiler->report, expression->place,
		"`%s` decides %s, so a builder must be able to compute it, but it has no `value`",
		field->name, scope->what);
	if (scope->field == NULL)
		return;
	const char *size = field->type.kind == TYPE_BITS ? arena_format(&scope->compiler->arena,
	                                                                "[%u]", field->type.width)
	                                                 : "";
	if (field->block != scope->block)
		report_hint(
			&scope->compiler->report,
			"declare it as `%s: %s%s value(...)`, of total(), the bytes of the packet: "
			"what is in an arm is not known outside it",
			field->name, field->type_name, size);
	else
		report_hint(&scope->compiler->report,
		            "declare it as `%s: %s%s value(...)`, with %s(%s) in it", field->name,
		            field->type_name, size,
		            scope->field->type.kind == TYPE_LIST && scope->field->list == LIST_COUNT
		                    ? "array_length"
		                    : "sizeof",
		            scope->field->name);
}

static enum value_kind check_field_name(struct scope *scope, struct expression *expression,
                                        struct field *field)
{
	struct report *report = &scope->compiler->report;

	expression->field = field;
	if (scope->kind == SCOPE_SIZE && !is_before(scope, field)) {
		report_error(report, expression->place, "`%s` is not known yet: it comes %s",
		             field->name, field == scope->field ? "only now" : "later");
		report_note(report, field->place, "it is here");
		return set_value(expression, VALUE_BROKEN, 0, 0);
	}
	if (field->broken)
		return set_value(expression, VALUE_BROKEN, 0, 0);
	if (scope->kind == SCOPE_SIZE)
		require_computable(scope, expression, field);
	switch (field->type.kind) {
	case TYPE_UNSIGNED:
	case TYPE_SIGNED:
	case TYPE_BITS:
		if (field->type.width > 64 || field->attributes.checksum != NULL)
			break;
		return set_value(expression, VALUE_INTEGER, field->range.low, field->range.high);
	case TYPE_BOOLEAN:
		return set_value(expression, VALUE_BOOLEAN, 0, 1);
	case TYPE_STRING:
		return set_value(expression, VALUE_STRING, 0, 0);
	case TYPE_LABEL:
		return set_value(expression, VALUE_INTEGER, 0, POSITION_MAX);
	case TYPE_UNRESOLVED:
	case TYPE_BYTES:
	case TYPE_MPINT:
	case TYPE_NAME:
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_MAC:
	case TYPE_LIST:
	case TYPE_PACKET:
	case TYPE_STRUCT:
		break;
	}
	return set_value(expression, VALUE_OTHER, 0, 0);
}

static enum value_kind check_parameter(struct expression *expression, struct parameter *parameter)
{
	expression->parameter = parameter;
	parameter->used = true;
	if (parameter->kind == PARAMETER_BOOLEAN)
		return set_value(expression, VALUE_BOOLEAN, 0, 1);
	if (parameter->kind == PARAMETER_PSEUDO)
		return set_value(expression, VALUE_OTHER, 0, 0);
	return set_value(expression, VALUE_INTEGER, 0, ((wide)1 << parameter->width) - 1);
}

static enum value_kind check_name(struct scope *scope, struct expression *expression)
{
	struct report *report = &scope->compiler->report;
	const char *name = expression->text;
	struct packet *packet = scope->block != NULL ? scope->block->packet : NULL;
	struct field *field = find_field(scope->block, name);

	if (field != NULL && (scope->kind == SCOPE_SIZE || scope->kind == SCOPE_VALUE))
		return check_field_name(scope, expression, field);
	for (size_t i = 0; packet != NULL && i < packet->parameter_count; i++)
		if (strcmp(packet->parameters[i].name, name) == 0 && scope->kind != SCOPE_CONSTANT)
			return check_parameter(expression, &packet->parameters[i]);
	const struct constant *constant = find_constant(scope->module, name);
	if (constant != NULL) {
		expression->kind = EXPRESSION_INTEGER;
		expression->integer = constant->value;
		return set_value(expression, VALUE_INTEGER, constant->value, constant->value);
	}
	if (strcmp(name, "_") == 0)
		return set_value(expression, VALUE_ANY, 0, 0);
	if (field != NULL) {
		report_error(report, expression->place, "`%s` is a field, but %s must be %s", name,
		             scope->what,
		             scope->kind == SCOPE_CONSTANT
		                     ? "a constant"
		                     : "made of the packet's parameters and constants");
	} else {
		report_error(report, expression->place, "nothing is called `%s` here", name);
		hint_name(scope, name);
	}
	return set_value(expression, VALUE_BROKEN, 0, 0);
}

static const struct {
	const char *name;
	enum function function;
	bool argument;
} functions[] = {
	{ "offset", FUNCTION_OFFSET, true },        { "start", FUNCTION_START, true },
	{ "sizeof", FUNCTION_SIZEOF, true },        { "array_length", FUNCTION_ARRAY_LENGTH, true },
	{ "remaining", FUNCTION_REMAINING, false }, { "total", FUNCTION_TOTAL, false },
};

#define FUNCTION_COUNT (sizeof(functions) / sizeof(functions[0]))

static bool check_argument(struct scope *scope, struct expression *call)
{
	struct report *report = &scope->compiler->report;
	struct field *field = find_field(scope->block, call->argument);

	if (field == NULL) {
		report_error(report, call->argument_place, "no field is called `%s` here",
		             call->argument);
		hint_name(scope, call->argument);
		return false;
	}
	call->field = field;
	if (scope->kind == SCOPE_SIZE && !is_before(scope, field)) {
		report_error(report, call->argument_place,
		             "`%s` is not parsed yet where %s is needed", field->name, scope->what);
		report_note(report, field->place, "it is here");
		return false;
	}
	if (call->function == FUNCTION_ARRAY_LENGTH && field->type.kind != TYPE_LIST) {
		report_error(report, call->argument_place,
		             "`%s` is %s, not an array or a list: it has no number of elements",
		             field->name, field->type_name);
		return false;
	}
	return true;
}

/* Positions and sizes that do not depend on the packet are known numbers. */
static enum value_kind set_position(struct expression *call)
{
	const struct field *field = call->field;
	wide known = -1;

	if (call->function == FUNCTION_OFFSET && field->end.base == NULL)
		known = (wide)(field->end.bits / 8);
	else if (call->function == FUNCTION_START && field->start.base == NULL)
		known = (wide)(field->start.bits / 8);
	else if (call->function == FUNCTION_SIZEOF && field->fixed)
		known = (wide)(field->width_bits / 8);
	if (known >= 0)
		return set_value(call, VALUE_INTEGER, known, known);
	return set_value(call, VALUE_INTEGER, 0, POSITION_MAX);
}

static enum value_kind check_call(struct scope *scope, struct expression *call)
{
	struct report *report = &scope->compiler->report;
	const char *names[FUNCTION_COUNT];
	size_t found = FUNCTION_COUNT;

	set_value(call, VALUE_BROKEN, 0, 0);
	for (size_t i = 0; i < FUNCTION_COUNT; i++) {
		names[i] = functions[i].name;
		if (strcmp(functions[i].name, call->text) == 0)
			found = i;
	}
	if (found == FUNCTION_COUNT) {
		const char *best = nearest_name(call->text, names, FUNCTION_COUNT);

		report_error(report, call->place, "there is no function `%s`", call->text);
		if (best != NULL)
			report_hint(report, "did you mean `%s`?", best);
		else
			report_hint(report,
			            "there are offset(f), start(f), sizeof(f), array_length(a), "
			            "remaining() and total()");
		return VALUE_BROKEN;
	}
	if (functions[found].argument != (call->argument != NULL)) {
		report_error(report, call->place,
		             functions[found].argument ? "`%s` needs the name of a field in its ()"
		                                       : "`%s` takes no argument",
		             call->text);
		return VALUE_BROKEN;
	}
	call->function = functions[found].function;
	if (scope->kind != SCOPE_SIZE && scope->kind != SCOPE_VALUE) {
		report_error(report, call->place, "`%s` has no place here: %s must be a constant",
		             call->text, scope->what);
		return VALUE_BROKEN;
	}
	if (call->argument != NULL && !check_argument(scope, call))
		return VALUE_BROKEN;
	if (call->function == FUNCTION_REMAINING && scope->kind == SCOPE_VALUE) {
		report_error(report, call->place, "a builder cannot know remaining()");
		report_hint(report,
		            "say which bytes: sizeof(FIELD), or total() for the whole packet");
		return VALUE_BROKEN;
	}
	if (call->function == FUNCTION_REMAINING && !scope->counts) {
		report_error(report, call->place, "remaining() is for sizes, not for %s",
		             scope->what);
		return VALUE_BROKEN;
	}
	if (call->function == FUNCTION_TOTAL && scope->kind == SCOPE_SIZE) {
		report_error(report, call->place,
		             "total() is not known before the whole packet is parsed");
		report_hint(report, "remaining() is what is left of the bytes given");
		return VALUE_BROKEN;
	}
	return set_position(call);
}

static enum value_kind wrong_operand(struct scope *scope, struct expression *expression,
                                     const struct expression *operand, const char *wanted)
{
	char text[4];

	report_error(&scope->compiler->report, operand->place, "`%s` needs %s, not %s",
	             symbol_text(expression->symbol, text), wanted, kind_name(operand->value));
	return set_value(expression, VALUE_BROKEN, 0, 0);
}

static enum value_kind check_unary(struct scope *scope, struct expression *expression)
{
	struct expression *right = expression->right;
	enum value_kind kind = check_expression(scope, right);

	if (kind == VALUE_BROKEN)
		return set_value(expression, VALUE_BROKEN, 0, 0);
	if (expression->symbol == '!') {
		if (kind != VALUE_BOOLEAN)
			return wrong_operand(scope, expression, right, "a boolean");
		return set_value(expression, VALUE_BOOLEAN, 1 - right->range.high,
		                 1 - right->range.low);
	}
	if (kind != VALUE_INTEGER)
		return wrong_operand(scope, expression, right, "an integer");
	expression->value = VALUE_INTEGER;
	if (interval_binary('-', (struct interval){ 0, 0 }, right->range, &expression->range))
		return VALUE_INTEGER;
	report_error(&scope->compiler->report, expression->place, "this may not fit in 128 bits");
	return set_value(expression, VALUE_BROKEN, 0, 0);
}

/* What the bounds of the operands forbid. */
static bool check_operands(struct scope *scope, struct expression *expression)
{
	struct report *report = &scope->compiler->report;
	const struct expression *left = expression->left, *right = expression->right;
	char text[120];

	switch (expression->symbol) {
	case '/':
	case '%':
		if (right->range.low > 0 || right->range.high < 0)
			return true;
		report_error(report, right->place, "the divisor may be 0: it is %s",
		             interval_text(right->range, text, sizeof(text)));
		if (right->field != NULL)
			report_hint(report, "give `%s` a min(1)", right->field->name);
		return false;
	case SYMBOL_SHIFT_LEFT:
	case SYMBOL_SHIFT_RIGHT:
		if (right->range.low >= 0 && right->range.high <= 63 && left->range.low >= 0)
			return true;
		report_error(report, expression->place,
		             "a shift is of what is not negative, by 0..63");
		return false;
	case '&':
		if (left->range.low >= 0 && right->range.low >= 0)
			return true;
		report_error(report, expression->place, "`&` is for what is not negative");
		return false;
	default:
		return true;
	}
}

static enum value_kind check_arithmetic(struct scope *scope, struct expression *expression)
{
	const struct expression *left = expression->left, *right = expression->right;

	if (left->value != VALUE_INTEGER)
		return wrong_operand(scope, expression, left, "integers");
	if (right->value != VALUE_INTEGER)
		return wrong_operand(scope, expression, right, "integers");
	expression->value = VALUE_INTEGER;
	if (!check_operands(scope, expression))
		return set_value(expression, VALUE_BROKEN, 0, 0);
	if (!interval_binary(expression->symbol, left->range, right->range, &expression->range)) {
		report_error(&scope->compiler->report, expression->place,
		             "this may not fit in 128 bits");
		report_hint(&scope->compiler->report, "bound the fields in it with max()");
		return set_value(expression, VALUE_BROKEN, 0, 0);
	}
	return VALUE_INTEGER;
}

static enum value_kind check_comparison(struct scope *scope, struct expression *expression)
{
	const struct expression *left = expression->left, *right = expression->right;
	bool equality =
		expression->symbol == SYMBOL_EQUAL || expression->symbol == SYMBOL_NOT_EQUAL;

	if (left->value == VALUE_BOOLEAN && right->value == VALUE_BOOLEAN && equality) {
		expression->range = interval_compare(expression->symbol, left->range, right->range);
		return expression->value = VALUE_BOOLEAN;
	}
	if (left->value != VALUE_INTEGER)
		return wrong_operand(scope, expression, left, "two integers");
	if (right->value != VALUE_INTEGER)
		return wrong_operand(scope, expression, right, "two integers");
	expression->range = interval_compare(expression->symbol, left->range, right->range);
	return expression->value = VALUE_BOOLEAN;
}

static enum value_kind check_range(struct scope *scope, struct expression *expression)
{
	const struct expression *left = expression->left, *right = expression->right;

	if (left->value != VALUE_INTEGER)
		return wrong_operand(scope, expression, left, "integers");
	if (right->value != VALUE_INTEGER)
		return wrong_operand(scope, expression, right, "integers");
	if (left->range.low > right->range.high) {
		report_error(&scope->compiler->report, expression->place,
		             "the range is empty: its end is below its start");
		return set_value(expression, VALUE_BROKEN, 0, 0);
	}
	return set_value(expression, VALUE_RANGE, left->range.low, right->range.high);
}

static enum value_kind check_binary(struct scope *scope, struct expression *expression)
{
	struct expression *left = expression->left, *right = expression->right;
	enum value_kind first = check_expression(scope, left);
	enum value_kind second = check_expression(scope, right);

	if (first == VALUE_BROKEN || second == VALUE_BROKEN)
		return set_value(expression, VALUE_BROKEN, 0, 0);
	switch (expression->symbol) {
	case SYMBOL_RANGE:
		return check_range(scope, expression);
	case SYMBOL_AND:
	case SYMBOL_OR:
		if (first != VALUE_BOOLEAN)
			return wrong_operand(scope, expression, left, "booleans");
		if (second != VALUE_BOOLEAN)
			return wrong_operand(scope, expression, right, "booleans");
		if (expression->symbol == SYMBOL_AND)
			return set_value(expression, VALUE_BOOLEAN,
			                 left->range.low & right->range.low,
			                 left->range.high & right->range.high);
		return set_value(expression, VALUE_BOOLEAN, left->range.low | right->range.low,
		                 left->range.high | right->range.high);
	case '>':
	case '<':
	case SYMBOL_GREATER_EQUAL:
	case SYMBOL_LESS_EQUAL:
	case SYMBOL_EQUAL:
	case SYMBOL_NOT_EQUAL:
		return check_comparison(scope, expression);
	default:
		return check_arithmetic(scope, expression);
	}
}

enum value_kind check_expression(struct scope *scope, struct expression *expression)
{
	switch (expression->kind) {
	case EXPRESSION_INTEGER:
		return set_value(expression, VALUE_INTEGER, expression->integer,
		                 expression->integer);
	case EXPRESSION_BOOLEAN:
		return set_value(expression, VALUE_BOOLEAN, expression->integer,
		                 expression->integer);
	case EXPRESSION_STRING:
		return set_value(expression, VALUE_STRING, 0, 0);
	case EXPRESSION_NAME:
		return check_name(scope, expression);
	case EXPRESSION_CALL:
		return check_call(scope, expression);
	case EXPRESSION_UNARY:
		return check_unary(scope, expression);
	case EXPRESSION_BINARY:
		return check_binary(scope, expression);
	}
	return VALUE_BROKEN;
}

static bool check_kind(struct scope *scope, struct expression *expression, enum value_kind wanted)
{
	enum value_kind kind = check_expression(scope, expression);

	if (kind == VALUE_BROKEN)
		return false;
	if (kind == wanted)
		return true;
	report_error(&scope->compiler->report, expression->place, "%s must be %s, but this is %s",
	             scope->what, kind_name(wanted), kind_name(kind));
	return false;
}

bool check_integer(struct scope *scope, struct expression *expression)
{
	return check_kind(scope, expression, VALUE_INTEGER);
}

bool check_boolean(struct scope *scope, struct expression *expression)
{
	return check_kind(scope, expression, VALUE_BOOLEAN);
}

bool check_constant(struct scope *scope, struct expression *expression, wide *value)
{
	if (!check_integer(scope, expression))
		return false;
	*value = expression->range.low;
	return true;
}
