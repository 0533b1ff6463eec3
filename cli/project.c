// SPDX-License-Identifier: ISC
/* Evaluating the project of the current folder. */
#include "cli/project.h"
#include "cli/pages.h"
#include "cli/targets.h"
#include "cli/version.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mirage/arguments_scan.h>
#include <mirage/log.h>

static const char *first_of(const char *a, const char *b, const char *c)
{
	return a != NULL ? a : b != NULL ? b : c;
}

/* The target: given, older spellings, MODE, remembered, MIRAGE_DEFAULT_TARGET, unix. */
static const char *choose_target(const struct invocation *invocation, const struct context *context)
{
	int argc = invocation->argc - 1;
	const char *const *argv = invocation->argv + 1;
	const char *given = arguments_scan(argc, argv, "target,t", false);

	if (given == NULL && arguments_scan(argc, argv, "unix", true) != NULL)
		given = "unix";
	if (given == NULL && arguments_scan(argc, argv, "xen", true) != NULL)
		given = "xen";
	if (given == NULL)
		given = getenv("MODE");
	return first_of(given, context->target,
	                first_of(getenv("MIRAGE_DEFAULT_TARGET"), "unix", NULL));
}

static void restore_environment(const struct context *context)
{
	const char *name;
	json_t *value;

	json_object_foreach(context->environment, name, value)
	{
		if (json_is_string(value))
			setenv(name, json_string_value(value), 1);
		else
			unsetenv(name);
	}
}

/* For config.c: the context's options, then those given, of which the last of each name wins. */
static int join_options(struct workspace *workspace, const struct invocation *invocation)
{
	size_t remembered = json_array_size(workspace->context.options);
	size_t given = (size_t)invocation->argc - 1;

	workspace->options = calloc(remembered + given + 2, sizeof(char *));
	if (workspace->options == NULL)
		return -ENOMEM;
	workspace->options[workspace->option_count++] = "mirage";
	for (size_t i = 0; i < remembered; i++) {
		const char *text = json_string_value(json_array_get(workspace->context.options, i));
		if (text != NULL)
			workspace->options[workspace->option_count++] = text;
	}
	for (size_t i = 0; i < given; i++)
		workspace->options[workspace->option_count++] = invocation->argv[i + 1];
	return 0;
}

/* `mirage` if that is what PATH finds, else this very file. */
static void own_command(char command[], size_t size)
{
	const char *path = getenv("PATH");
	char *copy = path != NULL ? strdup(path) : NULL;
	struct stat self, found;
	char file[PATH_MAX];

	ssize_t length = readlink("/proc/self/exe", command, size - 1);
	command[length > 0 ? length : 0] = '\0';
	if (copy == NULL || stat("/proc/self/exe", &self) != 0) {
		free(copy);
		return;
	}
	for (char *save = NULL, *folder = strtok_r(copy, ":", &save); folder != NULL;
	     folder = strtok_r(NULL, ":", &save)) {
		snprintf(file, sizeof(file), "%s/mirage", folder);
		if (stat(file, &found) != 0)
			continue;
		if (found.st_ino == self.st_ino && found.st_dev == self.st_dev)
			snprintf(command, size, "mirage");
		break;
	}
	free(copy);
}

/* Options that configure every image, whatever its configuration. */
static struct key_declaration runtime_keys(size_t index, const char *unikernel)
{
	static const struct key_declaration keys[] = {
		{ .identifier = "logs",
		  .doc = "Show messages of at least this level: quiet, error, warning, info or "
		         "debug; "
		         "of all sources, or by source as in \"*:info,block:debug\".",
		  .argument = { .names = "logs,l", .placeholder = "LEVEL" } },
		{ .identifier = "name",
		  .doc = "The name of this instance.",
		  .argument = { .names = "name", .placeholder = "NAME" } },
		{ .identifier = "delay",
		  .doc = "Wait for so long before starting.",
		  .argument = { .names = "delay",
		                .type = ARGUMENT_DURATION,
		                .value = "0",
		                .placeholder = "SECONDS" } },
	};
	struct key_declaration key = keys[index];

	key.argument.doc = key.doc;
	key.argument.section = "COMMON OPTIONS OF UNIKERNELS";
	if (strcmp(key.identifier, "name") == 0)
		key.argument.value = unikernel;
	if (strcmp(key.identifier, "logs") == 0)
		key.argument.value = "info";
	key.declared_value = key.argument.value;
	return key;
}

