// SPDX-License-Identifier: ISC
/*
 * mirage check-image: the step of a bare image's build behind the linker. Not in the table of
 * commands: mirage/build.mk calls it.
 */
#include "cli/command.h"
#include "engine/check_image.h"
#include "engine/compile.h"
#include "engine/file.h"
#include "engine/link_messages.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct argument options[] = {
	{ .names = "linker-failed",
	  .type = ARGUMENT_FLAG,
	  .doc = "There is no image: only say why, from what the linker said." },
	{ .names = "objdump",
	  .value = "objdump",
	  .placeholder = "PROGRAM",
	  .doc = "The disassembler for the image's processor." },
	{ .names = NULL },
};

/* What the linker said, with places in the project's sources. */
static void report_messages(const char *folder)
{
	enum {
		SOURCES_MAX = 4096
	};
	static const char *items[SOURCES_MAX];
	struct texts sources = { .items = items };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/link.txt", folder);
	char *messages = file_read(path);
	char *list = build_variable("SOURCES");
	for (char *save = NULL, *source = list != NULL ? strtok_r(list, " ", &save) : NULL;
	     source != NULL && sources.count < SOURCES_MAX; source = strtok_r(NULL, " ", &save))
		items[sources.count++] = source;
	if (messages != NULL)
		link_messages_report(messages, &sources);
	free(list);
	free(messages);
}

static int run_check_image(struct invocation *invocation)
{
	const char *target = invocation_text(invocation, "target");
	struct installation installation;

	if (target == NULL || invocation->operand_count != 1) {
		(void)diagnostic_failure("mirage/build.mk calls it",
		                         "check-image takes a target and a folder");
		return EXIT_USAGE;
	}
	report_messages(invocation->operands[0]);
	if (invocation_flag(invocation, "linker-failed"))
		return EXIT_ERROR;
	if (installation_find(&installation) != 0 ||
	    check_image(target, invocation->operands[0], installation.root,
	                invocation_text(invocation, "objdump")) != 0)
		return EXIT_ERROR;
	return EXIT_OK;
}

const struct command check_image_command = {
	.name = "check-image",
	.summary = "check what was linked (a step of the build)",
	.operands = "FOLDER",
	.operands_max = 1,
	.description = "Reports what the linker said, and looks for what must not be in an image: "
		       "system calls that are not the target's own, libraries of this machine.",
	.options = options,
	.run = run_check_image,
};
