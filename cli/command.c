// SPDX-License-Identifier: ISC
/* The table of subcommands and what they have in common. */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct command *const commands[] = {
	&configure_command, &depends_command,   &build_command,  &run_command,   &clean_command,
	&describe_command,  &query_command,     &crunch_command, &image_command, &new_command,
	&doctor_command,    &symbolise_command, &help_command,   NULL,
};

static const char *const verbosities[] = { "quiet", "error", "warning", "info", "debug", NULL };
static const char *const colours[] = { "auto", "always", "never", NULL };

#define COMMON "COMMON OPTIONS"

const struct argument common_options[] = {
	{ .names = "target,t",
	  .placeholder = "TARGET",
	  .environment = "MODE",
	  .section = COMMON,
	  .doc = "What to build for: unix, hvt, spt, virtio, xen, qubes, muen, js. The default is "
	         "what the project was last configured for, else the environment variable "
	         "MIRAGE_DEFAULT_TARGET, else unix. --unix and --xen are older spellings." },
	{ .names = "unix", .type = ARGUMENT_FLAG, .section = COMMON, .doc = "Short for -t unix." },
	{ .names = "xen", .type = ARGUMENT_FLAG, .section = COMMON, .doc = "Short for -t xen." },
	{ .names = "file,f,config-file",
	  .placeholder = "FILE",
	  .section = COMMON,
	  .doc = "The configuration to use. The default is config.c." },
	{ .names = "context-file",
	  .placeholder = "FILE",
	  .value = "mirage.context",
	  .section = COMMON,
	  .doc = "Where `mirage configure` keeps what it was given, for the other commands." },
	{ .names = "output,o",
	  .placeholder = "NAME",
	  .section = COMMON,
	  .doc = "Name of the result in dist/. The default is the unikernel's name." },
	{ .names = "dry-run",
	  .type = ARGUMENT_FLAG,
	  .section = COMMON,
	  .doc = "Show what would be done, and do nothing." },
	{ .names = "quiet,q",
	  .type = ARGUMENT_FLAG,
	  .section = COMMON,
	  .doc = "Say nothing but errors. Takes over from -v and --verbosity." },
	{ .names = "verbose,v",
	  .type = ARGUMENT_FLAG,
	  .section = COMMON,
	  .doc = "Say more; twice, everything." },
	{ .names = "verbosity",
	  .type = ARGUMENT_ENUM,
	  .choices = verbosities,
	  .value = "warning",
	  .placeholder = "LEVEL",
	  .section = COMMON,
	  .doc = "How much to say: quiet, error, warning, info or debug." },
	{ .names = "color,colour",
	  .type = ARGUMENT_ENUM,
	  .choices = colours,
	  .value = "auto",
	  .placeholder = "WHEN",
	  .section = COMMON,
	  .doc = "Colour messages: auto (on a terminal), always or never." },
	{ .names = NULL },
};

static size_t append_options(const struct argument *options, struct argument table[], size_t count,
                             size_t size)
{
	for (; options != NULL && options->names != NULL && count < size; options++)
		table[count++] = *options;
	return count;
}

size_t command_options(const struct command *command, struct argument table[], size_t size)
{
	size_t count = append_options(command->options, table, 0, size);

	return append_options(common_options, table, count, size);
}

static const char *environment_value(const char *name)
{
	return getenv(name);
}

int invocation_parse(struct invocation *invocation, const struct argument *keys, size_t key_count,
                     enum arguments_request *request)
{
	struct arguments_error error;
	size_t count =
		command_options(invocation->command, invocation->table, INVOCATION_OPTIONS_MAX);

	for (size_t i = 0; i < key_count && count < INVOCATION_OPTIONS_MAX; i++)
		invocation->table[count++] = keys[i];
	invocation->option_count = count;
	int result = arguments_parse(invocation->table, count, invocation->values, invocation->argc,
	                             invocation->argv, environment_value, invocation->operands,
	                             invocation->command->operands_max, &invocation->operand_count,
	                             request, &error);
	if (result == 0)
		return EXIT_OK;
	char hint[128];
	snprintf(hint, sizeof(hint), "see `mirage help %s`", invocation->command->name);
	(void)diagnostic_failure(hint, "%s: %s", invocation->command->name, error.text);
	return EXIT_USAGE;
}

void invocation_free(struct invocation *invocation)
{
	arguments_free(invocation->values, invocation->option_count);
	invocation->option_count = 0;
}

static const struct argument_value *value_of(const struct invocation *invocation, const char *name)
{
	const struct argument *row =
		arguments_find(invocation->table, invocation->option_count, name);

	return row != NULL ? &invocation->values[row - invocation->table] : NULL;
}

const char *invocation_text(const struct invocation *invocation, const char *name)
{
	const struct argument_value *value = value_of(invocation, name);

	return value != NULL && value->present ? value->text : NULL;
}

bool invocation_flag(const struct invocation *invocation, const char *name)
{
	const struct argument_value *value = value_of(invocation, name);

	return value != NULL && value->present && value->boolean;
}

const struct command *command_find(const char *name)
{
	const struct command *found = NULL;
	const char *names[32];
	char hint[256] = "see `mirage help`";
	size_t count = 0, matches = 0;

	if (strcmp(name, check_image_command.name) == 0)
		return &check_image_command;
	for (size_t i = 0; commands[i] != NULL; i++) {
		names[count++] = commands[i]->name;
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
		if (strncmp(commands[i]->name, name, strlen(name)) == 0) {
			found = commands[i];
			matches++;
		}
	}
	if (matches == 1)
		return found;
	const char *nearest = nearest_name(name, names, count);
	if (matches > 1)
		snprintf(hint, sizeof(hint), "more letters, please: several commands begin so");
	else if (nearest != NULL)
		snprintf(hint, sizeof(hint), "did you mean `mirage %s`? See `mirage help`",
		         nearest);
	(void)diagnostic_failure(hint, "unknown command '%s'", name);
	return NULL;
}
