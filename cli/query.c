// SPDX-License-Identifier: ISC
/* mirage query: one fact about the project, for scripts. */
#include "cli/packages.h"
#include "cli/project.h"
#include "cli/query_size.h"
#include "engine/check.h"
#include "engine/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct argument options[] = {
	{ .names = "json", .type = ARGUMENT_FLAG, .doc = "Answer as JSON." },
	{ .names = NULL },
};

typedef json_t *(*question)(const struct workspace *workspace);

static json_t *ask_name(const struct workspace *workspace)
{
	return json_string(workspace->graph.name);
}

static json_t *ask_target(const struct workspace *workspace)
{
	return json_string(workspace->project.target);
}

static json_t *ask_result(const struct workspace *workspace)
{
	char result[4096];

	return json_string(project_result(&workspace->project, result, sizeof(result)));
}

static json_t *package_to_json(const struct package_request *package, bool recipe)
{
	return json_pack("{s:s, s:s?, s:s?, s:b, s:b}", "name", package->name, "min", package->min,
	                 "max", package->max, "build", (int)package->build, "recipe", (int)recipe);
}

static void append_package(void *context, const struct package_request *package)
{
	json_array_append_new(context, package_to_json(package, false));
}

static void append_recipe(void *context, const struct package_request *package)
{
	json_array_append_new(context, package_to_json(package, true));
}

static json_t *packages_of(const struct project *project)
{
	json_t *array = json_array();

	for_each_package(project->graph, project->target,
	                 &(struct package_visitor){ append_package, array });
	for_each_recipe(project->graph, project->target,
	                &(struct package_visitor){ append_recipe, array });
	return array;
}

static json_t *ask_packages(const struct workspace *workspace)
{
	return packages_of(&workspace->project);
}

static json_t *ask_keys(const struct workspace *workspace)
{
	static const char *const stages[] = { "both", "configure", "run" };
	json_t *array = json_array();

	for (size_t i = 0; i < workspace->graph.key_count; i++) {
		const struct key_declaration *key = &workspace->graph.keys[i];

		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:b, s:s}", "name",
		                         key->identifier, "option", key->argument.names, "type",
		                         argument_type_name(key->argument.type), "value",
		                         key->argument.value, "doc", key->doc, "list",
		                         (int)key->argument.list, "stage", stages[key->stage]));
	}
	return array;
}

static void append_path(void *context, const char *path)
{
	json_array_append_new(context, json_string(path));
}

static json_t *ask_files(const struct workspace *workspace)
{
	json_t *array = json_array();

	append_path(array, workspace->project.file);
	for_each_source(&workspace->graph, append_path, array);
	return array;
}

static json_t *ask_text(const struct workspace *workspace, const char *path)
{
	struct output output = { .count = 0 };
	json_t *text = NULL;

	if (generate_all(&workspace->project, &output) == 0 && output_text(&output, path) != NULL)
		text = json_string(output_text(&output, path));
	output_free(&output);
	return text;
}

static json_t *ask_makefile(const struct workspace *workspace)
{
	return ask_text(workspace, "Makefile");
}

static json_t *ask_main(const struct workspace *workspace)
{
	return ask_text(workspace, "mirage/main.c");
}

static json_t *ask_key_gen(const struct workspace *workspace)
{
	return ask_text(workspace, "mirage/key_gen.h");
}

static json_t *ask_build(const struct workspace *workspace)
{
	return ask_text(workspace, "mirage/build.mk");
}

static json_t *ask_manifest(const struct workspace *workspace)
{
	json_t *text = ask_text(workspace, "mirage/manifest.json");

	if (text == NULL)
		(void)diagnostic_failure("hvt and spt have one", "target %s has no manifest",
		                         workspace->project.target);
	return text;
}

static json_t *ask_graph(const struct workspace *workspace)
{
	return json_incref(workspace->graph.document);
}

