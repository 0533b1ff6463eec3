/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tenders/options/options.h"

enum {
	USAGE_SIZE = 4096,
	HELP_COLUMN = 36,
};

struct text {
	char bytes[USAGE_SIZE];
	size_t used;
};

static void add(struct text *text, const char *more)
{
	size_t length = strlen(more);

	if (length > sizeof(text->bytes) - text->used)
		length = sizeof(text->bytes) - text->used;
	memcpy(text->bytes + text->used, more, length);
	text->used += length;
}

static void add_option(struct text *text, const struct option *option)
{
	static const char *const separators[] = {
		[OPTION_FLAG] = "",
		[OPTION_VALUE] = "=",
		[OPTION_NAMED] = ":",
	};
	char line[160];

	int length =
		snprintf(line, sizeof(line), "  --%s%s%s", option->name, separators[option->form],
	                 option->syntax != NULL ? option->syntax : "");
	add(text, line);
	for (int column = length; column < HELP_COLUMN; column++)
		add(text, " ");
	add(text, " ");
	add(text, option->help);
	add(text, "\n");
}

void options_print_usage(const char *program, const struct option_module *modules,
                         size_t module_count)
{
	struct text text = { .used = 0 };

	add(&text, "usage: ");
	add(&text, program);
	add(&text, " [OPTIONS] [--] KERNEL [ARGS]\n"
	           "Run the image in the file KERNEL, with ARGS as its command line.\n"
	           "Compiled-in modules:");
	for (size_t i = 0; i < module_count; i++) {
		if (modules[i].name == NULL)
			continue;
		add(&text, " ");
		add(&text, modules[i].name);
	}
	add(&text, "\nOptions:\n");
	for (size_t i = 0; i < module_count; i++) {
		for (size_t j = 0; j < modules[i].option_count; j++)
			add_option(&text, &modules[i].options[j]);
	}
	error_ignore(write(STDERR_FILENO, text.bytes, text.used) < 0,
	             "there is nowhere else to say it");
}
