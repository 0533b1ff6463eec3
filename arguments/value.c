// SPDX-License-Identifier: ISC
/* Values: one type at a time, and lists of them. */
#include <mirage/arguments.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments/message.h"
#include "arguments/quantity.h"

struct type_description {
	const char *name;
	const char *placeholder;
	const char *expectation;
};

static const struct type_description types[] = {
	[ARGUMENT_STRING] = { "string", "TEXT", "a text" },
	[ARGUMENT_INT] = { "int", "N", "an integer" },
	[ARGUMENT_BOOL] = { "bool", "BOOL", "true or false" },
	[ARGUMENT_FLAG] = { "flag", "", "true or false" },
	[ARGUMENT_IPV4] = { "IPv4 address", "ADDRESS", "an IPv4 address such as 192.0.2.1" },
	[ARGUMENT_IPV6] = { "IPv6 address", "ADDRESS", "an IPv6 address such as 2001:db8::1" },
	[ARGUMENT_PREFIX] = { "prefix", "PREFIX",
	                      "an address with a prefix length such as 192.0.2.1/24" },
	[ARGUMENT_MAC] = { "MAC address", "MAC", "a MAC address such as 02:00:00:00:00:01" },
	[ARGUMENT_SIZE] = { "size", "SIZE", "a size such as 4096, 64k or 16MiB" },
	[ARGUMENT_DURATION] = { "duration", "DURATION", "a duration such as 10s, 1.5s or 250ms" },
	[ARGUMENT_ENUM] = { "enum", "CHOICE", "one of the choices" },
};

const char *argument_type_name(enum argument_type type)
{
	return types[type].name;
}

const char *argument_expectation(enum argument_type type)
{
	return types[type].expectation;
}

const char *argument_placeholder(const struct argument *argument)
{
	return argument->placeholder != NULL ? argument->placeholder
	                                     : types[argument->type].placeholder;
}

static int unexpected(const struct argument *argument, const char *text,
                      struct arguments_error *error)
{
	char shown[SHOWN_SIZE];

	snprintf(error->text, sizeof(error->text), "'%s' is not %s", show_text(text, shown),
	         types[argument->type].expectation);
	return -EINVAL;
}

static int parse_boolean(const char *text, bool *boolean)
{
	*boolean = strcmp(text, "true") == 0;
	return *boolean || strcmp(text, "false") == 0 ? 0 : -EINVAL;
}

static int parse_choice(const struct argument *argument, const char *text,
                        struct argument_value *value, struct arguments_error *error)
{
	char shown[SHOWN_SIZE];
	size_t count = 0;

	for (; argument->choices[count] != NULL; count++) {
		if (strcmp(argument->choices[count], text) != 0)
			continue;
		value->string = argument->choices[count];
		value->choice = count;
		return 0;
	}
	int used = snprintf(error->text, sizeof(error->text), "'%s' is not one of ",
	                    show_text(text, shown));
	for (size_t i = 0; i < count && used < (int)sizeof(error->text); i++)
		used += snprintf(error->text + used, sizeof(error->text) - (size_t)used, "%s%s",
		                 i > 0 ? ", " : "", argument->choices[i]);
	const char *nearest = nearest_name(text, argument->choices, count);
	if (nearest != NULL && used < (int)sizeof(error->text))
		snprintf(error->text + used, sizeof(error->text) - (size_t)used,
		         "; did you mean '%s'?", nearest);
	return -EINVAL;
}

static int check_bounds(const struct argument *argument, int64_t integer,
                        struct arguments_error *error)
{
	bool bounded = argument->minimum != 0 || argument->maximum != 0;

	if (!bounded || (integer >= argument->minimum && integer <= argument->maximum))
		return 0;
	snprintf(error->text, sizeof(error->text),
	         "%" PRId64 " is not between %" PRId64 " and %" PRId64, integer, argument->minimum,
	         argument->maximum);
	return -EINVAL;
}

static int parse_typed(const struct argument *argument, const char *text,
                       struct argument_value *value)
{
	switch (argument->type) {
	case ARGUMENT_INT:
		return integer_parse(text, &value->integer);
	case ARGUMENT_BOOL:
	case ARGUMENT_FLAG:
		return parse_boolean(text, &value->boolean);
	case ARGUMENT_IPV4:
		return ipv4_address_parse(text, &value->ipv4);
	case ARGUMENT_IPV6:
		return ipv6_address_parse(text, &value->ipv6);
	case ARGUMENT_PREFIX:
		return ip_prefix_parse(text, &value->prefix);
	case ARGUMENT_MAC:
		return mac_address_parse(text, &value->mac);
	case ARGUMENT_SIZE:
		return size_parse(text, &value->size);
	case ARGUMENT_DURATION:
		return duration_parse(text, &value->duration);
	case ARGUMENT_STRING:
	case ARGUMENT_ENUM:
		break;
	}
	value->string = text;
	return 0;
}

static int parse_one(const struct argument *argument, const char *text,
                     struct argument_value *value, struct arguments_error *error)
{
	char shown[SHOWN_SIZE];

	value->present = true;
	value->text = text;
	if (argument->type == ARGUMENT_ENUM)
		return parse_choice(argument, text, value, error);
	int result = parse_typed(argument, text, value);
	if (result == -ERANGE)
		snprintf(error->text, sizeof(error->text), "'%s' is too large",
		         show_text(text, shown));
	else if (result != 0)
		return unexpected(argument, text, error);
	else if (argument->type == ARGUMENT_INT)
		result = check_bounds(argument, value->integer, error);
	return result != 0 ? -EINVAL : 0;
}

static size_t count_items(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == ',';
	return count;
}

static int parse_list(const struct argument *argument, const char *text,
                      struct argument_value *value, struct arguments_error *error)
{
	size_t count = count_items(text);
	char *item = strdup(text);

	value->present = true;
	value->text = text;
	value->storage = item;
	value->items = calloc(count, sizeof(*value->items));
	if (item == NULL || value->items == NULL) {
		argument_value_free(value);
		snprintf(error->text, sizeof(error->text), "out of memory");
		return -ENOMEM;
	}
	for (; value->count < count; value->count++) {
		size_t length = strcspn(item, ",");

		item[length] = '\0';
		int result = length > 0
		                     ? parse_one(argument, item, &value->items[value->count], error)
		                     : -EINVAL;
		if (length == 0)
			snprintf(error->text, sizeof(error->text), "item %zu of the list is empty",
			         value->count + 1);
		if (result != 0) {
			argument_value_free(value);
			return result;
		}
		item += length + 1;
	}
	return 0;
}

int argument_parse(const struct argument *argument, const char *text, struct argument_value *value,
                   struct arguments_error *error)
{
	*value = (struct argument_value){ .present = false };
	return argument->list ? parse_list(argument, text, value, error)
	                      : parse_one(argument, text, value, error);
}

void argument_value_free(struct argument_value *value)
{
	free(value->items);
	free(value->storage);
	*value = (struct argument_value){ .present = false };
}
