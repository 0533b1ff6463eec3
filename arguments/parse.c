// SPDX-License-Identifier: ISC
/*
 * From an argument vector to values.
 *
 * One pass over argv, then the environment and defaults for what was not given. Errors of single
 * arguments wait until the pass is over, because --help and --version win over them.
 */
#include <mirage/arguments.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/message.h"
#include "arguments/syntax.h"

#define OPTION_NAME_SIZE 256

struct parser {
	const struct argument *table;
	size_t count;
	struct argument_value *values;
	int argc;
	const char *const *argv;
	int next; /* index of the argument to be read */
	const char **operands;
	size_t operands_max;
	size_t operand_count;
	enum arguments_request request;
	struct arguments_error *error;
};

/* What stands before the first name. */
static const char *dashes(const struct argument *row)
{
	return argument_name_length(row->names) == 1 ? "-" : "--";
}

static int set_value(struct parser *parser, const struct argument *row, const char *text,
                     const char *what)
{
	struct argument_value *value = &parser->values[row - parser->table];
	struct arguments_error why;
	int name_length = (int)argument_name_length(row->names);

	if (value->given && row->type != ARGUMENT_FLAG) {
		snprintf(parser->error->text, sizeof(parser->error->text),
		         "option '%s%.*s' is given twice", dashes(row), name_length, row->names);
		return -EINVAL;
	}
	argument_value_free(value);
	int result = argument_parse(row, text, value, &why);
	value->given = true;
	if (result != 0)
		snprintf(parser->error->text, sizeof(parser->error->text), "%s '%s%.*s': %s", what,
		         dashes(row), name_length, row->names, why.text);
	return result;
}

static int unknown_option(struct parser *parser, const char *shown_option, const char *name)
{
	char shown[SHOWN_SIZE];
	const char *best = NULL;
	char best_name[OPTION_NAME_SIZE] = "";
	size_t best_distance = SIZE_MAX;

	for (size_t i = 0; i < parser->count; i++) {
		char copy[OPTION_NAME_SIZE];
		const char *names[] = { copy };

		snprintf(copy, sizeof(copy), "%.*s",
		         (int)argument_name_length(parser->table[i].names), parser->table[i].names);
		best = nearest_name(name, names, 1);
		size_t distance = best != NULL ? edit_distance(name, best, 64) : SIZE_MAX;
		if (distance < best_distance) {
			best_distance = distance;
			memcpy(best_name, copy, sizeof(copy));
		}
	}
	snprintf(parser->error->text, sizeof(parser->error->text), "unknown option '%s'%s%s%s",
	         show_text(shown_option, shown),
	         best_name[0] == '\0'   ? ""
	         : best_name[1] == '\0' ? ", did you mean '-"
	                                : ", did you mean '--",
	         best_name, best_name[0] != '\0' ? "'?" : "");
	return -EINVAL;
}

/* The value in the next argument, if there is one. */
static int take_value(struct parser *parser, const struct argument *row)
{
	int length = (int)argument_name_length(row->names);

	if (parser->next >= parser->argc || !can_be_value(parser->argv[parser->next])) {
		snprintf(parser->error->text, sizeof(parser->error->text),
		         "option '%s%.*s' needs a value: %s%.*s=%s", dashes(row), length,
		         row->names, dashes(row), length, row->names, argument_placeholder(row));
		return -EINVAL;
	}
	return set_value(parser, row, parser->argv[parser->next++], "option");
}

static int parse_long(struct parser *parser, const char *option)
{
	char name[OPTION_NAME_SIZE], shown[OPTION_NAME_SIZE + 2];
	size_t length = strcspn(option, "=");

	snprintf(name, sizeof(name), "%.*s", (int)length, option);
	const struct argument *row =
		length > 1 ? arguments_find(parser->table, parser->count, name) : NULL;
	if (row == NULL && option[length] == '\0' && strcmp(name, "help") == 0) {
		parser->request = ARGUMENTS_HELP;
		return 0;
	}
	if (row == NULL && option[length] == '\0' && strcmp(name, "version") == 0) {
		if (parser->request == ARGUMENTS_RUN)
			parser->request = ARGUMENTS_VERSION;
		return 0;
	}
	if (row == NULL) {
		snprintf(shown, sizeof(shown), "--%s", name);
		return unknown_option(parser, shown, name);
	}
	if (row->type != ARGUMENT_FLAG)
		return option[length] == '=' ? set_value(parser, row, option + length + 1, "option")
		                             : take_value(parser, row);
	if (option[length] == '=' && strcmp(option + length, "=true") != 0 &&
	    strcmp(option + length, "=false") != 0) {
		snprintf(parser->error->text, sizeof(parser->error->text),
		         "option '--%.*s' takes no value", (int)argument_name_length(row->names),
		         row->names);
		return -EINVAL;
	}
	return set_value(parser, row, option[length] == '=' ? option + length + 1 : "true",
	                 "option");
}

