// SPDX-License-Identifier: ISC
/* mirage/main.c: the device graph as C, to be read. */
#include "engine/generate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void print_c_string(FILE *file, const char *text)
{
	if (text == NULL) {
		fputs("NULL", file);
		return;
	}
	fputc('"', file);
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\n')
			fputs("\\n", file);
		else if (*c == '\t')
			fputs("\\t", file);
		else if (*c == '"' || *c == '\\')
			fprintf(file, "\\%c", *c);
		else if (*c == '?')
			fputs("\\?", file); /* no trigraphs */
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			fprintf(file, "\\%03o", (unsigned char)*c);
		else
			fputc(*c, file);
	}
	fputc('"', file);
}

int key_index(const struct graph *graph, const struct key_declaration *key)
{
	int index = 0;

	if (key->stage == STAGE_CONFIGURE)
		return -1;
	for (const struct key_declaration *k = graph->keys; k < key; k++)
		index += k->stage != STAGE_CONFIGURE;
	return index;
}

/* Print `#include` lines, each once, in order of first need. */
struct includes {
	const char *seen[256];
	size_t count;
};

static void include_once(struct includes *includes, FILE *file, const char *header)
{
	for (size_t i = 0; i < includes->count; i++)
		if (strcmp(includes->seen[i], header) == 0)
			return;
	if (includes->count < sizeof(includes->seen) / sizeof(includes->seen[0])) {
		char *copy = strdup(header);
		if (copy != NULL)
			includes->seen[includes->count++] = copy;
	}
	if (strncmp(header, "mirage/", 7) == 0)
		fprintf(file, "#include <%s>\n", header);
	else
		fprintf(file, "#include \"%s\"\n", header);
}

static void print_includes(const struct graph *graph, FILE *file)
{
	struct includes includes = { .count = 0 };
	char buffer[256];

	include_once(&includes, file, "mirage/image.h");
	for (size_t i = 0; i < graph->order_count; i++) {
		const struct node *node = graph->order[i];

		if (node->kind == NODE_DEVICE)
			include_once(&includes, file,
			             node_type_header(&node->type, buffer, sizeof(buffer)));
		if (node->header != NULL)
			include_once(&includes, file, node->header);
	}
	for (size_t i = 0; i < includes.count; i++)
		free((void *)(uintptr_t)includes.seen[i]);
}

static const char *type_constant(enum argument_type type)
{
	static const char *const names[] = {
		[ARGUMENT_STRING] = "ARGUMENT_STRING", [ARGUMENT_INT] = "ARGUMENT_INT",
		[ARGUMENT_BOOL] = "ARGUMENT_BOOL",     [ARGUMENT_FLAG] = "ARGUMENT_FLAG",
		[ARGUMENT_IPV4] = "ARGUMENT_IPV4",     [ARGUMENT_IPV6] = "ARGUMENT_IPV6",
		[ARGUMENT_PREFIX] = "ARGUMENT_PREFIX", [ARGUMENT_MAC] = "ARGUMENT_MAC",
		[ARGUMENT_SIZE] = "ARGUMENT_SIZE",     [ARGUMENT_DURATION] = "ARGUMENT_DURATION",
		[ARGUMENT_ENUM] = "ARGUMENT_ENUM",
	};

	return names[type];
}

static void print_text_field(FILE *file, const char *field, const char *text)
{
	if (text == NULL)
		return;
	fprintf(file, "\t\t.%s = ", field);
	print_c_string(file, text);
	fputs(",\n", file);
}

static void print_argument(FILE *file, const struct key_declaration *key)
{
	const struct argument *a = &key->argument;

	fputs("\t{\n", file);
	print_text_field(file, "names", a->names);
	fprintf(file, "\t\t.type = %s,\n", type_constant(a->type));
	if (a->list)
		fputs("\t\t.list = true,\n", file);
	if (a->required && a->value == NULL)
		fputs("\t\t.required = true,\n", file);
	print_text_field(file, "value", a->value);
	if (a->choices != NULL && a->choices[0] != NULL)
		fprintf(file, "\t\t.choices = key_%s_choices,\n", key->identifier);
	if (a->minimum != 0 || a->maximum != 0)
		fprintf(file,
		        "\t\t.minimum = INT64_C(%" PRId64 "),\n\t\t.maximum = INT64_C(%" PRId64
		        "),\n",
		        a->minimum, a->maximum);
	print_text_field(file, "placeholder", a->placeholder);
	print_text_field(file, "doc", a->doc);
	print_text_field(file, "section", a->section);
	fputs("\t},\n", file);
}

