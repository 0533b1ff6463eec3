/* SPDX-License-Identifier: ISC */
#include "tenders/options/options.h"

#include <errno.h>
#include <string.h>

void options_split(struct options_line *line, int argc, const char *const *argv)
{
	size_t count = argc > 0 ? (size_t)argc : 0;
	size_t i = 1;

	memset(line, 0, sizeof(*line));
	line->options = argv + (count > 0);
	while (i < count && argv[i][0] == '-' && strcmp(argv[i], "--") != 0) {
		line->help |= strcmp(argv[i], "--help") == 0;
		line->version |= strcmp(argv[i], "--version") == 0;
		line->option_count++;
		i++;
	}
	if (i < count && strcmp(argv[i], "--") == 0)
		i++;
	if (i < count) {
		line->image = argv[i];
		line->arguments = argv + i + 1;
		line->argument_count = count - i - 1;
	}
}

int options_join(const struct options_line *line, char text[OPTIONS_COMMAND_LINE_SIZE],
                 struct reason *reason)
{
	size_t used = 0;

	for (size_t i = 0; i < line->argument_count; i++) {
		size_t length = strlen(line->arguments[i]);
		/* With a blank before or the NUL after. */
		if (length >= OPTIONS_COMMAND_LINE_SIZE - used - (i > 0))
			return reason_set(reason, -E2BIG,
			                  "Guest command line too long (max=%d characters)",
			                  OPTIONS_COMMAND_LINE_SIZE - 1);
		if (i > 0)
			text[used++] = ' ';
		memcpy(text + used, line->arguments[i], length);
		used += length;
	}
	text[used] = '\0';
	return 0;
}

/* Whether `text`, an option without its dashes, is one of `option`; then `argument` is its parts. */
static bool match(const struct option *option, const char *text, struct option_argument *argument)
{
	size_t length = strlen(option->name);

	if (strncmp(text, option->name, length) != 0)
		return false;
	text += length;
	*argument = (struct option_argument){ .value = NULL };
	switch (option->form) {
	case OPTION_FLAG:
		return *text == '\0';
	case OPTION_VALUE:
		argument->value = text + 1;
		return *text == '=';
	case OPTION_NAMED:
		if (*text != ':')
			return false;
		argument->device = text + 1;
		argument->device_length = strcspn(argument->device, "=");
		argument->value = argument->device + argument->device_length + 1;
		return argument->device_length > 0 && argument->value[-1] == '=';
	}
	return false;
}

static int apply_one(const char *text, const struct option_module *modules, size_t module_count,
                     struct reason *reason)
{
	struct option_argument argument;

	for (size_t i = 0; i < module_count; i++) {
		for (size_t j = 0; j < modules[i].option_count; j++) {
			const struct option *option = &modules[i].options[j];
			if (!match(option, text, &argument))
				continue;
			return option->apply(modules[i].state, &argument, reason);
		}
	}
	reason_clear(reason);
	return -EINVAL;
}

int options_apply(const struct options_line *line, const struct option_module *modules,
                  size_t module_count, struct reason *reason)
{
	for (size_t i = 0; i < line->option_count; i++) {
		const char *option = line->options[i];
		bool dashes = strncmp(option, "--", 2) == 0;

		reason_clear(reason);
		int error = dashes ? apply_one(option + 2, modules, module_count, reason) : -EINVAL;
		if (error != 0) {
			reason_add(reason, error, "Invalid option: `%s'", option);
			reason->usage = true;
			return error;
		}
	}
	return 0;
}

int options_number(const char *text, uint64_t maximum, uint64_t *number)
{
	uint64_t value = 0;

	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value) ||
		    value > maximum)
			return -EINVAL;
	}
	if (value == 0)
		return -EINVAL;
	*number = value;
	return 0;
}
