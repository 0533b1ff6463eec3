// SPDX-License-Identifier: ISC
/* Checks of keys: one meaning for each option. */
#include "engine/check.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Call `visit` on each of the comma-separated `names`; stop at a non-zero result. */
static int for_each_name(const char *names, const struct graph *graph,
                         const struct key_declaration *key,
                         int (*visit)(const struct graph *graph, const struct key_declaration *key,
                                      const char *name))
{
	char copy[256];
	int error = 0;

	snprintf(copy, sizeof(copy), "%s", names);
	for (char *save = NULL, *name = strtok_r(copy, ",", &save); name != NULL && error == 0;
	     name = strtok_r(NULL, ",", &save))
		error = visit(graph, key, name);
	return error;
}

static int check_option_name(const struct graph *graph, const struct key_declaration *key,
                             const char *name)
{
	if (!isalnum((unsigned char)name[0]) ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
	            strlen(name))
		return diagnostic_error(place_of_name(key->place, key->identifier),
		                        "use letters, digits, '_' and '-', without leading dashes",
		                        "'%s' cannot be the name of an option", name);
	if (strcmp(name, "help") == 0 || strcmp(name, "version") == 0)
		return diagnostic_error(place_of_name(key->place, key->identifier),
		                        "choose another name with .names",
		                        "every unikernel already has an option --%s", name);
	for (const struct key_declaration *other = graph->keys; other < key; other++)
		if (argument_has_name(other->argument.names, name))
			return diagnostic_error(place_of_name(key->place, key->identifier),
			                        "choose another name with .names",
			                        "keys '%s' and '%s' both have the option '%s'",
			                        other->identifier, key->identifier, name);
	return 0;
}

static int check_reserved(const struct key_declaration *key, const struct argument *reserved,
                          size_t reserved_count)
{
	for (size_t i = 0; i < reserved_count; i++) {
		char copy[256];

		snprintf(copy, sizeof(copy), "%s", reserved[i].names);
		for (char *save = NULL, *name = strtok_r(copy, ",", &save); name != NULL;
		     name = strtok_r(NULL, ",", &save))
			if (argument_has_name(key->argument.names, name))
				return diagnostic_error(
					place_of_name(key->place, key->identifier),
					"choose another name with .names",
					"key '%s' has the option '%s', which `mirage configure` "
					"uses itself",
					key->identifier, name);
	}
	return 0;
}

/* key_x_count() and key_x_present() belong to key x. */
static int check_accessors(const struct graph *graph, const struct key_declaration *key)
{
	static const char *const endings[] = { "_count", "_present" };
	char accessor[512];

	for (size_t i = 0; i < graph->key_count; i++)
		for (size_t j = 0; j < sizeof(endings) / sizeof(endings[0]); j++) {
			const struct key_declaration *other = &graph->keys[i];

			snprintf(accessor, sizeof(accessor), "%s%s", other->identifier, endings[j]);
			if (strcmp(accessor, key->identifier) == 0)
				return diagnostic_error(
					place_of_name(key->place, key->identifier),
					"give one of them another identifier",
					"key '%s' has an accessor named as that of key '%s'",
					other->identifier, key->identifier);
		}
	return 0;
}

int check_keys(const struct graph *graph, const struct argument *reserved, size_t reserved_count)
{
	for (size_t i = 0; i < graph->key_count; i++) {
		const struct key_declaration *key = &graph->keys[i];
		int error = for_each_name(key->argument.names, graph, key, check_option_name);

		if (error == 0)
			error = check_reserved(key, reserved, reserved_count);
		if (error == 0)
			error = check_accessors(graph, key);
		if (error != 0)
			return error;
		for (size_t j = 0; j < i; j++)
			if (strcmp(graph->keys[j].identifier, key->identifier) == 0)
				return diagnostic_error(place_of_name(key->place, key->identifier),
				                        "every unikernel has logs, name and delay",
				                        "key '%s' is declared twice",
				                        key->identifier);
	}
	return 0;
}