static void print_choices(FILE *file, const struct key_declaration *key)
{
	const char *const *choices = key->argument.choices;

	if (choices == NULL || choices[0] == NULL)
		return;
	fprintf(file, "static const char *const key_%s_choices[] = { ", key->identifier);
	for (size_t i = 0; choices[i] != NULL; i++) {
		print_c_string(file, choices[i]);
		fputs(", ", file);
	}
	fputs("NULL };\n\n", file);
}

static void print_arguments(const struct graph *graph, FILE *file)
{
	fputs("\n/* Options of the command line, from the keys. */\n\n", file);
	for (size_t i = 0; i < graph->key_count; i++)
		if (graph->keys[i].stage != STAGE_CONFIGURE)
			print_choices(file, &graph->keys[i]);
	fputs("static const struct argument arguments[] = {\n", file);
	for (size_t i = 0; i < graph->key_count; i++)
		if (graph->keys[i].stage != STAGE_CONFIGURE)
			print_argument(file, &graph->keys[i]);
	fputs("};\n\n"
	      "#define ARGUMENT_COUNT (sizeof(arguments) / sizeof(arguments[0]))\n\n"
	      "static struct argument_value values[ARGUMENT_COUNT];\n",
	      file);
}

static bool has_wiring(const struct node *node)
{
	return node->state || node->edge_count > 0 || node->value_count > 0;
}

static void print_value(const struct graph *graph, FILE *file, const struct node_value *value)
{
	fprintf(file, "\t.%s = ", value->field);
	if (value->key != NULL) {
		int index = -1;

		for (size_t i = 0; i < graph->key_count; i++)
			if (strcmp(graph->keys[i].identifier, value->key) == 0)
				index = key_index(graph, &graph->keys[i]);
		fprintf(file, "&values[%d]", index);
	} else if (value->text != NULL) {
		print_c_string(file, value->text);
	} else {
		fputs(value->expression != NULL ? value->expression : "0", file);
	}
	fputs(",\n", file);
}

static void print_device(const struct graph *graph, FILE *file, const struct node *node)
{
	const char *name = node->name;
	size_t n = node->instance;

	fputc('\n', file);
	if (node->place.line > 0)
		fprintf(file, "/* %s:%d */\n", node->place.file, node->place.line);
	if (node->declaration != NULL)
		fprintf(file, "%s\n", node->declaration);
	if (node->state)
		fprintf(file, "static struct %s_state %s_%zu_state;\n", name, name, n);
	if (has_wiring(node)) {
		fprintf(file, "static const struct %s %s_%zu_self = {\n", name, name, n);
		if (node->state)
			fprintf(file, "\t.state = &%s_%zu_state,\n", name, n);
		for (size_t i = 0; i < node->edge_count; i++) {
			const struct node *other = node_resolve(node->edges[i].node);
			fprintf(file, "\t.%s = &%s_%zu,\n", node->edges[i].field, other->name,
			        other->instance);
		}
		for (size_t i = 0; i < node->value_count; i++)
			print_value(graph, file, &node->values[i]);
		fputs("};\n", file);
	}
	char self[256] = "NULL";
	if (has_wiring(node))
		snprintf(self, sizeof(self), "&%s_%zu_self", name, n);
	fprintf(file, "static const struct %s %s_%zu = { .ops = &%s_ops, .self = %s };\n",
	        node->type.name, name, n, name, self);
	if (node->connect)
		fprintf(file, "static int %s_%zu_connect(void)\n{\n\treturn %s_connect(%s);\n}\n",
		        name, n, name, self);
	if (node->disconnect)
		fprintf(file, "static void %s_%zu_disconnect(void)\n{\n\t%s_disconnect(%s);\n}\n",
		        name, n, name, self);
}

