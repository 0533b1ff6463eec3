// SPDX-License-Identifier: ISC
/*
 * Comparing start functions with their declarations, by asking the compiler: the declarations are
 * included before each source, so that a mismatch is a conflict on the application's own line; the
 * object's symbols tell whether the function is there at all.
 */
#include "engine/compile.h"
#include "engine/generate.h"
#include "engine/process.h"
#include "engine/recipe.h"
#include "engine/target.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "int hello_start(const struct time *, const struct console *)" */
static void print_declaration(FILE *file, const struct node *job)
{
	size_t printed = 0;
	char buffer[256];

	fprintf(file, "int %s(", job->function);
	for (size_t i = 0; i < job->edge_count; i++) {
		if (strcmp(job->edges[i].type.name, "job") == 0)
			continue;
		fprintf(file, "%s%s", printed++ > 0 ? ", " : "",
		        node_type_parameter(&job->edges[i].type, buffer, sizeof(buffer)));
	}
	fprintf(file, "%s)", printed == 0 ? "void" : "");
}

static void print_include(FILE *file, const struct node_type *type)
{
	char buffer[256];
	const char *header = node_type_header(type, buffer, sizeof(buffer));
	bool public = strncmp(header, "mirage/", 7) == 0;

	fprintf(file, "#include %c%s%c\n", public ? '<' : '"', header, public ? '>' : '"');
}

static int write_declarations(const struct graph *graph, const char *path)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return -errno;
	for (size_t i = 0; i < graph->order_count; i++) {
		const struct node *job = graph->order[i];

		if (job->kind != NODE_JOB)
			continue;
		for (size_t j = 0; j < job->edge_count; j++)
			if (strcmp(job->edges[j].type.name, "job") != 0)
				print_include(file, &job->edges[j].type);
		print_declaration(file, job);
		fputs(";\n", file);
	}
	return fclose(file) == 0 ? 0 : -errno;
}

static const struct node *job_of_function(const struct graph *graph, const char *function)
{
	for (size_t i = 0; i < graph->order_count; i++)
		if (graph->order[i]->kind == NODE_JOB &&
		    strcmp(graph->order[i]->function, function) == 0)
			return graph->order[i];
	return NULL;
}

static int report_conflict(const struct compiler_message *message, const struct node *job)
{
	char *hint = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&hint, &size);

	if (stream == NULL)
		return -ENOMEM;
	fprintf(stream, "MAIN() at %s:%d declares `", job->place.file, job->place.line);
	print_declaration(stream, job);
	fputs("`", stream);
	fclose(stream);
	int error = diagnostic_error(message->place, hint,
	                             "'%s' does not have the parameters that the configuration "
	                             "gives it",
	                             job->function);
	free(hint);
	return error;
}

/* What one compilation said: a conflict is an error, anything else is left to the build. */
static int judge(const struct graph *graph, const char *source, char *output, bool *compiled)
{
	struct compiler_message message;
	char function[256] = "";

	*compiled = false;
	if (!compiler_first_error(output, source, &message))
		return 0;
	if (strncmp(message.text, "conflicting types for '", 23) == 0) {
		snprintf(function, sizeof(function), "%.*s", (int)strcspn(message.text + 23, "'"),
		         message.text + 23);
		const struct node *job = job_of_function(graph, function);
		if (job != NULL)
			return report_conflict(&message, job);
	}
	diagnostic_warning(message.place, "%s (the start functions could not be checked)",
	                   message.text);
	return 0;
}

enum {
	RECIPES_MAX = 32, /* whose headers a probe sees */
};

struct probe {
	char library_headers[PATH_MAX +
	                     64]; /* of the bare C library; "" for programs of the host */
	char compiler_headers[PATH_MAX + 64]; /* of the compiler, with them */
	const struct installation *installation;
	const char *target;
	char *recipes[RECIPES_MAX]; /* folders of headers that recipes built */
	size_t recipe_count;
	char declarations[PATH_MAX + 32];
	char object[PATH_MAX + 32];
	char *symbols; /* defined so far, one per line, with a newline first */
	bool complete; /* every source compiled */
};

static void probe_free(struct probe *probe)
{
	while (probe->recipe_count > 0)
		free(probe->recipes[--probe->recipe_count]);
	free(probe->symbols);
}