static int add_runtime_keys(struct graph *graph, const char *file)
{
	enum {
		RUNTIME_KEYS = 3
	};
	struct key_declaration *keys = calloc(graph->key_count + RUNTIME_KEYS, sizeof(*keys));

	if (keys == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < RUNTIME_KEYS; i++) {
		keys[i] = runtime_keys(i, graph->name);
		keys[i].place.file = file;
	}
	memcpy(keys + RUNTIME_KEYS, graph->keys, graph->key_count * sizeof(*keys));
	free(graph->keys);
	graph->keys = keys;
	graph->key_count += RUNTIME_KEYS;
	return 0;
}

size_t key_options(const struct graph *graph, struct argument table[], size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < graph->key_count && count < size; i++) {
		const struct key_declaration *key = &graph->keys[i];

		if (key->stage == STAGE_RUN)
			continue;
		table[count] = key->argument;
		/* A key of both stages may still be given at run time. */
		table[count].required = key->argument.required && key->stage == STAGE_CONFIGURE;
		count++;
	}
	return count;
}

/* Options that set keys become their values. */
static void apply_keys(struct graph *graph, const struct invocation *invocation)
{
	for (size_t i = 0; i < graph->key_count; i++) {
		struct key_declaration *key = &graph->keys[i];
		char name[256];

		snprintf(name, sizeof(name), "%.*s", (int)argument_name_length(key->argument.names),
		         key->argument.names);
		const struct argument *row =
			arguments_find(invocation->table, invocation->option_count, name);
		if (key->stage == STAGE_RUN || row == NULL)
			continue;
		const struct argument_value *value = &invocation->values[row - invocation->table];
		if (!value->given)
			continue;
		key->argument.value = key->argument.type == ARGUMENT_FLAG
		                              ? (value->boolean ? "true" : "false")
		                              : value->text;
	}
}

static int find_file(struct workspace *workspace, const struct invocation *invocation)
{
	const char *given = arguments_scan(invocation->argc - 1, invocation->argv + 1,
	                                   "file,f,config-file", false);
	const char *file = first_of(given, workspace->context.file, "config.c");

	workspace->project.file = file;
	if (access(file, R_OK) == 0)
		return version_check(file);
	return diagnostic_failure(given == NULL ? "go to the project's folder, or start one with "
	                                          "`mirage new NAME`"
	                                        : "correct the name after -f",
	                          "configuration file %s missing", file);
}

static int evaluate(struct workspace *workspace, const struct invocation *invocation)
{
	json_t *document = NULL;
	int error = installation_find(&workspace->installation);

	if (error == 0)
		error = target_check(&workspace->installation, workspace->project.target);
	if (error == 0)
		error = find_file(workspace, invocation);
	if (error == 0)
		error = evaluate_config(&workspace->installation, workspace->project.file,
		                        workspace->project.target,
		                        (size_t)workspace->option_count - 1, workspace->options + 1,
		                        &document, &workspace->included);
	if (error == 0)
		error = graph_load(&workspace->graph, document, workspace->project.file);
	if (error == 0)
		error = add_runtime_keys(&workspace->graph, workspace->project.file);
	return error;
}

/* Given to `mirage configure` now, or when the project was last configured. */
static enum optimisation choose_optimisation(const struct invocation *invocation,
                                             const struct context *context)
{
	const char *given =
		first_of(invocation_text(invocation, "optimise"), context->optimise, "default");

	return strcmp(given, "size") == 0    ? OPTIMISE_SIZE
	       : strcmp(given, "speed") == 0 ? OPTIMISE_SPEED
	                                     : OPTIMISE_DEFAULT;
}

