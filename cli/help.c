// SPDX-License-Identifier: ISC
/* mirage help: pages, manual pages and completion, from the tables. */
#include "cli/completion.h"
#include "cli/pages.h"
#include "cli/project.h"
#include "cli/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const formats[] = { "plain", "man", NULL };
static const char *const shells[] = { "bash", "zsh", "fish", NULL };

static const struct argument options[] = {
	{ .names = "format",
	  .type = ARGUMENT_ENUM,
	  .choices = formats,
	  .value = "plain",
	  .placeholder = "FORMAT",
	  .doc = "Print the page as plain text, or as the source of a manual page (man)." },
	{ .names = "completion",
	  .type = ARGUMENT_ENUM,
	  .choices = shells,
	  .placeholder = "SHELL",
	  .doc = "Print the completion script for bash, zsh or fish instead of a page." },
	{ .names = NULL },
};

static void print_topics(void)
{
	puts("Topics of `mirage help TOPIC`:");
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	puts("  config     the language of config.c\n"
	     "  targets    what images can be built for\n"
	     "  topics     this list");
}

static void print_targets(void)
{
	for (const struct target_description *t = target_descriptions; t->name != NULL; t++)
		printf("%-8s %s%s\n", t->name, t->what,
		       t->supported ? "" : " (not supported by this build)");
}

/*
 * The page of a command, with the keys of the project here if there is one that evaluates: a broken
 * config.c must not keep anybody from reading the manual.
 */
static void print_command(struct page *page, const struct command *command, bool roff)
{
	struct invocation *configure = calloc(1, sizeof(*configure));
	struct workspace workspace = { .option_count = 0 };
	const char *const argv[] = { command->name, NULL };
	enum arguments_request request;
	bool opened = false;

	if (configure != NULL && command->takes_keys && !roff && access("config.c", R_OK) == 0) {
		configure->command = command;
		configure->argc = 1;
		configure->argv = argv;
		opened = workspace_open(&workspace, configure, true, &request) == EXIT_OK;
		if (!opened)
			fputc('\n', stderr);
	}
	page_of_command(page, command, opened ? &workspace.graph : NULL);
	if (roff)
		page_print_roff(page, 1, stdout);
	else
		page_print(page, stdout);
	if (configure != NULL && command->takes_keys && !roff)
		workspace_close(&workspace);
	if (configure != NULL)
		invocation_free(configure);
	free(configure);
}

static int print_page(struct page *page, const char *topic, bool roff)
{
	int section = 1;

	if (topic == NULL || strcmp(topic, "mirage") == 0) {
		page_of_mirage(page);
	} else if (strcmp(topic, "config") == 0) {
		page_of_config(page);
		section = 5;
	} else {
		const struct command *command = command_find(topic);
		if (command == NULL)
			return EXIT_USAGE;
		print_command(page, command, roff);
		return EXIT_OK;
	}
	if (roff)
		page_print_roff(page, section, stdout);
	else
		page_print(page, stdout);
	return EXIT_OK;
}

static int run_help(struct invocation *invocation)
{
	static void (*const scripts[])(FILE * file) = { completion_bash, completion_zsh,
		                                        completion_fish };
	const char *topic = invocation->operand_count > 0 ? invocation->operands[0] : NULL;
	const char *shell = invocation_text(invocation, "completion");
	bool roff = strcmp(invocation_text(invocation, "format"), "man") == 0;

	for (size_t i = 0; shell != NULL && shells[i] != NULL; i++)
		if (strcmp(shell, shells[i]) == 0)
			scripts[i](stdout);
	if (shell != NULL)
		return EXIT_OK;
	if (topic != NULL && strcmp(topic, "topics") == 0)
		print_topics();
	else if (topic != NULL && strcmp(topic, "targets") == 0)
		print_targets();
	else {
		struct page *page = calloc(1, sizeof(*page));
		int status = page != NULL ? print_page(page, topic, roff) : EXIT_BUG;

		free(page);
		return status;
	}
	return EXIT_OK;
}

const struct command help_command = {
	.name = "help",
	.summary = "show the manual of a command or a topic",
	.operands = "[TOPIC]",
	.operands_max = 1,
	.description =
		"Shows a page of the manual. In a project, the pages of configure, describe, "
		"query and clean have a section UNIKERNEL PARAMETERS with the keys that "
		"config.c declares.\n"
		"\n"
		"`mirage help topics` lists the topics.",
	.options = options,
	.run = run_help,
};
