// SPDX-License-Identifier: ISC
/* mirage describe: show the device graph. */
#include "cli/project.h"
#include "engine/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct argument options[] = {
	{ .names = "eval",
	  .type = ARGUMENT_FLAG,
	  .doc = "Show the graph with its choices made, for the target and the keys given." },
	{ .names = "no-eval",
	  .type = ARGUMENT_FLAG,
	  .doc = "Show the choices too, with what was not chosen in grey. The default." },
	{ .names = "dot",
	  .type = ARGUMENT_FLAG,
	  .doc = "Print the graph in the language of graphviz." },
	{ .names = "svg",
	  .type = ARGUMENT_FLAG,
	  .doc = "Print the graph as a picture (SVG), through graphviz's `dot`." },
	{ .names = "dot-command",
	  .value = "dot",
	  .placeholder = "COMMAND",
	  .doc = "The program that makes the picture." },
	{ .names = NULL },
};

static int print_svg(const struct workspace *workspace, const char *program, bool choices)
{
	if (!process_exists(program) && strchr(program, '/') == NULL) {
		(void)diagnostic_failure("apt-get install graphviz",
		                         "`describe --svg` needs the program %s", program);
		return EXIT_ERROR;
	}
	char command[512];
	snprintf(command, sizeof(command), "%s -Tsvg", program);
	fflush(stdout);
	FILE *pipe = popen(command, "we");
	if (pipe == NULL) {
		(void)diagnostic_failure(NULL, "cannot run %s: %s", program, strerror(errno));
		return EXIT_ERROR;
	}
	describe_dot(&workspace->graph, workspace->project.target, choices, pipe);
	if (pclose(pipe) == 0)
		return EXIT_OK;
	(void)diagnostic_failure("install graphviz", "%s failed", program);
	return EXIT_ERROR;
}

static int print(struct workspace *workspace, const struct invocation *invocation)
{
	bool choices = !invocation_flag(invocation, "eval");
	if (invocation_flag(invocation, "svg"))
		return print_svg(workspace, invocation_text(invocation, "dot-command"), choices);
	if (invocation_flag(invocation, "dot"))
		describe_dot(&workspace->graph, workspace->project.target, choices, stdout);
	else
		describe_text(&workspace->graph, workspace->project.target, choices, stdout);
	return EXIT_OK;
}

static int run_describe(struct invocation *invocation)
{
	return with_workspace(invocation, true, print);
}

const struct command describe_command = {
	.name = "describe",
	.summary = "show the devices of the unikernel, its keys and sources",
	.description =
		"Shows jobs and the devices they use as a tree, the keys with their values and "
		"stages, and the sources. With --dot or --svg, the same as a picture.",
	.options = options,
	.in_project = true,
	.takes_keys = true,
	.run = run_describe,
};
