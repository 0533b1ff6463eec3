// SPDX-License-Identifier: ISC
/* Copies of what was parsed. */
#include "mplc/clone.h"

#include <string.h>

static const char *rename_one(struct compiler *compiler, const char *name,
                              const struct renaming *renaming)
{
	if (name == NULL || renaming->prefix == NULL)
		return name;
	for (size_t i = 0; i < renaming->count; i++)
		if (strcmp(renaming->names[i], name) == 0)
			return arena_format(&compiler->arena, "%s_%s", renaming->prefix, name);
	return name;
}

struct expression *clone_expression(struct compiler *compiler, const struct expression *expression,
                                    const struct renaming *renaming)
{
	if (expression == NULL)
		return NULL;
	struct expression *copy = arena_new(&compiler->arena, struct expression);
	*copy = *expression;
	if (expression->kind == EXPRESSION_NAME)
		copy->text = rename_one(compiler, expression->text, renaming);
	copy->argument = rename_one(compiler, expression->argument, renaming);
	copy->left = clone_expression(compiler, expression->left, renaming);
	copy->right = clone_expression(compiler, expression->right, renaming);
	return copy;
}

static struct variant *clone_variant(struct compiler *compiler, const struct variant *variant,
                                     const struct renaming *renaming)
{
	struct variant *copy = arena_new(&compiler->arena, struct variant);

	copy->place = variant->place;
	for (size_t i = 0; i < variant->count; i++) {
		struct variant_member member = variant->members[i];

		member.match = clone_expression(compiler, member.match, renaming);
		arena_push(&compiler->arena, copy->members, copy->count, member);
	}
	return copy;
}

static void clone_attributes(struct compiler *compiler, struct attributes *attributes,
                             const struct renaming *renaming)
{
	attributes->constant = clone_expression(compiler, attributes->constant, renaming);
	attributes->value = clone_expression(compiler, attributes->value, renaming);
	attributes->initial = clone_expression(compiler, attributes->initial, renaming);
	attributes->minimum = clone_expression(compiler, attributes->minimum, renaming);
	attributes->maximum = clone_expression(compiler, attributes->maximum, renaming);
	attributes->align = clone_expression(compiler, attributes->align, renaming);
	if (attributes->variant != NULL)
		attributes->variant = clone_variant(compiler, attributes->variant, renaming);
	if (attributes->checksum != NULL) {
		struct checksum *copy = arena_new(&compiler->arena, struct checksum);

		*copy = *attributes->checksum;
		copy->first = rename_one(compiler, copy->first, renaming);
		copy->last = rename_one(compiler, copy->last, renaming);
		attributes->checksum = copy;
	}
}

struct field *clone_field(struct compiler *compiler, const struct field *field,
                          const struct renaming *renaming)
{
	struct field *copy = arena_new(&compiler->arena, struct field);

	*copy = *field;
	copy->name = rename_one(compiler, field->name, renaming);
	copy->size = clone_expression(compiler, field->size, renaming);
	copy->arguments = NULL;
	copy->argument_count = 0;
	for (size_t i = 0; i < field->argument_count; i++)
		arena_push(&compiler->arena, copy->arguments, copy->argument_count,
		           clone_expression(compiler, field->arguments[i], renaming));
	/* A record has names of its own. */
	if (field->record != NULL)
		copy->record = clone_statements(compiler, field->record,
		                                &(struct renaming){ .prefix = NULL });
	clone_attributes(compiler, &copy->attributes, renaming);
	return copy;
}

static struct classify *clone_classify(struct compiler *compiler, const struct classify *classify,
                                       const struct renaming *renaming)
{
	struct classify *copy = arena_new(&compiler->arena, struct classify);

	*copy = *classify;
	copy->name = rename_one(compiler, classify->name, renaming);
	copy->arms = NULL;
	copy->arm_count = 0;
	for (size_t i = 0; i < classify->arm_count; i++) {
		struct arm arm = classify->arms[i];

		arm.match = clone_expression(compiler, arm.match, renaming);
		arm.guard = clone_expression(compiler, arm.guard, renaming);
		arm.statements = clone_statements(compiler, arm.statements, renaming);
		arena_push(&compiler->arena, copy->arms, copy->arm_count, arm);
	}
	return copy;
}

struct statements *clone_statements(struct compiler *compiler, const struct statements *statements,
                                    const struct renaming *renaming)
{
	struct statements *copy = arena_new(&compiler->arena, struct statements);

	for (size_t i = 0; i < statements->count; i++) {
		struct statement statement = statements->items[i];

		if (statement.field != NULL)
			statement.field = clone_field(compiler, statement.field, renaming);
		else
			statement.classify = clone_classify(compiler, statement.classify, renaming);
		arena_push(&compiler->arena, copy->items, copy->count, statement);
	}
	return copy;
}

void collect_names(struct compiler *compiler, const struct statements *statements,
                   const char ***names, size_t *count)
{
	for (size_t i = 0; i < statements->count; i++) {
		const struct statement *statement = &statements->items[i];

		if (statement->field != NULL)
			arena_push(&compiler->arena, *names, *count, statement->field->name);
		for (size_t j = 0;
		     statement->classify != NULL && j < statement->classify->arm_count; j++)
			collect_names(compiler, statement->classify->arms[j].statements, names,
			              count);
	}
}
