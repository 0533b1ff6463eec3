// SPDX-License-Identifier: ISC
/* Reading the graph document. A field of the wrong kind is an error of the tool, said as one. */
#include "engine/graph.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRAPH_FORMAT 1

static int malformed(const char *what)
{
	return diagnostic_failure("run `make` in the source tree of mirage: its parts may be of "
	                          "different versions",
	                          "config.c evaluated to something that is no graph: %s", what);
}

static const char *text_of(const json_t *object, const char *field)
{
	return json_string_value(json_object_get(object, field));
}

static bool flag_of(const json_t *object, const char *field)
{
	return json_is_true(json_object_get(object, field));
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL) {
		fprintf(stderr, "mirage: out of memory\n");
		exit(EXIT_BUG);
	}
	return memory;
}

static struct texts load_texts(const json_t *array)
{
	size_t count = json_array_size(array);
	struct texts texts = { .items = allocate(count, sizeof(char *)) };

	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (text != NULL)
			texts.items[texts.count++] = text;
	}
	return texts;
}

static struct place load_place(const json_t *object, const char *file)
{
	const json_t *location = json_object_get(object, "location");
	const char *where = text_of(location, "file");

	return (struct place){
		.file = where != NULL && where[0] != '\0' ? where : file,
		.line = (int)json_integer_value(json_object_get(location, "line")),
	};
}

static struct node_type load_type(const json_t *object)
{
	const json_t *type = json_object_get(object, "type");
	const char *name = text_of(type, "name");

	return (struct node_type){
		.name = name != NULL ? name : "",
		.header = text_of(type, "header"),
		.parameter = text_of(type, "parameter"),
	};
}

static struct packages load_packages(const json_t *array)
{
	struct packages packages = { .count = json_array_size(array) };

	packages.items = allocate(packages.count, sizeof(*packages.items));
	for (size_t i = 0; i < packages.count; i++) {
		const json_t *json = json_array_get(array, i);
		packages.items[i] = (struct package_request){
			.name = text_of(json, "name"),
			.min = text_of(json, "min"),
			.max = text_of(json, "max"),
			.pkg_config = text_of(json, "pkg_config"),
			.build = flag_of(json, "build"),
		};
	}
	return packages;
}

static struct rules load_rules(const json_t *array)
{
	struct rules rules = { .count = json_array_size(array) };

	rules.items = allocate(rules.count, sizeof(*rules.items));
	for (size_t i = 0; i < rules.count; i++) {
		const json_t *json = json_array_get(array, i);
		rules.items[i] = (struct build_rule){
			.output = text_of(json, "output"),
			.inputs = load_texts(json_object_get(json, "inputs")),
			.folders = load_texts(json_object_get(json, "folders")),
			.command = text_of(json, "command"),
		};
	}
	return rules;
}

static struct build_inputs load_inputs(const json_t *object)
{
	return (struct build_inputs){
		.sources = load_texts(json_object_get(object, "sources")),
		.libraries = load_texts(json_object_get(object, "libraries")),
		.install = load_texts(json_object_get(object, "install")),
		.packages = load_packages(json_object_get(object, "packages")),
		.rules = load_rules(json_object_get(object, "rules")),
	};
}

static struct node *node_at(struct graph *graph, const json_t *id)
{
	json_int_t index = json_integer_value(id);

	if (!json_is_integer(id) || index < 0 || (size_t)index >= graph->node_count)
		return NULL;
	return &graph->nodes[index];
}

static int load_edges(struct graph *graph, struct node *node, const json_t *array)
{
	node->edges = allocate(json_array_size(array), sizeof(*node->edges));
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *json = json_array_get(array, i);
		struct node_edge *edge = &node->edges[node->edge_count++];

		edge->field = text_of(json, "field");
		edge->type = load_type(json);
		edge->node = node_at(graph, json_object_get(json, "node"));
		if (edge->node == NULL)
			return malformed("an edge leads nowhere");
	}
	return 0;
}

static int load_after(struct graph *graph, struct node *node, const json_t *array)
{
	node->after = allocate(json_array_size(array), sizeof(*node->after));
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct node *other = node_at(graph, json_array_get(array, i));

		if (other == NULL)
			return malformed("a dependency leads nowhere");
		node->after[node->after_count++] = other;
	}
	return 0;
}

