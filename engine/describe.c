// SPDX-License-Identifier: ISC
/* The device graph, to be looked at. */
#include "engine/generate.h"
#include "engine/target.h"

#include <string.h>

static const char *title(const struct node *node)
{
	if (node->name[0] != '\0')
		return node->name;
	return node->kind == NODE_CHOICE ? node->condition : "noop";
}

static bool shown(const struct node *node, bool choices)
{
	return choices || (node->active && node->kind != NODE_CHOICE);
}

static void print_tree(const struct node *node, bool choices, unsigned depth, const char *label,
                       bool selected, FILE *file)
{
	enum {
		DEPTH_MAX = 64
	};

	if (!choices)
		node = node_resolve(node);
	fprintf(file, "%*s%s%s%s", (int)depth * 2 + 2, "", label != NULL ? label : "",
	        label != NULL ? ": " : "", title(node));
	if (node->kind == NODE_DEVICE || node->kind == NODE_CHOICE)
		fprintf(file, " : %s", node->type.name);
	if (node->kind == NODE_JOB)
		fprintf(file, " : job, calls %s()", node->function);
	if (node->manifest.type != MANIFEST_NONE)
		fprintf(file, ", %s device '%s' of the manifest",
		        manifest_type_name(node->manifest.type), node->manifest.name);
	fputs(selected ? "\n" : "   (not chosen)\n", file);
	for (size_t i = 0; i < node->edge_count && depth < DEPTH_MAX; i++) {
		const char *name =
			node->kind == NODE_CHOICE ? node->labels.items[i] : node->edges[i].field;
		bool taken = selected && (node->kind != NODE_CHOICE || i == node->selected);
		print_tree(node->edges[i].node, choices, depth + 1, name, taken, file);
	}
}

static void print_key(const struct key_declaration *key, FILE *file)
{
	static const char *const stages[] = { "configure and run", "configure", "run" };

	fprintf(file, "  --%.*s : %s%s", (int)argument_name_length(key->argument.names),
	        key->argument.names, key->argument.list ? "list of " : "",
	        argument_type_name(key->argument.type));
	if (key->argument.value != NULL)
		fprintf(file, " = %s", key->argument.value);
	else if (key->argument.required)
		fputs(" (required)", file);
	fprintf(file, "   [%s]%s\n", stages[key->stage],
	        key->argument.value != key->declared_value ? " (set)" : "");
}

static void print_manifest(const struct graph *graph, FILE *file)
{
	fputs("\nManifest\n", file);
	for (size_t i = 0; i < graph->order_count; i++)
		if (graph->order[i]->manifest.type != MANIFEST_NONE)
			fprintf(file, "  %s : %s\n", graph->order[i]->manifest.name,
			        manifest_type_name(graph->order[i]->manifest.type));
}

void describe_text(const struct graph *graph, const char *target, bool choices, FILE *file)
{
	fprintf(file, "Unikernel %s for target %s\n\nJobs and their devices\n", graph->name,
	        target);
	for (size_t i = 0; i < graph->job_count; i++)
		print_tree(graph->jobs[i], choices, 0, NULL, true, file);
	if (target_kind(target) == TARGET_SOLO5)
		print_manifest(graph, file);
	fputs("\nKeys\n", file);
	for (size_t i = 0; i < graph->key_count; i++)
		print_key(&graph->keys[i], file);
	fputs("\nSources\n", file);
	for (size_t i = 0; i < graph->inputs.sources.count; i++)
		fprintf(file, "  %s\n", graph->inputs.sources.items[i]);
	for (size_t i = 0; i < graph->inputs.libraries.count; i++)
		fprintf(file, "  %s/ (library)\n", graph->inputs.libraries.items[i]);
}

/* Text inside a dot string. */
static void print_quoted(const char *text, FILE *file)
{
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		fputc(*text, file);
	}
}

static void print_dot_node(const struct node *node, FILE *file)
{
	static const char *const shapes[] = { "ellipse", "box", "box", "diamond" };

	fprintf(file, "  n%zu [shape=%s%s%s, label=\"", node->id, shapes[node->kind],
	        node->kind == NODE_JOB ? ", style=filled, fillcolor=lightblue" : "",
	        node->active ? "" : ", color=grey, fontcolor=grey, style=dashed");
	print_quoted(title(node), file);
	if (node->kind == NODE_DEVICE)
		fprintf(file, "\\n%s", node->type.name);
	fputs("\"];\n", file);
}

static void print_dot_edges(const struct node *node, bool choices, FILE *file)
{
	for (size_t i = 0; i < node->edge_count; i++) {
		const struct node *other =
			choices ? node->edges[i].node : node_resolve(node->edges[i].node);
		const char *label =
			node->kind == NODE_CHOICE ? node->labels.items[i] : node->edges[i].field;
		bool taken = node->active && (node->kind != NODE_CHOICE || i == node->selected);

		fprintf(file, "  n%zu -> n%zu [label=\"", node->id, other->id);
		print_quoted(label != NULL ? label : "", file);
		fprintf(file, "\"%s];\n", taken ? "" : ", style=dashed, color=grey");
	}
	for (size_t i = 0; i < node->after_count; i++)
		fprintf(file, "  n%zu -> n%zu [style=dotted, label=\"after\"];\n", node->id,
		        choices ? node->after[i]->id : node_resolve(node->after[i])->id);
}

void describe_dot(const struct graph *graph, const char *target, bool choices, FILE *file)
{
	fprintf(file,
	        "digraph \"%s\" {\n  label=\"%s for %s\";\n  node [fontname=\"sans-serif\"];\n"
	        "  edge [fontname=\"sans-serif\", fontsize=10];\n",
	        graph->name, graph->name, target);
	for (size_t i = 0; i < graph->node_count; i++) {
		if (!shown(&graph->nodes[i], choices))
			continue;
		print_dot_node(&graph->nodes[i], file);
		print_dot_edges(&graph->nodes[i], choices, file);
	}
	fputs("}\n", file);
}