static json_t *sbom_package(const char *id, const char *name, const char *version)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s}", "SPDXID", id, "name", name,
	                 "versionInfo", version, "downloadLocation", "NOASSERTION", "filesAnalyzed",
	                 0, "licenseConcluded", "NOASSERTION", "licenseDeclared", "NOASSERTION",
	                 "copyrightText", "NOASSERTION");
}

static void relate(json_t *relations, const char *from, const char *type, const char *to)
{
	json_array_append_new(relations,
	                      json_pack("{s:s, s:s, s:s}", "spdxElementId", from,
	                                "relationshipType", type, "relatedSpdxElement", to));
}

/* The wanted packages with the versions that are installed. */
static void list_packages(const struct project *project, struct package_list *list)
{
	json_t *wanted = packages_of(project);
	size_t index;
	json_t *package;

	list->count = 0;
	json_array_foreach(wanted, index, package)
	{
		struct wanted_package *item = &list->items[list->count];

		if (list->count == PACKAGES_MAX)
			break;
		*item = (struct wanted_package){
			.build = json_is_true(json_object_get(package, "build")),
			.recipe = json_is_true(json_object_get(package, "recipe")),
		};
		snprintf(item->name, sizeof(item->name), "%s",
		         json_string_value(json_object_get(package, "name")));
		list->count++;
	}
	json_decref(wanted);
	error_ignore(packages_find_installed(list), "versions stay unknown without dpkg");
}

/* SPDX 2.3. No time of making: the same project gives the same document. */
static json_t *ask_sbom(const struct workspace *workspace)
{
	static struct package_list list;
	const struct graph *graph = &workspace->graph;
	json_t *packages = json_array(), *relations = json_array();

	list_packages(&workspace->project, &list);
	json_array_append_new(packages, sbom_package("SPDXRef-Image", graph->name, "0"));
	json_array_append_new(packages, sbom_package("SPDXRef-Mirage", "mirage", MIRAGE_VERSION));
	relate(relations, "SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image");
	relate(relations, "SPDXRef-Image", "CONTAINS", "SPDXRef-Mirage");
	if (target_kind(workspace->project.target) != TARGET_HOSTED) {
		json_array_append_new(packages,
		                      sbom_package("SPDXRef-Musl", "musl", MIRAGE_MUSL_VERSION));
		relate(relations, "SPDXRef-Image", "CONTAINS", "SPDXRef-Musl");
	}
	for (size_t i = 0; i < list.count; i++) {
		char id[160];

		snprintf(id, sizeof(id), "SPDXRef-Debian-%s", list.items[i].name);
		for (char *c = id; *c != '\0'; c++)
			if (*c == '+')
				*c = '.';
		json_array_append_new(packages, sbom_package(id, list.items[i].name,
		                                             list.items[i].installed[0] != '\0'
		                                                     ? list.items[i].installed
		                                                     : "NOASSERTION"));
		if (list.items[i].build)
			relate(relations, id, "BUILD_TOOL_OF", "SPDXRef-Image");
		else if (list.items[i].recipe)
			relate(relations, "SPDXRef-Image", "CONTAINS", id);
		else
			relate(relations, "SPDXRef-Image", "DEPENDS_ON", id);
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:[s]}, s:o, s:o}", "spdxVersion",
	                 "SPDX-2.3", "dataLicense", "CC0-1.0", "SPDXID", "SPDXRef-DOCUMENT", "name",
	                 graph->name, "documentNamespace", "https://spdx.org/spdxdocs/mirage",
	                 "creationInfo", "created", "1970-01-01T00:00:00Z", "creators",
	                 "Tool: mirage-" MIRAGE_VERSION, "packages", packages, "relationships",
	                 relations);
}