/* Jobs that a job waits for run first, in the same fiber. */
static void print_job(FILE *file, const struct node *job)
{
	size_t printed = 0;
	char buffer[256];

	fprintf(file, "\n/* %s:%d */\nint %s(", job->place.file, job->place.line, job->function);
	for (size_t i = 0; i < job->edge_count; i++)
		if (strcmp(job->edges[i].type.name, "job") != 0)
			fprintf(file, "%s%s", printed++ > 0 ? ", " : "",
			        node_type_parameter(&job->edges[i].type, buffer, sizeof(buffer)));
	fprintf(file, "%s);\n\nstatic int %s_%zu(void)\n{\n", printed == 0 ? "void" : "", job->name,
	        job->instance);
	for (size_t i = 0; i < job->edge_count; i++) {
		const struct node *other = node_resolve(job->edges[i].node);
		if (other->kind == NODE_JOB)
			fprintf(file,
			        "\tint %s_%zu_result = %s_%zu();\n\n\tif (%s_%zu_result != 0)\n"
			        "\t\treturn %s_%zu_result;\n",
			        other->name, other->instance, other->name, other->instance,
			        other->name, other->instance, other->name, other->instance);
	}
	fprintf(file, "\treturn %s(", job->function);
	printed = 0;
	for (size_t i = 0; i < job->edge_count; i++) {
		const struct node *other = node_resolve(job->edges[i].node);
		if (other->kind == NODE_DEVICE)
			fprintf(file, "%s&%s_%zu", printed++ > 0 ? ", " : "", other->name,
			        other->instance);
	}
	fputs(");\n}\n", file);
}

static void print_tables(const struct graph *graph, FILE *file)
{
	fputs("\n/* What the image does, in this order. */\n\n"
	      "static const struct image_device devices[] = {\n",
	      file);
	for (size_t i = 0; i < graph->order_count; i++) {
		const struct node *node = graph->order[i];

		if (node->kind != NODE_DEVICE || (!node->connect && !node->disconnect))
			continue;
		fprintf(file, "\t{ .name = \"%s\"", node->name);
		if (node->connect)
			fprintf(file, ", .connect = %s_%zu_connect", node->name, node->instance);
		if (node->disconnect)
			fprintf(file, ", .disconnect = %s_%zu_disconnect", node->name,
			        node->instance);
		fputs(" },\n", file);
	}
	fputs("\t{ .name = NULL },\n};\n\nstatic const struct image_job jobs[] = {\n", file);
	for (size_t i = 0; i < graph->job_count; i++) {
		const struct node *job = node_resolve(graph->jobs[i]);

		if (job->kind == NODE_JOB)
			fprintf(file, "\t{ .name = \"%s\", .start = %s_%zu },\n", job->name,
			        job->name, job->instance);
	}
	fputs("\t{ .name = NULL },\n};\n\nstatic const char *const contents[] = { ", file);
	for (size_t i = 0; i < graph->order_count; i++)
		if (graph->order[i]->kind == NODE_DEVICE && graph->order[i]->instance == 1)
			fprintf(file, "\"%s\", ", graph->order[i]->name);
	fputs("NULL };\n", file);
}

void generate_main(const struct project *project, FILE *file)
{
	const struct graph *graph = project->graph;

	fprintf(file,
	        "/*\n * " OUTPUT_MARK " from %s for target %s: do not edit.\n"
	        " * The image '%s': its options, its devices, and its jobs.\n */\n",
	        project->file, project->target, graph->name);
	print_includes(graph, file);
	print_arguments(graph, file);
	fputs("\n/* Devices, each after those it uses. */\n", file);
	for (size_t i = 0; i < graph->order_count; i++)
		if (graph->order[i]->kind == NODE_DEVICE)
			print_device(graph, file, graph->order[i]);
	fputs("\n/* Jobs. */\n", file);
	for (size_t i = 0; i < graph->order_count; i++)
		if (graph->order[i]->kind == NODE_JOB)
			print_job(file, graph->order[i]);
	print_tables(graph, file);
	fputs("\nconst struct image image = {\n\t.name = ", file);
	print_c_string(file, graph->name);
	fprintf(file, ",\n\t.version = \"" MIRAGE_VERSION "\",\n\t.target = \"%s\",\n",
	        project->target);
	fputs("\t.contents = contents,\n\t.arguments = arguments,\n"
	      "\t.argument_count = ARGUMENT_COUNT,\n\t.values = values,\n\t.devices = devices,\n"
	      "\t.device_count = sizeof(devices) / sizeof(devices[0]) - 1,\n\t.jobs = jobs,\n"
	      "\t.job_count = sizeof(jobs) / sizeof(jobs[0]) - 1,\n};\n",
	      file);
}
