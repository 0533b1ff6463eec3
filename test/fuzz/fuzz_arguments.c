// SPDX-License-Identifier: ISC
/*
 * Argument vectors: the input, cut at NUL bytes, against a table with every type. Whatever is
 * accepted must be accepted again, alone, with the same result.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/arguments.h>
#include <mirage/arguments_scan.h>

#define WORDS_MAX 32

static const char *const choices[] = { "fat", "crunch", NULL };

static const struct argument table[] = {
	{ .names = "text,t", .value = "none" },
	{ .names = "int,i", .type = ARGUMENT_INT, .minimum = -9, .maximum = 9 },
	{ .names = "bool", .type = ARGUMENT_BOOL },
	{ .names = "flag,f", .type = ARGUMENT_FLAG },
	{ .names = "ipv4", .type = ARGUMENT_IPV4 },
	{ .names = "ipv6", .type = ARGUMENT_IPV6 },
	{ .names = "prefix", .type = ARGUMENT_PREFIX },
	{ .names = "mac", .type = ARGUMENT_MAC },
	{ .names = "size", .type = ARGUMENT_SIZE },
	{ .names = "duration", .type = ARGUMENT_DURATION },
	{ .names = "enum", .type = ARGUMENT_ENUM, .choices = choices },
	{ .names = "list,l", .list = true },
	{ .names = "ints", .type = ARGUMENT_INT, .list = true },
};

#define COUNT (sizeof(table) / sizeof(table[0]))

static void check_value(const struct argument *row, const struct argument_value *value)
{
	struct argument_value again;
	struct arguments_error error;

	if (!value->present)
		return;
	assert(argument_parse(row, value->text, &again, &error) == 0);
	assert(again.count == value->count);
	argument_value_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *argv[WORDS_MAX + 2] = { "fuzz" };
	const char *operands[4];
	struct argument_value values[COUNT];
	enum arguments_request request;
	struct arguments_error error;
	size_t operand_count;
	int argc = 1;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t at = 0; at <= size && argc <= WORDS_MAX; at += strlen(text + at) + 1)
		argv[argc++] = text + at;
	int result = arguments_parse(table, COUNT, values, argc, argv, NULL, operands, 4,
	                             &operand_count, &request, &error);
	if (result == 0 && request == ARGUMENTS_RUN)
		for (size_t i = 0; i < COUNT; i++)
			check_value(&table[i], &values[i]);
	if (result != 0)
		assert(error.text[0] != '\0' && strlen(error.text) < sizeof(error.text) &&
		       strchr(error.text, '\n') == NULL);
	else
		arguments_free(values, COUNT);
	(void)arguments_scan(argc, argv, "text,t", false);
	free(text);
	return 0;
}
