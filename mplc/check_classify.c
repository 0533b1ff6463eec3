// SPDX-License-Identifier: ISC
/* Classify: its field, its arms' values, and that each arm can be reached. */
#include <string.h>

#include "mplc/check.h"

static bool find_subject(struct compiler *compiler, struct packet *packet,
                         struct classify *classify)
{
	struct report *report = &compiler->report;
	struct field *field = find_field(classify->block, classify->name);

	for (size_t i = 0; field == NULL && i < packet->parameter_count; i++) {
		if (strcmp(packet->parameters[i].name, classify->name) != 0)
			continue;
		classify->parameter = &packet->parameters[i];
		classify->parameter->used = true;
		if (classify->parameter->kind != PARAMETER_PSEUDO)
			return true;
		report_error(report, classify->name_place, "a pseudo header cannot be classified");
		return false;
	}
	if (field == NULL) {
		report_error(report, classify->name_place,
		             "no field or parameter called `%s` comes before this", classify->name);
		return false;
	}
	classify->field = field;
	if (!is_integer_type(field) && field->type.kind != TYPE_BOOLEAN &&
	    field->type.kind != TYPE_STRING) {
		report_error(report, classify->name_place,
		             "only integers, booleans and strings can be classified; `%s` is %s",
		             field->name, field->type_name);
		return false;
	}
	if (field->type.width > 64) {
		report_error(report, classify->name_place, "`%s` is too wide to be classified",
		             field->name);
		return false;
	}
	if (field->attributes.constant != NULL || field->attributes.minimum != NULL ||
	    field->attributes.maximum != NULL) {
		report_error(
			report, classify->name_place,
			"`%s` has a const, min or max, so it cannot be classified: the arms say "
			"which values there are",
			field->name);
		return false;
	}
	if (field->classified != NULL) {
		report_error(report, classify->name_place, "`%s` has been classified before",
		             field->name);
		report_hint(
			report,
			"what follows a classify is part of each of its arms; a field that may be "
			"missing is an array: `%s: ... value(array_length(x)); x: array (%s) { ... "
			"};`",
			field->name, field->name);
		return false;
	}
	return true;
}

static enum value_kind subject_kind(const struct classify *classify)
{
	if (classify->parameter != NULL)
		return classify->parameter->kind == PARAMETER_BOOLEAN ? VALUE_BOOLEAN
		                                                      : VALUE_INTEGER;
	if (classify->field->type.kind == TYPE_STRING)
		return VALUE_STRING;
	return classify->field->type.kind == TYPE_BOOLEAN ? VALUE_BOOLEAN : VALUE_INTEGER;
}

static void check_match(struct compiler *compiler, struct packet *packet, struct classify *classify,
                        struct arm *arm)
{
	struct report *report = &compiler->report;
	struct scope scope = { .compiler = compiler,
		               .module = packet->module,
		               .kind = SCOPE_CONSTANT,
		               .block = classify->block,
		               .what = "an arm's value" };
	enum value_kind wanted = subject_kind(classify);
	enum value_kind kind = check_expression(&scope, arm->match);
	char text[100];

	if (kind == VALUE_BROKEN || kind == VALUE_ANY)
		return;
	if (kind != wanted && !(kind == VALUE_RANGE && wanted == VALUE_INTEGER)) {
		report_error(report, arm->match->place, "`%s` is %s, so an arm's value must be %s",
		             classify->name,
		             wanted == VALUE_STRING    ? "a string"
		             : wanted == VALUE_BOOLEAN ? "a boolean"
		                                       : "an integer",
		             wanted == VALUE_STRING    ? "a \"string\""
		             : wanted == VALUE_BOOLEAN ? "true or false"
		                                       : "an integer, a range or `_`");
		arm->match->value = VALUE_BROKEN;
		return;
	}
	if (wanted != VALUE_INTEGER)
		return;
	struct interval range =
		classify->field != NULL
			? classify->field->range
			: (struct interval){ 0, ((wide)1 << classify->parameter->width) - 1 };
	if (arm->match->range.low < range.low || arm->match->range.high > range.high)
		report_error(report, arm->match->place, "`%s` cannot be this: it holds %s",
		             classify->name, interval_text(range, text, sizeof(text)));
}

static void check_guard(struct compiler *compiler, struct packet *packet, struct classify *classify,
                        struct arm *arm)
{
	struct scope scope = { .compiler = compiler,
		               .module = packet->module,
		               .kind = SCOPE_GUARD,
		               .block = classify->block,
		               .what = "the condition of `when`" };

	if (arm->guard != NULL)
		(void)check_boolean(&scope, arm->guard);
}

static bool overlap(const struct arm *a, const struct arm *b)
{
	enum value_kind first = a->match->value, second = b->match->value;

	if (first == VALUE_BROKEN || second == VALUE_BROKEN)
		return false;
	if (first == VALUE_ANY)
		return true;
	/* `_` may follow anything: it is the rest. */
	if (second == VALUE_ANY)
		return false;
	if (first == VALUE_STRING)
		return strcmp(a->match->text, b->match->text) == 0;
	return a->match->range.low <= b->match->range.high &&
	       b->match->range.low <= a->match->range.high;
}

static bool same_text(struct place a, struct place b)
{
	return a.length == b.length &&
	       memcmp(a.source->text + a.offset, b.source->text + b.offset, a.length) == 0;
}

static void check_overlap(struct compiler *compiler, const struct classify *classify, size_t index)
{
	const struct arm *arm = &classify->arms[index];

	for (size_t i = 0; i < index; i++) {
		const struct arm *earlier = &classify->arms[i];
		/* A guard on the earlier arm leaves some of its values to later ones. */
		bool taken =
			earlier->guard == NULL ||
			(arm->guard != NULL && same_text(earlier->guard->place, arm->guard->place));

		if (strcmp(earlier->name, arm->name) == 0) {
			report_error(&compiler->report, arm->place,
			             "there are two arms called \"%s\"", arm->name);
			report_note(&compiler->report, earlier->place, "the first");
		}
		if (!taken || !overlap(earlier, arm))
			continue;
		report_error(&compiler->report, arm->match->place,
		             "this arm overlaps \"%s\": which of them is meant?", earlier->name);
		report_note(&compiler->report, earlier->match->place, "\"%s\" is here",
		            earlier->name);
	}
}

void check_classify(struct compiler *compiler, struct packet *packet, struct classify *classify)
{
	if (!find_subject(compiler, packet, classify))
		return;
	classify->exact = classify->field != NULL && classify->field->type.kind != TYPE_STRING &&
	                  classify->field->attributes.value == NULL;
	for (size_t i = 0; i < classify->arm_count; i++) {
		struct arm *arm = &classify->arms[i];

		check_match(compiler, packet, classify, arm);
		check_guard(compiler, packet, classify, arm);
		check_overlap(compiler, classify, i);
		if (arm->guard != NULL || arm->match->value == VALUE_RANGE ||
		    arm->match->value == VALUE_ANY)
			classify->exact = false;
	}
	if (classify->field != NULL)
		classify->field->classified = classify;
}