/* -q, -qv, -nVALUE, -n VALUE */
static int parse_short(struct parser *parser, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		const char name[] = { *letters, '\0' };
		const char option[] = { '-', *letters, '\0' };
		const struct argument *row = arguments_find(parser->table, parser->count, name);

		if (row == NULL && *letters == 'h') {
			parser->request = ARGUMENTS_HELP;
			continue;
		}
		if (row == NULL)
			return unknown_option(parser, option, name);
		if (row->type == ARGUMENT_FLAG) {
			int result = set_value(parser, row, "true", "option");
			if (result != 0)
				return result;
			continue;
		}
		if (letters[1] == '\0')
			return take_value(parser, row);
		return set_value(parser, row, letters + 1 + (letters[1] == '='), "option");
	}
	return 0;
}

static int parse_operand(struct parser *parser, const char *argument)
{
	char shown[SHOWN_SIZE];

	if (parser->operand_count < parser->operands_max) {
		parser->operands[parser->operand_count++] = argument;
		return 0;
	}
	snprintf(parser->error->text, sizeof(parser->error->text),
	         "too many arguments, starting with '%s'", show_text(argument, shown));
	return -EINVAL;
}

static int parse_vector(struct parser *parser)
{
	struct arguments_error first;
	int result = 0;
	bool options = true;

	for (parser->next = 1; parser->next < parser->argc;) {
		const char *argument = parser->argv[parser->next++];
		int own;

		if (options && strcmp(argument, "--") == 0) {
			options = false;
			continue;
		}
		if (options && argument[0] == '-' && argument[1] == '-')
			own = parse_long(parser, argument + 2);
		else if (options && argument[0] == '-' && argument[1] != '\0')
			own = parse_short(parser, argument + 1);
		else
			own = parse_operand(parser, argument);
		if (own != 0 && result == 0) {
			result = own;
			first = *parser->error;
		}
	}
	if (result != 0)
		*parser->error = first;
	return parser->request != ARGUMENTS_RUN ? 0 : result;
}

static int complete(struct parser *parser, const struct argument *row,
                    const char *(*environment)(const char *name))
{
	struct argument_value *value = &parser->values[row - parser->table];
	const char *text = NULL;

	if (value->given)
		return 0;
	if (environment != NULL && row->environment != NULL)
		text = environment(row->environment);
	if (text != NULL)
		return set_value(parser, row, text, row->environment);
	if (row->value != NULL) {
		int result = set_value(parser, row, row->value, "default of option");
		value->given = false;
		return result;
	}
	if (!row->required)
		return 0;
	snprintf(parser->error->text, sizeof(parser->error->text),
	         "required option '%s%.*s=%s' is missing", dashes(row),
	         (int)argument_name_length(row->names), row->names, argument_placeholder(row));
	return -EINVAL;
}

int arguments_parse(const struct argument *table, size_t count, struct argument_value *values,
                    int argc, const char *const argv[],
                    const char *(*environment)(const char *name), const char **operands,
                    size_t operands_max, size_t *operand_count, enum arguments_request *request,
                    struct arguments_error *error)
{
	struct parser parser = {
		.table = table,
		.count = count,
		.values = values,
		.argc = argc,
		.argv = argv,
		.operands = operands,
		.operands_max = operands_max,
		.error = error,
	};

	error->text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		values[i] = (struct argument_value){ .present = false };
	int result = parse_vector(&parser);
	for (size_t i = 0; i < count && result == 0 && parser.request == ARGUMENTS_RUN; i++)
		result = complete(&parser, &table[i], environment);
	*request = parser.request;
	if (operand_count != NULL)
		*operand_count = parser.operand_count;
	if (result != 0)
		arguments_free(values, count);
	return result;
}

void arguments_free(struct argument_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		argument_value_free(&values[i]);
}
