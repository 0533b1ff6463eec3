// SPDX-License-Identifier: ISC
/* mirage.context: what `mirage configure` was given. */
#include "cli/project.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int context_load(struct context *context, const char *path)
{
	json_error_t why;

	*context = (struct context){ .document = NULL };
	if (access(path, F_OK) != 0)
		return 0;
	context->document = json_load_file(path, 0, &why);
	if (!json_is_object(context->document))
		return diagnostic_error((struct place){ .file = path, .line = why.line },
		                        "remove it and run `mirage configure` again",
		                        "this context cannot be read");
	context->name = json_string_value(json_object_get(context->document, "name"));
	context->target = json_string_value(json_object_get(context->document, "target"));
	context->file = json_string_value(json_object_get(context->document, "file"));
	context->output = json_string_value(json_object_get(context->document, "output"));
	context->optimise = json_string_value(json_object_get(context->document, "optimise"));
	context->compiler = json_string_value(json_object_get(context->document, "compiler"));
	context->extra_repository =
		json_string_value(json_object_get(context->document, "extra_repository"));
	context->options = json_object_get(context->document, "options");
	context->environment = json_object_get(context->document, "environment");
	context->inputs = json_object_get(context->document, "inputs");
	return 0;
}

void context_free(struct context *context)
{
	json_decref(context->document);
	*context = (struct context){ .document = NULL };
}

/* "--hello=Hola!"; a key with a short name alone is "-n=4", or "-f" for a flag. */
static json_t *option_text(const struct key_declaration *key)
{
	const char *names = key->argument.names;
	int length = (int)argument_name_length(names);

	if (length > 1)
		return json_sprintf("--%.*s=%s", length, names, key->argument.value);
	if (key->argument.type != ARGUMENT_FLAG)
		return json_sprintf("-%c=%s", names[0], key->argument.value);
	return strcmp(key->argument.value, "true") == 0 ? json_sprintf("-%c", names[0]) : NULL;
}

static void add_library(void *context, const char *library)
{
	json_array_append_new(context, json_string(library));
}

int context_write(const struct project *project, const json_t *included,
                  const char *extra_repository, const char *path, struct output *output)
{
	static const char *const optimise[] = { NULL, "size", "speed" };
	const struct graph *graph = project->graph;
	json_t *options = json_array(), *inputs = json_copy((json_t *)(uintptr_t)included);
	FILE *file = output_begin(output, path, OUTPUT_MARK);

	for (size_t i = 0; i < graph->key_count; i++) {
		const struct key_declaration *key = &graph->keys[i];

		if (key->argument.value == key->declared_value)
			continue;
		json_array_append_new(options, option_text(key));
	}
	for_each_library(graph, add_library, inputs);
	json_t *document = json_pack(
		"{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:o, s:o, s:O}", "_",
		OUTPUT_MARK ", for the other commands", "name", graph->name, "target",
		project->target, "file", project->file, "output", project->output, "optimise",
		optimise[project->optimisation], "compiler",
		strcmp(project->compiler, ENGINE_COMPILER) == 0 ? NULL : project->compiler,
		"extra_repository", extra_repository, "inputs", inputs, "options", options,
		"environment", graph->environment);
	if (file == NULL || document == NULL) {
		json_decref(document);
		return diagnostic_failure(NULL,
		                          "cannot compose %s: out of memory, or an option is "
		                          "not UTF-8",
		                          path);
	}
	int error = json_dumpf(document, file, JSON_INDENT(2));
	fputc('\n', file);
	json_decref(document);
	return output_end(output) != 0 || error != 0 ? -ENOMEM : 0;
}
