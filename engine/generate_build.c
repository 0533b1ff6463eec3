// SPDX-License-Identifier: ISC
/* mirage/build.mk: how the image is made. What differs by target is in build_flags.c. */
#include "engine/build_flags.h"
#include "engine/check.h"
#include "engine/generate.h"

#include <limits.h>
#include <string.h>

static void print_texts(FILE *file, const char *variable, const struct texts *texts)
{
	fprintf(file, "%s :=", variable);
	for (size_t i = 0; i < texts->count; i++)
		fprintf(file, " %s", texts->items[i]);
	fputc('\n', file);
}

static void print_item(void *context, const char *path)
{
	fprintf(context, " %s", path);
}

static bool is_packet_format(const char *path)
{
	return strcmp(strrchr(path, '.'), ".mpl") == 0;
}

/* _build/unix/dir/file.o; of a packet format file.mpl.o, since a file.c may stand beside it. */
static void print_object(FILE *file, const char *path)
{
	size_t length = is_packet_format(path) ? strlen(path) : (size_t)(strrchr(path, '.') - path);

	fprintf(file, "$(B)/%.*s.o", (int)length, path);
}

/* The C of a packet format, and its header for the other sources. */
static void print_packet_format(void *context, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	int length = (int)(strrchr(name, '.') - name);

	if (!is_packet_format(path))
		return;
	fprintf(context,
	        "GENERATED += $(B)/mpl/%.*s.h\n$(B)/mpl/%.*s.h: $(B)/mpl/%.*s.c ;\n"
	        "$(B)/mpl/%.*s.c: %s\n\t@mkdir -p $(@D)\n\t@$(call step,MPLC,$<)\n"
	        "\t$(Q)'$(ROOT)'/bin/mplc --output=$(@D) --dependencies=$(@:.c=.d) $<\n"
	        "-include $(B)/mpl/%.*s.d\n\n",
	        length, name, length, name, length, name, length, name, path, length, name);
}

static void print_object_item(void *context, const char *path)
{
	fputs(" \\\n\t", context);
	print_object(context, path);
}

/*
 * What rules make must be there first. If a source includes it, the compiler has listed it; if not
 * (a disk image, which the unikernel writes to), a change of it is no reason to compile again.
 */
static void print_object_rule(void *context, const char *path)
{
	print_object(context, path);
	if (is_packet_format(path)) {
		const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;

		fprintf(context, ": $(B)/mpl/%.*s.c | $(GENERATED)\n\t$(compile)\n",
		        (int)(strrchr(name, '.') - name), name);
		return;
	}
	/* Which generated headers it includes is in the list that the compiler leaves. */
	fprintf(context, ": %s | $(GENERATED)\n\t$(compile)\n", path);
}

static void print_library_flag(void *context, const char *path)
{
	fprintf(context, " -iquote %s", path);
}

/*
 * A folder is newer than what was made from it if anything in it changed since, its list of names
 * included: find looks at the time of the last change, which copying and moving cannot set back.
 */
static void print_folder(const char *folder, const char *output, FILE *file)
{
	fprintf(file,
	        " $(if $(shell find -L %s -cnewer %s -print -quit 2>/dev/null),FOLDER-CHANGED)",
	        folder, output);
}

static void print_rules(const struct graph *graph, const struct build_inputs *inputs, FILE *file)
{
	for (size_t i = 0; i < inputs->rules.count; i++) {
		const struct build_rule *rule = &inputs->rules.items[i];

		if (rule_for(graph, rule->output) != rule)
			continue; /* the same again */
		fprintf(file, "GENERATED += %s\n%s:", rule->output, rule->output);
		for (size_t j = 0; j < rule->inputs.count; j++)
			fprintf(file, " %s", rule->inputs.items[j]);
		for (size_t j = 0; j < rule->folders.count; j++)
			print_folder(rule->folders.items[j], rule->output, file);
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
	        "B := _build/%s\nRESULT := %s\nSTART :=",
	        project->file, project->target, project->target,
	        project_result(project, result, sizeof(result)));
	for (size_t i = 0; i < graph->order_count; i++)
		if (graph->order[i]->kind == NODE_JOB)
			fprintf(file, " %s", graph->order[i]->function);
	fputs("\nSOURCES := mirage/main.c", file);
	for_each_source(graph, print_item, file);
	fprintf(file, "\nLIB := $(ROOT)/lib/mirage/%s\n", project->target);
	print_texts(file, "USER_CFLAGS", &graph->compile_flags);
	print_texts(file, "USER_LDFLAGS", &graph->link_flags);
	fputs("QUOTE := -iquote .", file);
	for_each_library(graph, print_library_flag, file);
	fputs("$(if $(filter %.mpl,$(SOURCES)), -iquote $(B)/mpl)\n\n"
	      "# Nothing from outside the project and the installation may change the result.\n"
	      "unexport CPATH C_INCLUDE_PATH LIBRARY_PATH GCC_EXEC_PREFIX COMPILER_PATH\n"
	      "export LC_ALL := C\n\n"
	      "CC := ",
	      file);
	fprintf(file,
	        "%s\n"
	        "STRIP := $(shell $(CC) -print-prog-name=strip)\n"
	        "# gcc's intermediate code is for gcc alone.\n"
	        "CLANG := $(findstring clang,$(shell $(CC) --version))\n"
	        "LTO := $(if $(CLANG),-Wno-unused-command-line-argument,-flto=auto)\n",
	        project->compiler);
	print_flags(project, file);
	fputs("CFLAGS += $(USER_CFLAGS)\n\n"
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
	fputs("\n\n.PHONY: all FOLDER-CHANGED\nall: $(RESULT)\n\t@:\n\n.DELETE_ON_ERROR:\n\n",
	      file);
	print_rules(graph, &graph->inputs, file);
	for (size_t i = 0; i < graph->order_count; i++)
		print_rules(graph, &graph->order[i]->inputs, file);
	for_each_source(graph, print_packet_format, file);
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
	fputs("\n$(OBJECTS): mirage/build.mk\n\n", file);
	print_link(project, file);
	fputs("\n# The result carries no symbols; $(B)/image.debug has them, for gdb.\n"
	      "$(RESULT): $(B)/image.debug\n"
	      "\t@mkdir -p $(@D)\n"
	      "\t$(Q)$(STRIP) -o $@ $<\n\n"
	      "-include $(OBJECTS:.o=.d)\n",
	      file);
}