static int list_symbols(struct probe *probe)
{
	const char *const argv[] = {
		"nm", "--defined-only", "--extern-only", "--format=posix", probe->object, NULL
	};
	struct process_result result;
	char *joined;
	int error = process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);

	if (error == 0 &&
	    asprintf(&joined, "%s%s\n", probe->symbols != NULL ? probe->symbols : "\n",
	             result.output) < 0)
		error = -ENOMEM;
	if (error == 0) {
		free(probe->symbols);
		probe->symbols = joined;
	}
	process_result_free(&result);
	return error;
}

static int probe_source(const struct installation *installation, const struct graph *graph,
                        const char *staging, const char *source, struct probe *probe)
{
	enum {
		ARGUMENTS_MAX = 128
	};
	char include[PATH_MAX + 16], staged[PATH_MAX + 16], keys[PATH_MAX + 32];
	/* The new key_gen.h comes first: its guard keeps out the one of an earlier configuration. */
	const char *argv[ARGUMENTS_MAX] = { ENGINE_COMPILER,
		                            "-std=gnu11",
		                            "-O0",
		                            "-w",
		                            "-c",
		                            "-fno-diagnostics-show-caret",
		                            "-fdiagnostics-color=never",
		                            "-ftabstop=1",
		                            "-iquote",
		                            ".",
		                            staged,
		                            include,
		                            "-include",
		                            keys,
		                            "-include",
		                            probe->declarations,
		                            "-o",
		                            probe->object,
		                            source };
	size_t count = 19;
	const char *const bare[] = { "-nostdinc", "-isystem", probe->library_headers, "-isystem",
		                     probe->compiler_headers };
	struct process_result result;
	bool compiled = true;

	snprintf(include, sizeof(include), "-I%s/include", installation->root);
	snprintf(staged, sizeof(staged), "-iquote%s", staging);
	snprintf(keys, sizeof(keys), "%s/mirage/key_gen.h", staging);
	for (size_t i = 0; i < 5 && probe->library_headers[0] != '\0'; i++)
		argv[count++] = bare[i];
	for (size_t i = 0; i < probe->recipe_count; i++) {
		argv[count++] = "-isystem";
		argv[count++] = probe->recipes[i];
	}
	for (size_t i = 0; i < graph->inputs.libraries.count && count + 3 < ARGUMENTS_MAX; i++) {
		argv[count++] = "-iquote";
		argv[count++] = graph->inputs.libraries.items[i];
	}
	for (size_t i = 0; i < graph->compile_flags.count && count + 1 < ARGUMENTS_MAX; i++)
		argv[count++] = graph->compile_flags.items[i];
	int error = process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);
	if (error != 0)
		return diagnostic_failure("run `mirage doctor`",
		                          "cannot run " ENGINE_COMPILER ": %s", strerror(-error));
	if (result.status != 0)
		error = judge(graph, source, result.output, &compiled);
	process_result_free(&result);
	if (!compiled)
		probe->complete = false;
	return error != 0 || !compiled ? error : list_symbols(probe);
}

static bool defines(const char *symbols, const char *function)
{
	char *needle;
	bool found;

	if (symbols == NULL || asprintf(&needle, "\n%s T", function) < 0)
		return false;
	found = strstr(symbols, needle) != NULL;
	free(needle);
	return found;
}

/* The function among the symbols whose name is nearest. */
static void nearest_symbol(char *symbols, const char *function, char hint[], size_t size)
{
	enum {
		SYMBOLS_MAX = 512
	};
	const char *names[SYMBOLS_MAX];
	size_t count = 0;

	for (char *save = NULL, *line = strtok_r(symbols, "\n", &save);
	     line != NULL && count < SYMBOLS_MAX; line = strtok_r(NULL, "\n", &save)) {
		char *type = strchr(line, ' ');

		if (type == NULL || type[1] != 'T')
			continue;
		*type = '\0';
		names[count++] = line;
	}
	const char *nearest = nearest_name(function, names, count);
	if (nearest != NULL)
		snprintf(hint, size, "did you mean '%s'?", nearest);
	else
		snprintf(hint, size, "define it there, or list the source that does in .sources");
}

