// SPDX-License-Identifier: ISC
/* Looking for one option without knowing the others. */
#include <mirage/arguments.h>
#include <mirage/arguments_scan.h>

#include <string.h>

#include "arguments/syntax.h"

#define NAME_MAX_LENGTH 255

/* Copy the option's name; return its dashes (1 or 2), or 0 for what is no option. */
static size_t option_name(const char *argument, char name[NAME_MAX_LENGTH + 1])
{
	size_t dashes = strspn(argument, "-");

	if (dashes == 0 || dashes > 2 || argument[dashes] == '\0')
		return 0;
	size_t length = dashes == 1 ? 1 : strcspn(argument + 2, "=");
	if (length < dashes || length > NAME_MAX_LENGTH)
		return 0; /* "--t" is not "-t" */
	memcpy(name, argument + dashes, length);
	name[length] = '\0';
	return dashes;
}

const char *arguments_scan(int argc, const char *const argv[], const char *names, bool is_flag)
{
	const char *found = NULL;
	char name[NAME_MAX_LENGTH + 1];

	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
		size_t dashes = option_name(argv[i], name);

		if (dashes == 0 || !argument_has_name(names, name))
			continue;
		const char *rest = argv[i] + dashes + strlen(name);
		if (*rest == '=')
			found = rest + 1;
		else if (is_flag)
			found = "true"; /* what follows a short one are other short ones */
		else if (*rest != '\0')
			found = rest;
		else if (i + 1 < argc && can_be_value(argv[i + 1]))
			found = argv[++i];
	}
	return found;
}
