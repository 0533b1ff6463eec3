// SPDX-License-Identifier: ISC
/* Keys: their declarations and their values while configuring. */
#include "config/evaluation.h"
#include "config/graph.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Long enough for any option name: an identifier with dashes. */
#define NAMES_MAX 256

struct declared_key {
	const struct key *key;
	struct declared_key *next;
};

static struct declared_key *declared;
static struct declared_key **declared_end = &declared;

void config_key_register(const struct key *key)
{
	struct declared_key *entry = malloc(sizeof(*entry));

	if (entry == NULL)
		config_fail_at(key->location, "out of memory");
	*entry = (struct declared_key){ .key = key };
	*declared_end = entry;
	declared_end = &entry->next;
}

/* One bound alone leaves the other side open. */
static int64_t key_minimum(const struct key *key)
{
	return key->minimum == 0 && key->maximum < 0 ? INT64_MIN : key->minimum;
}

static int64_t key_maximum(const struct key *key)
{
	return key->maximum == 0 && key->minimum > 0 ? INT64_MAX : key->maximum;
}

static void key_names(const struct key *key, char names[NAMES_MAX])
{
	snprintf(names, NAMES_MAX, "%s", key->names != NULL ? key->names : key->identifier);
	if (key->names != NULL)
		return;
	for (char *c = names; *c != '\0'; c++)
		if (*c == '_')
			*c = '-';
}

static struct argument key_argument(const struct key *key, const char *names)
{
	return (struct argument){
		.names = names,
		.type = key->type,
		.list = key->list,
		.choices = key->choices,
		.minimum = key_minimum(key),
		.maximum = key_maximum(key),
		.placeholder = key->placeholder,
	};
}

/* Check `text`, which was given at a place, against the key's type. */
static void key_check(const struct key *key, const char *text, struct location place,
                      const char *origin)
{
	char names[NAMES_MAX];
	struct arguments_error error;
	struct argument_value value = { .present = false };

	key_names(key, names);
	struct argument argument = key_argument(key, names);
	if (argument_parse(&argument, text, &value, &error) != 0)
		config_fail_at(place, "%s key '%s': %s", origin, key->identifier, error.text);
	argument_value_free(&value);
}

static const char *key_given(const struct key *key)
{
	char names[NAMES_MAX];

	key_names(key, names);
	return evaluation_option(names, key->type == ARGUMENT_FLAG);
}

const char *value_text(const struct key *key)
{
	if (key->stage == KEY_STAGE_RUN)
		config_fail_at(key->location,
		               "key '%s' is of stage run: its value is not known while configuring",
		               key->identifier);
	const char *given = key_given(key);
	if (given != NULL)
		key_check(key, given, (struct location){ "", 0 }, "the option for");
	return given != NULL ? given : key->value;
}

bool value_is_true(const struct key *key)
{
	const char *text = value_text(key);

	if (key->type != ARGUMENT_BOOL && key->type != ARGUMENT_FLAG)
		config_fail_at(key->location, "key '%s' is no bool and no flag: its type is %s",
		               key->identifier, argument_type_name(key->type));
	return text != NULL && strcmp(text, "true") == 0;
}

int64_t value_int(const struct key *key)
{
	const char *text = value_text(key);

	if (key->type != ARGUMENT_INT)
		config_fail_at(key->location, "key '%s' is no int: its type is %s", key->identifier,
		               argument_type_name(key->type));
	return text != NULL ? strtoll(text, NULL, 0) : 0;
}

static void key_check_declaration(const struct key *key)
{
	if (key->type == ARGUMENT_ENUM && (key->choices == NULL || key->choices[0] == NULL))
		config_fail_at(key->location, "key '%s' is an enum without .choices",
		               key->identifier);
	if (key->required && key->value != NULL)
		config_fail_at(key->location, "key '%s' is required, so it cannot have a .value",
		               key->identifier);
	if (key->required && key->type == ARGUMENT_FLAG)
		config_fail_at(key->location, "key '%s' is a flag, which cannot be required",
		               key->identifier);
	if (key_minimum(key) > key_maximum(key))
		config_fail_at(key->location, "key '%s': .minimum is above .maximum",
		               key->identifier);
	if (key->value != NULL)
		key_check(key, key->value, key->location, "the default of");
}

/* KV_RO for kv_ro, unless the declaration says otherwise. */
static void key_placeholder(const struct key *key, char placeholder[NAMES_MAX])
{
	snprintf(placeholder, NAMES_MAX, "%s",
	         key->placeholder != NULL ? key->placeholder : key->identifier);
	for (char *c = placeholder; key->placeholder == NULL && *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
}

static json_t *key_to_json(const struct key *key)
{
	static const char *const stages[] = { "both", "configure", "run" };
	char names[NAMES_MAX], placeholder[NAMES_MAX];

	key_check_declaration(key);
	key_names(key, names);
	key_placeholder(key, placeholder);
	return complete(json_pack(
		"{s:s, s:s, s:i, s:s, s:s?, s:s?, s:s, s:b, s:b, s:I, s:I, s:o, s:s?, s:s?, "
		"s:o}",
		"identifier", key->identifier, "names", names, "type", (int)key->type, "type_name",
		argument_type_name(key->type), "value", key->value, "doc", key->doc, "stage",
		stages[key->stage], "required", (int)key->required, "list", (int)key->list,
		"minimum", (json_int_t)key_minimum(key), "maximum", (json_int_t)key_maximum(key),
		"choices", texts_to_json(key->choices), "placeholder", placeholder, "section",
		key->section, "location", location_to_json(key->location)));
}

json_t *keys_to_json(void)
{
	json_t *array = json_array();

	for (struct declared_key *entry = declared; entry != NULL; entry = entry->next)
		json_array_append_new(array, key_to_json(entry->key));
	return array;
}