/* Plain text: a line per item, and of objects the name and what constrains it. */
static void print_plain(const json_t *answer)
{
	size_t index;
	json_t *item;

	if (json_is_string(answer)) {
		const char *text = json_string_value(answer);
		size_t length = strlen(text);

		fputs(text, stdout);
		if (length == 0 || text[length - 1] != '\n')
			putchar('\n');
		return;
	}
	json_array_foreach(answer, index, item)
	{
		if (json_is_string(item)) {
			puts(json_string_value(item));
			continue;
		}
		const char *value = json_string_value(json_object_get(item, "value"));
		const char *min = json_string_value(json_object_get(item, "min"));
		const char *max = json_string_value(json_object_get(item, "max"));
		printf("%s", json_string_value(json_object_get(item, "name")));
		if (value != NULL)
			printf("=%s", value);
		if (min != NULL)
			printf(" >= %s", min);
		if (max != NULL)
			printf(" < %s", max);
		putchar('\n');
	}
}

static const struct {
	const char *name;
	question ask;
	void (*print)(const json_t *answer); /* without --json; NULL: only JSON */
} questions[] = {
	{ "name", ask_name, print_plain },
	{ "target", ask_target, print_plain },
	{ "packages", ask_packages, print_plain },
	{ "keys", ask_keys, print_plain },
	{ "files", ask_files, print_plain },
	{ "result", ask_result, print_plain },
	{ "size", ask_size, print_size },
	{ "Makefile", ask_makefile, print_plain },
	{ "main.c", ask_main, print_plain },
	{ "key_gen.h", ask_key_gen, print_plain },
	{ "build.mk", ask_build, print_plain },
	{ "manifest.json", ask_manifest, print_plain },
	{ "graph", ask_graph, NULL },
	{ "sbom", ask_sbom, NULL },
};

#define QUESTION_COUNT (sizeof(questions) / sizeof(questions[0]))

static int find_question(const char *name, size_t *found)
{
	const char *names[QUESTION_COUNT];
	char hint[256] = "questions are";
	size_t matches = 0;

	for (size_t i = 0; i < QUESTION_COUNT; i++) {
		size_t used = strlen(hint);

		names[i] = questions[i].name;
		snprintf(hint + used, sizeof(hint) - used, "%s %s", i > 0 ? "," : "", names[i]);
		if (strcmp(names[i], name) == 0) {
			*found = i;
			return 0;
		}
		if (strncmp(names[i], name, strlen(name)) == 0) {
			*found = i;
			matches++;
		}
	}
	if (matches == 1)
		return 0;
	const char *nearest = nearest_name(name, names, QUESTION_COUNT);
	if (nearest != NULL)
		snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
	return diagnostic_failure(hint, "query: unknown question '%s'", name);
}

static int answer(struct workspace *workspace, const struct invocation *invocation)
{
	size_t index = 0;

	if (find_question(invocation->operand_count > 0 ? invocation->operands[0] : "packages",
	                  &index) != 0)
		return EXIT_USAGE;
	json_t *reply = questions[index].ask(workspace);
	if (reply == NULL)
		return EXIT_ERROR;
	if (questions[index].print == NULL || invocation_flag(invocation, "json")) {
		json_dumpf(reply, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
		putchar('\n');
	} else {
		questions[index].print(reply);
	}
	json_decref(reply);
	return EXIT_OK;
}

static int run_query(struct invocation *invocation)
{
	return with_workspace(invocation, true, answer);
}

const struct command query_command = {
	.name = "query",
	.summary = "answer one question about the project",
	.operands = "[QUESTION]",
	.operands_max = 1,
	.description =
		"Answers in a form for scripts. The questions, of which a beginning is enough:\n"
		"\n"
		"\tname       the unikernel's name\n"
		"\ttarget     what it is built for\n"
		"\tpackages   packages that the build needs (the default)\n"
		"\tkeys       its keys and their values\n"
		"\tfiles      configuration and sources\n"
		"\tresult     the file that the build makes\n"
		"\tsize       what takes the bytes of the image that was built, by library\n"
		"\tMakefile, main.c, key_gen.h, build.mk, manifest.json\n"
		"\t           what `mirage configure` would write\n"
		"\tgraph      the device graph (JSON)\n"
		"\tsbom       a bill of materials (SPDX 2.3, JSON)",
	.options = options,
	.in_project = true,
	.takes_keys = true,
	.run = run_query,
};