static void load_values(struct node *node, const json_t *array)
{
	node->value_count = json_array_size(array);
	node->values = allocate(node->value_count, sizeof(*node->values));
	for (size_t i = 0; i < node->value_count; i++) {
		const json_t *json = json_array_get(array, i);
		node->values[i] = (struct node_value){
			.field = text_of(json, "field"),
			.text = text_of(json, "text"),
			.expression = text_of(json, "expression"),
			.key = text_of(json, "key"),
		};
	}
}

const char *manifest_type_name(enum manifest_type type)
{
	return type == MANIFEST_NET ? "net" : "block";
}

static int load_manifest(struct node *node, const json_t *json)
{
	const char *type = text_of(json, "type");

	node->manifest.name = text_of(json, "name");
	if (json == NULL || json_is_null(json))
		return 0;
	for (size_t i = MANIFEST_NET; type != NULL && i <= MANIFEST_BLOCK; i++)
		if (strcmp(type, manifest_type_name((enum manifest_type)i)) == 0)
			node->manifest.type = (enum manifest_type)i;
	if (node->manifest.type == MANIFEST_NONE || node->manifest.name == NULL)
		return malformed("a device of the manifest without a name, or of an unknown type");
	return 0;
}

static int load_kind(struct node *node, const json_t *json)
{
	static const char *const kinds[] = { "noop", "job", "device", "choice" };
	const char *kind = text_of(json, "kind");

	for (size_t i = 0; kind != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kind, kinds[i]) == 0) {
			node->kind = (enum node_kind)i;
			return 0;
		}
	}
	return malformed("a node of unknown kind");
}

static int load_choice(struct graph *graph, struct node *node, const json_t *json)
{
	const json_t *branches = json_object_get(json, "branches");
	int error = load_edges(graph, node, branches);

	node->condition = text_of(json, "condition");
	node->selected = (size_t)json_integer_value(json_object_get(json, "selected"));
	node->labels.items = allocate(json_array_size(branches), sizeof(char *));
	for (size_t i = 0; i < json_array_size(branches); i++)
		node->labels.items[node->labels.count++] =
			text_of(json_array_get(branches, i), "label");
	if (error == 0 && node->selected >= node->edge_count)
		return malformed("a choice selects nothing");
	return error;
}

static int load_node(struct graph *graph, struct node *node, const json_t *json, const char *file)
{
	int error = load_kind(node, json);

	if (error != 0)
		return error;
	const char *name = text_of(json, "name");
	node->name = name != NULL ? name : "";
	node->place = load_place(json, file);
	node->type = load_type(json);
	node->function = text_of(json, "function");
	node->header = text_of(json, "header");
	node->declaration = text_of(json, "declaration");
	node->state = flag_of(json, "state");
	node->connect = flag_of(json, "connect");
	node->disconnect = flag_of(json, "disconnect");
	node->targets = load_texts(json_object_get(json, "targets"));
	node->inputs = load_inputs(json);
	load_values(node, json_object_get(json, "values"));
	error = load_after(graph, node, json_object_get(json, "after"));
	if (error == 0)
		error = load_manifest(node, json_object_get(json, "manifest"));
	if (error != 0)
		return error;
	if (node->kind == NODE_CHOICE)
		return load_choice(graph, node, json);
	return load_edges(graph, node, json_object_get(json, "devices"));
}

static void load_key(struct key_declaration *key, const json_t *json, const char *file)
{
	static const char *const stages[] = { "both", "configure", "run" };
	const char *stage = text_of(json, "stage");
	const json_t *choices = json_object_get(json, "choices");
	size_t count = json_array_size(choices);
	const char **list = allocate(count + 1, sizeof(char *));

	for (size_t i = 0, used = 0; i < count; i++)
		if (json_is_string(json_array_get(choices, i)))
			list[used++] = json_string_value(json_array_get(choices, i));
	for (size_t i = 0; i < 3; i++)
		if (stage != NULL && strcmp(stage, stages[i]) == 0)
			key->stage = (enum key_stage_name)i;
	key->identifier = text_of(json, "identifier");
	key->place = load_place(json, file);
	key->declared_value = text_of(json, "value");
	key->doc = text_of(json, "doc");
	const char *section = text_of(json, "section");
	key->argument = (struct argument){
		.names = text_of(json, "names"),
		.type = (enum argument_type)json_integer_value(json_object_get(json, "type")),
		.list = flag_of(json, "list"),
		.required = flag_of(json, "required"),
		.value = key->declared_value,
		.choices = list,
		.minimum = json_integer_value(json_object_get(json, "minimum")),
		.maximum = json_integer_value(json_object_get(json, "maximum")),
		.placeholder = text_of(json, "placeholder"),
		.doc = key->doc,
		.section = section != NULL ? section : "UNIKERNEL PARAMETERS",
	};
}

