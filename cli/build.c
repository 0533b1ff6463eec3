// SPDX-License-Identifier: ISC
/* mirage build: compile and link, through make and mirage/build.mk. */
#include "cli/make.h"
#include "cli/project.h"

#include <stdio.h>
#include <string.h>

static const struct argument options[] = {
	{ .names = "jobs,j",
	  .type = ARGUMENT_INT,
	  .minimum = 1,
	  .maximum = 1024,
	  .placeholder = "N",
	  .doc = "Compile so many files at once. The default is the number of processors." },
	{ .names = NULL },
};

static int run_build(struct invocation *invocation)
{
	int status = configure_if_stale(invocation);

	if (status != EXIT_OK)
		return status;
	return make_build(invocation_text(invocation, "jobs"),
	                  invocation_flag(invocation, "dry-run"), stdout);
}

const struct command build_command = {
	.name = "build",
	.summary = "compile and link the configured unikernel",
	.description =
		"Builds dist/NAME from the sources that config.c lists and the libraries that "
		"the target needs. What is up to date is kept. If config.c has changed since "
		"`mirage configure`, that runs again first, with the same options.\n"
		"\n"
		"The same sources give the same bytes, in any folder. Environment variables "
		"such as CFLAGS or CPATH have no influence; .compile_flags and .link_flags of "
		"register_unikernel() do.",
	.options = options,
	.in_project = true,
	.run = run_build,
};
