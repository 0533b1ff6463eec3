// SPDX-License-Identifier: ISC
/* mirage/build.mk (how the image is made), the Makefile in front of it, and compile_commands.json. */
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

static void print_texts(FILE *file, const char *variable, const struct texts *texts)
{
	fprintf(file, "%s :=", variable);
	for (size_t i = 0; i < texts->count; i++)
		fprintf(file, " %s", texts->items[i]);
	fputc('\n', file);
}

/* _build/unix/dir/file.o */
static void print_object(FILE *file, const char *path)
{
	fprintf(file, "$(B)/%.*s.o", (int)(strrchr(path, '.') - path), path);
}

static void print_object_item(void *context, const char *path)
{
	fputs(" \\\n\t", context);
	print_object(context, path);
}

static void print_object_rule(void *context, const char *path)
{
	print_object(context, path);
	fprintf(context, ": %s $(GENERATED)\n\t$(compile)\n", path);
}

static void print_library_flag(void *context, const char *path)
{
	fprintf(context, " -iquote %s", path);
}

static void print_pkg_config(void *context, const struct package_request *package)
{
	if (package->pkg_config != NULL)
		fprintf(context, " %s", package->pkg_config);
}

static void print_rules(const struct build_inputs *inputs, FILE *file)
{
	for (size_t i = 0; i < inputs->rules.count; i++) {
		const struct build_rule *rule = &inputs->rules.items[i];

		fprintf(file, "GENERATED += %s\n%s:", rule->output, rule->output);
		for (size_t j = 0; j < rule->inputs.count; j++)
			fprintf(file, " %s", rule->inputs.items[j]);
		fprintf(file, "\n\t@$(call step,RULE,%s)\n", rule->output);
		if (strchr(rule->output, '/') != NULL)
			fputs("\t@mkdir -p $(@D)\n", file);
		fputs("\t$(Q)", file);
		for (const char *c = rule->command; *c != '\0'; c++) {
			fputc(*c, file);
			if (*c == '\n' && c[1] != '\0')
				fputs("\t$(Q)", file);
		}
		fputs("\n\n", file);
	}
}

static void print_installs(const struct build_inputs *inputs, FILE *file)
{
	for (size_t i = 0; i < inputs->install.count; i++) {
		const char *path = inputs->install.items[i];
		const char *slash = strrchr(path, '/');

		fprintf(file, "all: dist/%s\ndist/%s: %s\n\t@mkdir -p $(@D)\n\t$(Q)cp $< $@\n\n",
		        slash != NULL ? slash + 1 : path, slash != NULL ? slash + 1 : path, path);
	}
}

static void print_variables(const struct project *project, FILE *file)
{
	const struct graph *graph = project->graph;
	char result[PATH_MAX];

	fprintf(file,
	        "# " OUTPUT_MARK " from %s for target %s: do not edit.\n"
	        "# Run by `mirage build`, which passes ROOT: the folder where mirage is "
	        "installed.\n\n"
	        "ifndef ROOT\n$(error run `mirage build`)\nendif\n\n"
	        "B := _build/%s\nRESULT := %s\nLIB := $(ROOT)/lib/mirage/%s\n\n",
	        project->file, project->target, project->target,
	        project_result(project, result, sizeof(result)), project->target);
	fputs("PKG_CONFIG :=", file);
	for_each_package(graph, &(struct package_visitor){ print_pkg_config, file });
	fputs("\n", file);
	print_texts(file, "USER_CFLAGS", &graph->compile_flags);
	print_texts(file, "USER_LDFLAGS", &graph->link_flags);
	fputs("QUOTE := -iquote .", file);
	for_each_library(graph, print_library_flag, file);
	fputs("\n\n"
	      "# Nothing from outside the project and the installation may change the result.\n"
	      "unexport CPATH C_INCLUDE_PATH LIBRARY_PATH GCC_EXEC_PREFIX COMPILER_PATH\n"
	      "export LC_ALL := C\n\n"
	      "CC := " ENGINE_COMPILER "\n"
	      "CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Wdate-time -flto=auto "
	      "-ffunction-sections \\\n"
	      "\t-fdata-sections -fPIE -fno-plt -fstack-protector-strong -D_FORTIFY_SOURCE=2 \\\n"
	      "\t-ffile-prefix-map='$(ROOT)'=mirage -ffile-prefix-map='$(CURDIR)'=. \\\n"
	      "\t$(QUOTE) -I'$(ROOT)'/include\n"
	      "LDFLAGS := -pie -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-O1 -Wl,--as-needed \\\n"
	      "\t-Wl,--hash-style=gnu -Wl,--build-id=none\n"
	      "ifneq ($(PKG_CONFIG),)\n"
	      "CFLAGS += $(shell pkg-config --cflags $(PKG_CONFIG))\n"
	      "LIBS := $(shell pkg-config --libs $(PKG_CONFIG))\n"
	      "endif\n"
	      "CFLAGS += $(USER_CFLAGS)\n\n"
	      "Q := $(if $(VERBOSE),,@)\n"
	      "step = printf '  %-7s %s\\n' '$(1)' '$(2)'\n",
	      file);
}

