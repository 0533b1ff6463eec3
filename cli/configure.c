// SPDX-License-Identifier: ISC
/* mirage configure: evaluate config.c, check it, write what the build needs. */
#include "cli/pages.h"
#include "cli/project.h"
#include "engine/check.h"
#include "engine/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mirage/arguments_scan.h>

static const char *const optimisations[] = { "size", "speed", NULL };

static const struct argument options[] = {
	{ .names = "optimise,optimize",
	  .type = ARGUMENT_ENUM,
	  .choices = optimisations,
	  .placeholder = "FOR",
	  .doc = "Compile the application for size or for speed. The default is speed." },
	{ .names = "compiler",
	  .placeholder = "PROGRAM",
	  .doc = "Compile the image with this: gcc, the default, clang, or a cross compiler such "
	         "as aarch64-linux-gnu-gcc." },
	{ .names = "extra-repo,extra-repos",
	  .placeholder = "LINE",
	  .environment = "MIRAGE_EXTRA_REPOS",
	  .doc = "A further Debian package source, as in sources.list(5), for `mirage depends`." },
	{ .names = "no-extra-repo",
	  .type = ARGUMENT_FLAG,
	  .doc = "Use no further package source." },
	{ .names = NULL },
};

/* Give the compiler the new key_gen.h before it is the project's. */
static int check_functions(const struct workspace *workspace, const struct output *output)
{
	char folder[TEMPORARY_FOLDER_SIZE], header[TEMPORARY_FOLDER_SIZE + 32];

	if (temporary_folder(folder) != 0)
		return -EINVAL;
	snprintf(header, sizeof(header), "%s/mirage", folder);
	int error = mkdir(header, 0700) == 0 ? 0 : -errno;
	snprintf(header, sizeof(header), "%s/mirage/key_gen.h", folder);
	FILE *file = error == 0 ? fopen(header, "w") : NULL;
	if (file == NULL)
		error = diagnostic_failure("is the disk full?", "cannot write %s: %s", header,
		                           strerror(errno));
	if (file != NULL) {
		fputs(output_text(output, "mirage/key_gen.h"), file);
		error = fclose(file) == 0 ? 0 : -errno;
	}
	if (error == 0)
		error = check_start_functions(&workspace->installation, &workspace->graph,
		                              workspace->project.target, folder);
	unlink(header);
	*strrchr(header, '/') = '\0';
	rmdir(header);
	rmdir(folder);
	return error;
}

/* Given now, or when the project was last configured; NULL: none. */
static const char *extra_repository(const struct workspace *workspace,
                                    const struct invocation *invocation)
{
	const char *given = invocation_text(invocation, "extra-repo");

	if (invocation_flag(invocation, "no-extra-repo"))
		return NULL;
	return given != NULL ? given : workspace->context.extra_repository;
}

static void report_success(const struct project *project, bool quiet)
{
	if (quiet || diagnostic_verbosity() == VERBOSITY_QUIET)
		return;
	printf("Successfully configured the unikernel '%s' for target %s.\n"
	       "Now run 'make' (or more fine-grained steps: 'make depends', 'make build').\n",
	       project->graph->name, project->target);
}

/* It becomes a word of the makefile, and is run. */
static int check_compiler(const char *compiler)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.+-/";

	if (compiler[0] == '-' || compiler[strspn(compiler, plain)] != '\0')
		return diagnostic_failure("give the name or the path of gcc, clang or a cross "
		                          "compiler",
		                          "'%s' is no plain name of a compiler", compiler);
	if (strchr(compiler, '/') == NULL ? !process_exists(compiler) : access(compiler, X_OK) != 0)
		return diagnostic_failure("install it, or leave --compiler out for gcc",
		                          "there is no compiler '%s'", compiler);
	return 0;
}

int configure_workspace(struct workspace *workspace, const struct invocation *invocation)
{
	struct argument reserved[INVOCATION_OPTIONS_MAX];
	size_t reserved_count =
		command_options(&configure_command, reserved, INVOCATION_OPTIONS_MAX);
	struct output output = { .count = 0 };
	bool dry_run = invocation_flag(invocation, "dry-run");
	int error =
		check_graph(&workspace->graph, workspace->project.target, reserved, reserved_count);

	if (error == 0)
		error = check_recipes(&workspace->graph, workspace->project.installation,
		                      workspace->project.target);
	if (error == 0)
		error = check_compiler(workspace->project.compiler);
	if (error == 0)
		error = generate_all(&workspace->project, &output);
	if (error == -ENOMEM)
		error = diagnostic_failure(NULL, "out of memory");
	if (error == 0)
		error = context_write(&workspace->project, workspace->included,
		                      extra_repository(workspace, invocation),
		                      invocation_text(invocation, "context-file"), &output);
	if (error == 0)
		error = check_functions(workspace, &output);
	if (error == 0)
		error = output_commit(&output, dry_run);
	output_free(&output);
	if (error == 0)
		report_success(&workspace->project,
		               dry_run || invocation_flag(invocation, "quiet"));
	return error == 0 ? EXIT_OK : EXIT_ERROR;
}

