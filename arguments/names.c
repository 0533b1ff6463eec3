// SPDX-License-Identifier: ISC
/* Comma-separated names of options. */
#include <mirage/arguments.h>

#include <string.h>

size_t argument_name_length(const char *names)
{
	return strcspn(names, ",");
}

bool argument_has_name(const char *names, const char *name)
{
	size_t length = strlen(name);

	for (;;) {
		size_t own = strcspn(names, ",");

		if (own == length && memcmp(names, name, length) == 0)
			return true;
		if (names[own] == '\0')
			return false;
		names += own + 1;
	}
}

const struct argument *arguments_find(const struct argument *table, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (argument_has_name(table[i].names, name))
			return &table[i];
	return NULL;
}
