// SPDX-License-Identifier: ISC
/* All files that `mirage configure` writes, and the short ones: Makefile, the list of packages, and
   compile_commands.json. */
#include "engine/generate.h"
#include "engine/target.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *project_result(const struct project *project, char buffer[], size_t size)
{
	const char *name = project->output != NULL ? project->output : project->graph->name;
	bool unix_like = strcmp(project->target, "unix") == 0;

	snprintf(buffer, size, "dist/%s%s%s", name, unix_like ? "" : ".",
	         unix_like ? "" : project->target);
	return buffer;
}

void generate_makefile(const struct project *project, FILE *file)
{
	fprintf(file,
	        "# " OUTPUT_MARK " from %s for target %s: do not edit.\n"
	        "# Own rules go into Makefile.user.\n\n"
	        "MIRAGE ?= %s\n\n"
	        ".PHONY: all depend depends lock build clean run\n\n"
	        "all: depends build\n\n"
	        "# Packages that the build needs, and the lockfile.\n"
	        "depend depends:\n\t@$(MIRAGE) depends\n\n"
	        "lock:\n\t@$(MIRAGE) depends --update\n\n"
	        "build:\n\t@$(MIRAGE) build\n\n"
	        "run: build\n\t@$(MIRAGE) run\n\n"
	        "clean:\n\t@$(MIRAGE) clean\n\n"
	        "-include Makefile.user\n",
	        project->file, project->target, project->command);
}

static void print_package(void *context, const struct package_request *package)
{
	fprintf(context, "%s %s %s %s\n", package->name, package->min != NULL ? package->min : "-",
	        package->max != NULL ? package->max : "-", package->build ? "build" : "link");
}

static void print_recipe(void *context, const struct package_request *package)
{
	fprintf(context, "%s %s %s recipe\n", package->name,
	        package->min != NULL ? package->min : "-",
	        package->max != NULL ? package->max : "-");
}

void generate_packages(const struct project *project, FILE *file)
{
	fprintf(file,
	        "# " OUTPUT_MARK " from %s for target %s: do not edit.\n"
	        "# Packages: name, least version, first version too new, use (build, link: "
	        "Debian's).\n",
	        project->file, project->target);
	for_each_package(project->graph, project->target,
	                 &(struct package_visitor){ print_package, file });
	for_each_recipe(project->graph, project->target,
	                &(struct package_visitor){ print_recipe, file });
}

struct commands {
	json_t *array;
	const struct project *project;
	char directory[PATH_MAX];
};

static void add_command(void *context, const char *path)
{
	struct commands *commands = context;
	const char *target = commands->project->target;
	char include[PATH_MAX + 16], object[PATH_MAX], formats[PATH_MAX], generated[PATH_MAX];

	size_t length = (size_t)(strrchr(path, '.') - path);

	snprintf(include, sizeof(include), "-I%s/include", commands->project->installation->root);
	snprintf(formats, sizeof(formats), "_build/%s/mpl", target);
	snprintf(object, sizeof(object), "_build/%s/%.*s.o", target, (int)length, path);
	if (strcmp(path + length, ".mpl") == 0) {
		const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;

		/* The C that the build makes of it: an editor follows a call of x_parse() there. */
		snprintf(object, sizeof(object), "_build/%s/%s.o", target, path);
		snprintf(generated, sizeof(generated), "%s/%.*s.c", formats,
		         (int)(strrchr(name, '.') - name), name);
		path = generated;
	}
	json_t *arguments = json_pack("[s,s,s,s,s,s,s]", commands->project->compiler, "-std=gnu11",
	                              "-iquote", ".", "-iquote", formats, include);
	for (size_t i = 0; i < commands->project->graph->inputs.libraries.count; i++) {
		json_array_append_new(arguments, json_string("-iquote"));
		json_array_append_new(
			arguments,
			json_string(commands->project->graph->inputs.libraries.items[i]));
	}
	json_array_append_new(arguments, json_string("-c"));
	json_array_append_new(arguments, json_string(path));
	json_array_append_new(commands->array,
	                      json_pack("{s:s, s:s, s:s, s:o}", "directory", commands->directory,
	                                "file", path, "output", object, "arguments", arguments));
}

int generate_compile_commands(const struct project *project, FILE *file)
{
	struct commands commands = { .array = json_array(), .project = project };

	if (getcwd(commands.directory, sizeof(commands.directory)) == NULL)
		return -errno;
	add_command(&commands, project->file);
	for_each_source(project->graph, add_command, &commands);
	int error = json_dumpf(commands.array, file, JSON_INDENT(2));
	fputc('\n', file);
	json_decref(commands.array);
	return error == 0 ? 0 : -ENOMEM;
}

int generate_all(const struct project *project, struct output *output)
{
	char packages[512];
	int error = 0;
	FILE *file;

	snprintf(packages, sizeof(packages), "mirage/%s-%s.packages", project->graph->name,
	         project->target);
	const struct {
		const char *path;
		const char *mark;
		void (*generate)(const struct project *project, FILE *file);
	} files[] = {
		{ "mirage/main.c", OUTPUT_MARK, generate_main },
		{ "mirage/build.mk", OUTPUT_MARK, generate_build },
		{ "Makefile", OUTPUT_MARK, generate_makefile },
		{ packages, OUTPUT_MARK, generate_packages },
		/* Solo5's form has no room for the mark. */
		{ "mirage/manifest.json", "\"solo5.manifest\"", generate_manifest },
	};
	size_t count = target_kind(project->target) == TARGET_SOLO5 ? 5 : 4;

	for (size_t i = 0; i < count && error == 0; i++) {
		file = output_begin(output, files[i].path, files[i].mark);
		if (file == NULL)
			return -ENOMEM;
		files[i].generate(project, file);
		error = output_end(output);
	}
	file = error == 0 ? output_begin(output, "mirage/key_gen.h", OUTPUT_MARK) : NULL;
	if (file != NULL) {
		error = generate_keys(project, file);
		if (output_end(output) != 0)
			error = -ENOMEM;
	}
	file = error == 0 ? output_begin(output, "compile_commands.json", "\"output\": \"_build/")
	                  : NULL;
	if (file != NULL) {
		error = generate_compile_commands(project, file);
		if (output_end(output) != 0)
			error = -ENOMEM;
	}
	return error;
}
