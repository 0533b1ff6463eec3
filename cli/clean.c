// SPDX-License-Identifier: ISC
/* mirage clean: remove what configure and build made. */
#include "cli/pages.h"
#include "cli/project.h"
#include "engine/check.h"

#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static void remove_tree(const char *path, bool dry_run)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return;
	if (dry_run) {
		printf("* remove %s\n", path);
		return;
	}
	if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
		diagnostic_warning((struct place){ .file = path }, "cannot be removed: %s",
		                   strerror(errno));
}

static bool is_ours(const char *path, const char *mark)
{
	char text[8192];
	FILE *file = fopen(path, "r");
	size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (file != NULL)
		fclose(file);
	text[length] = '\0';
	return strstr(text, mark) != NULL;
}

static void remove_generated(const char *path, const char *mark, bool dry_run)
{
	if (is_ours(path, mark))
		remove_tree(path, dry_run);
}

static int remove_output(const struct graph *graph, struct place place,
                         const struct build_inputs *inputs)
{
	(void)graph;
	(void)place;
	for (size_t i = 0; i < inputs->rules.count; i++)
		remove_tree(inputs->rules.items[i].output, false);
	return 0;
}

static int show_output(const struct graph *graph, struct place place,
                       const struct build_inputs *inputs)
{
	(void)graph;
	(void)place;
	for (size_t i = 0; i < inputs->rules.count; i++)
		remove_tree(inputs->rules.items[i].output, true);
	return 0;
}

/* The files below mirage/ that configure wrote; the folder too when nothing else is in it. */
static void remove_mirage_folder(bool dry_run)
{
	glob_t lists;

	remove_generated("mirage/main.c", OUTPUT_MARK, dry_run);
	remove_generated("mirage/key_gen.h", OUTPUT_MARK, dry_run);
	remove_generated("mirage/build.mk", OUTPUT_MARK, dry_run);
	remove_generated("mirage/manifest.json", "\"solo5.manifest\"", dry_run);
	if (glob("mirage/*.packages", 0, NULL, &lists) == 0)
		for (size_t i = 0; i < lists.gl_pathc; i++)
			remove_generated(lists.gl_pathv[i], OUTPUT_MARK, dry_run);
	globfree(&lists);
	if (!dry_run)
		rmdir("mirage");
}

static int run_clean(struct invocation *invocation)
{
	struct workspace workspace;
	enum arguments_request request;
	int status = workspace_open(&workspace, invocation, true, &request);
	bool dry_run = invocation_flag(invocation, "dry-run");

	if (status == EXIT_OK && request != ARGUMENTS_RUN) {
		status = page_for_request(request, invocation->command, NULL);
		workspace_close(&workspace);
		return status;
	}
	if (status == EXIT_USAGE) {
		workspace_close(&workspace);
		return status;
	}
	/* A configuration that no longer evaluates must not keep old files alive. */
	if (status == EXIT_OK)
		error_ignore(
			for_each_inputs(&workspace.graph, dry_run ? show_output : remove_output),
			"neither visitor fails");
	remove_tree("_build", dry_run);
	remove_tree("dist", dry_run);
	remove_mirage_folder(dry_run);
	remove_generated("Makefile", OUTPUT_MARK, dry_run);
	remove_generated("compile_commands.json", "\"output\": \"_build/", dry_run);
	const char *context = invocation_text(invocation, "context-file");
	remove_generated(context != NULL ? context : "mirage.context", OUTPUT_MARK, dry_run);
	workspace_close(&workspace);
	return status;
}

const struct command clean_command = {
	.name = "clean",
	.summary = "remove what configure and build made",
	.description =
		"Removes _build/, dist/, the generated files, and the outputs of the rules in "
		"config.c. Lockfiles and files that mirage did not write stay.",
	.in_project = true,
	.takes_keys = true,
	.run = run_clean,
};