void generate_build(const struct project *project, FILE *file)
{
	const struct graph *graph = project->graph;

	print_variables(project, file);
	fputs("OBJECTS := $(B)/mirage/main.o", file);
	for_each_source(graph, print_object_item, file);
	fputs("\n\n.PHONY: all\nall: $(RESULT)\n\t@:\n\n.DELETE_ON_ERROR:\n\n", file);
	print_rules(&graph->inputs, file);
	for (size_t i = 0; i < graph->order_count; i++)
		print_rules(&graph->order[i]->inputs, file);
	print_installs(&graph->inputs, file);
	for (size_t i = 0; i < graph->order_count; i++)
		print_installs(&graph->order[i]->inputs, file);
	fputs("define compile\n"
	      "@mkdir -p $(@D)\n"
	      "@$(call step,CC,$<)\n"
	      "$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<\n"
	      "endef\n\n"
	      "$(B)/mirage/main.o: mirage/main.c\n\t$(compile)\n",
	      file);
	for_each_source(graph, print_object_rule, file);
	fputs("\n$(OBJECTS): mirage/build.mk\n\n"
	      "$(B)/image.debug: $(OBJECTS) $(wildcard $(LIB)/*.a)\n"
	      "\t@$(call step,LINK,$(RESULT))\n"
	      "\t$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(USER_LDFLAGS) -o $@ $(OBJECTS) \\\n"
	      "\t\t-Wl,--start-group $(wildcard $(LIB)/*.a) -Wl,--end-group $(LIBS)\n\n"
	      "# The result carries no symbols; $(B)/image.debug has them, for gdb.\n"
	      "$(RESULT): $(B)/image.debug\n"
	      "\t@mkdir -p $(@D)\n"
	      "\t$(Q)strip -o $@ $<\n\n"
	      "-include $(OBJECTS:.o=.d)\n",
	      file);
}

static void print_package(void *context, const struct package_request *package)
{
	fprintf(context, "%s %s %s %s\n", package->name, package->min != NULL ? package->min : "-",
	        package->max != NULL ? package->max : "-", package->build ? "build" : "link");
}

void generate_packages(const struct project *project, FILE *file)
{
	fprintf(file,
	        "# " OUTPUT_MARK " from %s for target %s: do not edit.\n"
	        "# Debian packages: name, least version, first version too new, use.\n",
	        project->file, project->target);
	for_each_package(project->graph, &(struct package_visitor){ print_package, file });
}

struct commands {
	json_t *array;
	const struct project *project;
	char directory[PATH_MAX];
};

static void add_command(void *context, const char *path)
{
	struct commands *commands = context;
	char include[PATH_MAX + 16], object[PATH_MAX];

	snprintf(include, sizeof(include), "-I%s/include", commands->project->installation->root);
	snprintf(object, sizeof(object), "_build/%s/%.*s.o", commands->project->target,
	         (int)(strrchr(path, '.') - path), path);
	json_t *arguments =
		json_pack("[s,s,s,s,s]", ENGINE_COMPILER, "-std=gnu11", "-iquote", ".", include);
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