static int run_configure(struct invocation *invocation)
{
	return with_workspace(invocation, false, configure_workspace);
}

static bool is_newer(const char *a, const char *b)
{
	struct stat x, y;

	if (stat(a, &x) != 0 || stat(b, &y) != 0)
		return false;
	if (x.st_mtim.tv_sec != y.st_mtim.tv_sec)
		return x.st_mtim.tv_sec > y.st_mtim.tv_sec;
	return x.st_mtim.tv_nsec > y.st_mtim.tv_nsec;
}

/* The file or folder because of which the project has to be configured again, or NULL. One that is
   gone is the compiler's to tell of. */
static const char *find_newer(const struct context *context, const char *path)
{
	const char *file = context->file != NULL ? context->file : "config.c";
	size_t index;
	json_t *item;

	if (is_newer(file, path))
		return file;
	json_array_foreach(context->inputs, index, item)
	{
		const char *input = json_string_value(item);

		if (input != NULL && (access(input, F_OK) != 0 || is_newer(input, path)))
			return input;
	}
	return NULL;
}

static int configure_again(const struct invocation *invocation)
{
	struct invocation *again = calloc(1, sizeof(*again));
	struct workspace workspace;
	enum arguments_request request;
	char context_option[PATH_MAX];

	if (again == NULL)
		return EXIT_BUG;
	snprintf(context_option, sizeof(context_option), "--context-file=%s",
	         invocation_text(invocation, "context-file"));
	const char *const argv[] = { "configure", context_option, "--quiet", NULL };
	again->command = &configure_command;
	again->argc = 3;
	again->argv = argv;
	int status = workspace_open(&workspace, again, true, &request);
	if (status == EXIT_OK)
		status = configure_workspace(&workspace, again);
	workspace_close(&workspace);
	invocation_free(again);
	free(again);
	return status;
}

/* A target that is given here must be the one that everything was generated for. */
static bool target_agrees(const struct invocation *invocation, const struct context *context)
{
	const char *given =
		arguments_scan(invocation->argc - 1, invocation->argv + 1, "target,t", false);
	char hint[128];

	if (given == NULL || context->target == NULL || strcmp(given, context->target) == 0)
		return true;
	snprintf(hint, sizeof(hint), "run `mirage configure -t %s` first", given);
	(void)diagnostic_failure(hint, "this folder is configured for %s", context->target);
	return false;
}

int configure_if_stale(const struct invocation *invocation)
{
	const char *path = invocation_text(invocation, "context-file");
	struct context context;

	if (context_load(&context, path) != 0)
		return EXIT_ERROR;
	if (context.document == NULL || access("mirage/build.mk", R_OK) != 0) {
		context_free(&context);
		(void)diagnostic_failure("run `mirage configure` first",
		                         "this folder is not configured");
		return EXIT_ERROR;
	}
	if (!target_agrees(invocation, &context)) {
		context_free(&context);
		return EXIT_ERROR;
	}
	const char *newer = find_newer(&context, path);
	bool stale = newer != NULL;
	if (stale)
		diagnostic_info("%s changed: configuring again", newer);
	context_free(&context);
	if (!stale)
		return EXIT_OK;
	int status = configure_again(invocation);
	/* What did not change was not written, so say that it is up to date. */
	if (status == EXIT_OK)
		utimensat(AT_FDCWD, path, NULL, 0);
	return status;
}

const struct command configure_command = {
	.name = "configure",
	.summary = "evaluate config.c and write what the build needs",
	.description =
		"Compiles config.c, runs it, and checks the graph of devices that it describes: "
		"the "
		"types and number of what each start function takes, source files, names, options, "
		"packages, and whether the target has each implementation.\n"
		"\n"
		"Then writes Makefile, mirage/main.c (what the image consists of), "
		"mirage/key_gen.h "
		"(the values of keys), mirage/manifest.json (for hvt and spt: the devices that a "
		"tender attaches), mirage/build.mk (how it is built), "
		"mirage/NAME-TARGET.packages "
		"and compile_commands.json. A file that mirage did not write is never replaced, "
		"and "
		"after an error nothing is written at all.\n"
		"\n"
		"The keys that config.c declares are options of this command. What they are set to "
		"here is their default at run time.",
	.options = options,
	.in_project = true,
	.takes_keys = true,
	.run = run_configure,
};
