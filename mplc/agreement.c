// SPDX-License-Identifier: ISC
/*
 * Whether a builder needs to check that a part has the size a parser would take it to have. Often both
 * are the same whatever the part's length: after `length: value(offset(data))`, `data: byte[length -
 * offset(header)]` ends where it was put. Then the difference of both is 0 as a linear form.
 */
#include "mplc/check.h"

/* (end * E + base * B + constant) / over: E is where the part ends, B what its start counts from. */
struct linear {
	wide end, base, constant, over;
};

#define COEFFICIENT_MAX ((wide)1 << 40)

static bool is_small(wide value)
{
	return value <= COEFFICIENT_MAX && value >= -COEFFICIENT_MAX;
}

static bool add_scaled(const struct linear *a, const struct linear *b, int sign,
                       struct linear *result)
{
	*result = (struct linear){
		.end = a->end * b->over + sign * b->end * a->over,
		.base = a->base * b->over + sign * b->base * a->over,
		.constant = a->constant * b->over + sign * b->constant * a->over,
		.over = a->over * b->over,
	};
	return is_small(result->end) && is_small(result->base) && is_small(result->constant) &&
	       is_small(result->over);
}

static bool of_position(const struct field *part, struct position position, struct linear *result)
{
	*result = (struct linear){ .constant = (wide)(position.bits / 8), .over = 1 };
	if (position.base == part)
		result->end = 1;
	else if (position.base != NULL && position.base == part->start.base)
		result->base = 1;
	return position.base == NULL || result->end != 0 || result->base != 0;
}

static bool is_aligned(const struct field *field, wide divisor)
{
	return field != NULL && field->align > 0 && (wide)field->align % divisor == 0;
}

/* True if the form, of integers, is a multiple of the divisor. */
static bool divides(const struct field *part, const struct linear *form, wide divisor)
{
	return form->over == 1 && form->constant % divisor == 0 &&
	       (form->end % divisor == 0 || is_aligned(part, divisor)) &&
	       (form->base % divisor == 0 || is_aligned(part->start.base, divisor));
}

static bool form_of(const struct field *part, const struct expression *expression,
                    struct linear *result);

static bool of_binary(const struct field *part, const struct expression *expression,
                      struct linear *result)
{
	struct linear left, right;

	if (!form_of(part, expression->left, &left) || !form_of(part, expression->right, &right))
		return false;
	switch (expression->symbol) {
	case '+':
		return add_scaled(&left, &right, 1, result);
	case '-':
		return add_scaled(&left, &right, -1, result);
	case '*':
		if (left.end == 0 && left.base == 0 && left.over == 1) {
			struct linear constant = left;

			left = right;
			right = constant;
		}
		if (right.end != 0 || right.base != 0 || right.over != 1)
			return false;
		left.end *= right.constant;
		left.base *= right.constant;
		left.constant *= right.constant;
		*result = left;
		return is_small(left.end) && is_small(left.base) && is_small(left.constant);
	case '/':
		if (right.end != 0 || right.base != 0 || right.over != 1 || right.constant <= 0 ||
		    !divides(part, &left, right.constant))
			return false;
		left.over = right.constant;
		*result = left;
		return true;
	default:
		return false;
	}
}

static bool form_of(const struct field *part, const struct expression *expression,
                    struct linear *result)
{
	const struct field *field = expression->field;
	struct linear start, end;

	if (expression->value != VALUE_INTEGER)
		return false;
	if (expression->range.low == expression->range.high) {
		*result = (struct linear){ .constant = expression->range.low, .over = 1 };
		return is_small(result->constant);
	}
	if (expression->kind == EXPRESSION_BINARY)
		return of_binary(part, expression, result);
	if (field == NULL)
		return false;
	if (expression->kind == EXPRESSION_NAME && field->type.kind == TYPE_LABEL)
		return of_position(part, field->start, result);
	if (expression->kind == EXPRESSION_NAME)
		return field->attributes.value != NULL &&
		       form_of(part, field->attributes.value, result);
	if (expression->kind != EXPRESSION_CALL)
		return false;
	if (expression->function == FUNCTION_OFFSET)
		return of_position(part, field->end, result);
	if (expression->function == FUNCTION_START)
		return of_position(part, field->start, result);
	return expression->function == FUNCTION_SIZEOF && of_position(part, field->start, &start) &&
	       of_position(part, field->end, &end) && add_scaled(&end, &start, -1, result);
}

/* array (n) of elements, after n: value(array_length(...)). */
static bool count_agrees(const struct field *field)
{
	const struct field *count = field->size->field;
	const struct expression *value = count != NULL ? count->attributes.value : NULL;

	return field->size->kind == EXPRESSION_NAME && value != NULL &&
	       value->kind == EXPRESSION_CALL && value->function == FUNCTION_ARRAY_LENGTH &&
	       value->field == field;
}

bool size_agrees(const struct field *field)
{
	struct linear size, start, end, built, difference;

	if (field->size != NULL && field->type.kind == TYPE_LIST && field->list == LIST_COUNT)
		return count_agrees(field);
	return field->size != NULL && form_of(field, field->size, &size) &&
	       of_position(field, field->start, &start) && of_position(field, field->end, &end) &&
	       add_scaled(&end, &start, -1, &built) && add_scaled(&size, &built, -1, &difference) &&
	       difference.end == 0 && difference.base == 0 && difference.constant == 0;
}
