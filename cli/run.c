// SPDX-License-Identifier: ISC
/* mirage run: build, then become the unikernel. */
#include "cli/make.h"
#include "cli/project.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path of the result, from the context and the unikernel's name in mirage/build.mk. */
static bool find_result(char result[], size_t size)
{
	FILE *file = fopen("mirage/build.mk", "r");
	char line[PATH_MAX];
	bool found = false;

	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "RESULT := ", 10) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(result, size, "%s", line + 10);
		found = true;
	}
	if (file != NULL)
		fclose(file);
	return found;
}

static int execute(const char *result, const struct invocation *invocation)
{
	const char *argv[INVOCATION_OPERANDS_MAX + 2] = { result };

	for (size_t i = 0; i < invocation->operand_count; i++)
		argv[i + 1] = invocation->operands[i];
	if (invocation_flag(invocation, "dry-run")) {
		printf("* run");
		for (size_t i = 0; argv[i] != NULL; i++)
			printf(" %s", argv[i]);
		putchar('\n');
		return EXIT_OK;
	}
	fflush(NULL);
	execv(result, (char *const *)(uintptr_t)argv);
	(void)diagnostic_failure("run `mirage build`", "cannot run %s: %s", result,
	                         strerror(errno));
	return EXIT_ERROR;
}

static int run_run(struct invocation *invocation)
{
	char result[PATH_MAX];
	int status = configure_if_stale(invocation);

	if (status == EXIT_OK && !invocation_flag(invocation, "dry-run"))
		status = make_build(NULL, false);
	if (status != EXIT_OK)
		return status;
	if (!find_result(result, sizeof(result))) {
		(void)diagnostic_failure("run `mirage configure`", "mirage/build.mk is damaged");
		return EXIT_ERROR;
	}
	return execute(result, invocation);
}

const struct command run_command = {
	.name = "run",
	.summary = "build and run the configured unikernel",
	.operands = "[-- ARGUMENT…]",
	.operands_max = INVOCATION_OPERANDS_MAX,
	.description =
		"Builds what is not up to date and runs the result in place of this command, "
		"with the arguments after `--`. Its exit status is this command's.",
	.in_project = true,
	.run = run_run,
};