static int check_defined(const struct graph *graph, struct probe *probe)
{
	for (size_t i = 0; i < graph->order_count; i++) {
		const struct node *job = graph->order[i];
		char hint[300];

		if (job->kind != NODE_JOB || defines(probe->symbols, job->function))
			continue;
		nearest_symbol(probe->symbols != NULL ? probe->symbols : (char[]){ "" },
		               job->function, hint, sizeof(hint));
		return diagnostic_error(place_of_name(job->place, job->function), hint,
		                        "no function '%s' in %s", job->function,
		                        graph->inputs.sources.count > 0
		                                ? graph->inputs.sources.items[0]
		                                : "the sources");
	}
	return 0;
}

static bool has_jobs(const struct graph *graph)
{
	for (size_t i = 0; i < graph->order_count; i++)
		if (graph->order[i]->kind == NODE_JOB)
			return true;
	return false;
}

/* Bare images do not see the headers of the host. */
static int find_bare_headers(const struct installation *installation, struct probe *probe)
{
	const char *const argv[] = { ENGINE_COMPILER, "-print-file-name=include", NULL };
	struct process_result result;
	char folder[PATH_MAX];
	int error = process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);

	if (error != 0)
		return error;
	bare_folder(installation, folder, sizeof(folder));
	snprintf(probe->library_headers, sizeof(probe->library_headers), "%s/include", folder);
	snprintf(probe->compiler_headers, sizeof(probe->compiler_headers), "%.*s",
	         (int)strcspn(result.output, "\n"), result.output);
	process_result_free(&result);
	return 0;
}

static void find_recipe_headers(void *context, const struct package_request *package)
{
	struct probe *probe = context;
	char folder[PATH_MAX];

	if (!recipe_headers(probe->installation, probe->target, package->name, folder,
	                    sizeof(folder)))
		probe->complete = false;
	else if (probe->recipe_count < RECIPES_MAX)
		probe->recipes[probe->recipe_count++] = strdup(folder);
}

static bool is_packet_format(const char *source)
{
	const char *dot = strrchr(source, '.');

	return dot != NULL && strcmp(dot, ".mpl") == 0;
}

/* The headers of packet formats must be there for the other sources; mplc says what is wrong. */
static int probe_packet_formats(const struct installation *installation, const struct graph *graph,
                                const char *staging)
{
	char compiler[PATH_MAX + 16], folder[PATH_MAX + 16];
	int error = 0;

	snprintf(compiler, sizeof(compiler), "%s/bin/mplc", installation->root);
	snprintf(folder, sizeof(folder), "--output=%s", staging);
	for (size_t i = 0; i < graph->inputs.sources.count && error == 0; i++) {
		const char *source = graph->inputs.sources.items[i];
		const char *const argv[] = { compiler, folder, source, NULL };
		struct process_result result;

		if (!is_packet_format(source) || access(source, R_OK) != 0)
			continue;
		error = process_run(argv, 0, &result);
		if (error != 0)
			return diagnostic_failure("run `mirage doctor`", "cannot run mplc: %s",
			                          strerror(-error));
		if (result.status != 0)
			error = -EINVAL;
		process_result_free(&result);
	}
	return error;
}

int check_start_functions(const struct installation *installation, const struct graph *graph,
                          const char *target, const char *staging)
{
	struct probe probe = { .complete = true, .installation = installation, .target = target };

	if (!has_jobs(graph))
		return 0;
	for_each_recipe(graph, target, &(struct package_visitor){ find_recipe_headers, &probe });
	if (!probe.complete) { /* no source that includes them can be compiled yet */
		probe_free(&probe);
		return 0;
	}
	snprintf(probe.declarations, sizeof(probe.declarations), "%s/start_functions.h", staging);
	snprintf(probe.object, sizeof(probe.object), "%s/start_functions.o", staging);
	int error = write_declarations(graph, probe.declarations);
	if (error == 0 && target_kind(target) != TARGET_HOSTED)
		error = find_bare_headers(installation, &probe);
	if (error == 0)
		error = probe_packet_formats(installation, graph, staging);
	for (size_t i = 0; i < graph->inputs.sources.count && error == 0; i++) {
		const char *source = graph->inputs.sources.items[i];
		if (is_packet_format(source))
			continue;
		/* A source that a rule makes is not there yet. */
		if (access(source, R_OK) == 0)
			error = probe_source(installation, graph, staging, source, &probe);
		else
			probe.complete = false;
	}
	if (error == 0 && probe.complete)
		error = check_defined(graph, &probe);
	unlink(probe.declarations);
	unlink(probe.object);
	probe_free(&probe);
	return error;
}