/* The keys' values of the last `mirage configure` are their defaults now. */
static int apply_remembered(struct workspace *workspace)
{
	size_t index;
	json_t *item;

	json_array_foreach(workspace->context.options, index, item)
	{
		const char *text = json_string_value(item);
		struct key_declaration *key = NULL;
		char name[256];

		if (text == NULL)
			continue;
		const char *start = text + strspn(text, "-");
		size_t length = strcspn(start, "=");

		snprintf(name, sizeof(name), "%.*s", (int)length, start);
		for (size_t i = 0; i < workspace->graph.key_count && key == NULL; i++)
			if (argument_has_name(workspace->graph.keys[i].argument.names, name))
				key = &workspace->graph.keys[i];
		if (key == NULL)
			return diagnostic_failure("run `mirage configure` again, without it",
			                          "the project was configured with %s, which %s "
			                          "does not declare any more",
			                          text, workspace->project.file);
		key->argument.value = start[length] == '=' ? start + length + 1 : "true";
	}
	return 0;
}

/* An image would not start with it. */
static int check_logs(const struct graph *graph)
{
	for (size_t i = 0; i < graph->key_count; i++) {
		const struct key_declaration *key = &graph->keys[i];
		const char *bad;

		if (strcmp(key->identifier, "logs") == 0 &&
		    log_configure(NULL, key->argument.value, &bad) != 0)
			return diagnostic_failure("write LEVEL, *:LEVEL or SOURCE:LEVEL, LEVEL "
			                          "being quiet, error, warning, info or debug",
			                          "option '--logs': '%s' is no level", bad);
	}
	return 0;
}

static int parse_and_apply(struct workspace *workspace, struct invocation *invocation,
                           enum arguments_request *request)
{
	struct argument table[INVOCATION_OPTIONS_MAX];

	if (apply_remembered(workspace) != 0)
		return EXIT_ERROR;
	size_t count = key_options(&workspace->graph, table, INVOCATION_OPTIONS_MAX);
	int status = invocation_parse(invocation, table, count, request);
	if (status != EXIT_OK || *request != ARGUMENTS_RUN)
		return status;
	apply_keys(&workspace->graph, invocation);
	if (check_logs(&workspace->graph) != 0)
		return EXIT_USAGE;
	const char *output = invocation_text(invocation, "output");
	workspace->project.output = output != NULL ? output : workspace->context.output;
	workspace->project.optimisation = choose_optimisation(invocation, &workspace->context);
	workspace->project.compiler = first_of(invocation_text(invocation, "compiler"),
	                                       workspace->context.compiler, ENGINE_COMPILER);
	if (workspace->project.output != NULL && strchr(workspace->project.output, '/') != NULL) {
		(void)diagnostic_failure("the result goes to dist/", "'%s' is not a plain name",
		                         workspace->project.output);
		return EXIT_USAGE;
	}
	return select_nodes(&workspace->graph) == 0 ? EXIT_OK : EXIT_ERROR;
}

int workspace_open(struct workspace *workspace, struct invocation *invocation, bool remembered,
                   enum arguments_request *request)
{
	const char *path =
		arguments_scan(invocation->argc - 1, invocation->argv + 1, "context-file", false);

	*workspace = (struct workspace){ .option_count = 0 };
	*request = ARGUMENTS_RUN;
	if (remembered &&
	    context_load(&workspace->context, path != NULL ? path : "mirage.context") != 0)
		return EXIT_ERROR;
	restore_environment(&workspace->context);
	own_command(workspace->command, sizeof(workspace->command));
	workspace->project = (struct project){
		.graph = &workspace->graph,
		.installation = &workspace->installation,
		.target = choose_target(invocation, &workspace->context),
		.command = workspace->command,
	};
	if (target_check_name(workspace->project.target) != 0)
		return EXIT_USAGE;
	if (join_options(workspace, invocation) != 0 || evaluate(workspace, invocation) != 0)
		return EXIT_ERROR;
	return parse_and_apply(workspace, invocation, request);
}

void workspace_close(struct workspace *workspace)
{
	graph_free(&workspace->graph);
	json_decref(workspace->included);
	workspace->included = NULL;
	context_free(&workspace->context);
	free(workspace->options);
	workspace->options = NULL;
}

int with_workspace(struct invocation *invocation, bool remembered,
                   int (*use)(struct workspace *workspace, const struct invocation *invocation))
{
	struct workspace workspace;
	enum arguments_request request;
	int status = workspace_open(&workspace, invocation, remembered, &request);

	if (status == EXIT_OK && request != ARGUMENTS_RUN)
		status = page_for_request(request, invocation->command, &workspace.graph);
	else if (status == EXIT_OK)
		status = use(&workspace, invocation);
	workspace_close(&workspace);
	return status;
}