static int load_jobs(struct graph *graph, const json_t *ids)
{
	graph->jobs = allocate(json_array_size(ids), sizeof(*graph->jobs));
	for (size_t i = 0; i < json_array_size(ids); i++) {
		struct node *node = node_at(graph, json_array_get(ids, i));

		if (node == NULL)
			return malformed("a job is missing");
		graph->jobs[graph->job_count++] = node;
	}
	return 0;
}

/* The error that config.c ended with, if it did. */
static int load_error(const json_t *document, const char *file)
{
	const json_t *error = json_object_get(document, "error");
	const char *message = text_of(error, "message");

	if (error == NULL)
		return 0;
	return diagnostic_error(load_place(error, file), NULL, "%s",
	                        message != NULL ? message : "unknown error");
}

int graph_load(struct graph *graph, json_t *document, const char *file)
{
	const json_t *unikernel = json_object_get(document, "unikernel");
	const json_t *nodes = json_object_get(document, "nodes");
	const json_t *keys = json_object_get(document, "keys");

	*graph = (struct graph){ .document = document };
	int error = load_error(document, file);
	if (error != 0)
		return error;
	if (json_integer_value(json_object_get(document, "format")) != GRAPH_FORMAT)
		return malformed("unknown format");

	graph->name = text_of(unikernel, "name");
	graph->place = load_place(unikernel, file);
	graph->inputs = load_inputs(unikernel);
	graph->compile_flags = load_texts(json_object_get(unikernel, "compile_flags"));
	graph->link_flags = load_texts(json_object_get(unikernel, "link_flags"));
	graph->environment = json_object_get(document, "environment");
	if (graph->name == NULL)
		return malformed("no name");

	graph->nodes = allocate(json_array_size(nodes), sizeof(*graph->nodes));
	graph->node_count = json_array_size(nodes);
	for (size_t i = 0; i < graph->node_count && error == 0; i++) {
		graph->nodes[i].id = i;
		error = load_node(graph, &graph->nodes[i], json_array_get(nodes, i), file);
	}
	graph->keys = allocate(json_array_size(keys), sizeof(*graph->keys));
	for (; graph->key_count < json_array_size(keys); graph->key_count++)
		load_key(&graph->keys[graph->key_count], json_array_get(keys, graph->key_count),
		         file);
	if (error == 0)
		error = load_jobs(graph, json_object_get(unikernel, "jobs"));
	if (error == 0 && !graph_is_sound(graph))
		error = malformed("a part is missing or of the wrong type");
	return error;
}

static void free_inputs(struct build_inputs *inputs)
{
	free(inputs->sources.items);
	free(inputs->libraries.items);
	free(inputs->install.items);
	free(inputs->packages.items);
	for (size_t i = 0; i < inputs->rules.count; i++) {
		free(inputs->rules.items[i].inputs.items);
		free(inputs->rules.items[i].folders.items);
	}
	free(inputs->rules.items);
}

void graph_free(struct graph *graph)
{
	for (size_t i = 0; i < graph->node_count; i++) {
		struct node *node = &graph->nodes[i];

		free(node->edges);
		free(node->after);
		free(node->values);
		free(node->targets.items);
		free(node->labels.items);
		free_inputs(&node->inputs);
	}
	for (size_t i = 0; i < graph->key_count; i++)
		free((void *)(uintptr_t)graph->keys[i].argument.choices);
	free(graph->nodes);
	free(graph->keys);
	free(graph->jobs);
	free(graph->order);
	free_inputs(&graph->inputs);
	free(graph->compile_flags.items);
	free(graph->link_flags.items);
	json_decref(graph->document);
	*graph = (struct graph){ .document = NULL };
}

const struct node *node_resolve(const struct node *node)
{
	while (node->kind == NODE_CHOICE)
		node = node->edges[node->selected].node;
	return node;
}

const char *node_type_parameter(const struct node_type *type, char buffer[], size_t size)
{
	if (type->parameter != NULL)
		return type->parameter;
	snprintf(buffer, size, "const struct %s *", type->name);
	return buffer;
}

const char *node_type_header(const struct node_type *type, char buffer[], size_t size)
{
	if (type->header != NULL)
		return type->header;
	snprintf(buffer, size, "mirage/%s.h", type->name);
	return buffer;
}
