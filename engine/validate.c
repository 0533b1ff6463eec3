// SPDX-License-Identifier: ISC
/*
 * The form of a graph: what the rest of the engine takes for granted. A configuration cannot break
 * these rules through the language of config.c; a document from elsewhere can.
 */
#include "engine/graph.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define NAMES_LENGTH_MAX 255

bool is_c_identifier(const char *text)
{
	if (text == NULL || (!isalpha((unsigned char)text[0]) && text[0] != '_'))
		return false;
	for (; *text != '\0'; text++)
		if (!isalnum((unsigned char)*text) && *text != '_')
			return false;
	return true;
}

static bool inputs_are_complete(const struct build_inputs *inputs)
{
	for (size_t i = 0; i < inputs->packages.count; i++)
		if (inputs->packages.items[i].name == NULL)
			return false;
	for (size_t i = 0; i < inputs->rules.count; i++)
		if (inputs->rules.items[i].output == NULL || inputs->rules.items[i].command == NULL)
			return false;
	return true;
}

/* A node was made before whatever uses it; so edges, unlike `after`, cannot form a cycle. */
static bool edges_lead_back(const struct node *node)
{
	for (size_t i = 0; i < node->edge_count; i++)
		if (node->edges[i].node->id >= node->id)
			return false;
	return true;
}

static bool is_of_type(const struct node *node, const char *type)
{
	return strcmp(node->type.name, type) == 0;
}

static bool choice_is_sound(const struct node *node)
{
	if (node->condition == NULL)
		return false;
	for (size_t i = 0; i < node->edge_count; i++)
		if (node->labels.items[i] == NULL ||
		    !is_of_type(node->edges[i].node, node->type.name))
			return false;
	return true;
}

static bool device_is_sound(const struct node *node)
{
	if (is_of_type(node, "job") || node->name[0] == '\0')
		return false;
	for (size_t i = 0; i < node->edge_count; i++)
		if (!is_c_identifier(node->edges[i].field) ||
		    is_of_type(node->edges[i].node, "job"))
			return false;
	for (size_t i = 0; i < node->value_count; i++)
		if (!is_c_identifier(node->values[i].field))
			return false;
	return true;
}

static bool job_is_sound(const struct node *node)
{
	if (node->function == NULL || !is_c_identifier(node->name))
		return false;
	for (size_t i = 0; i < node->edge_count; i++)
		if (!is_of_type(node->edges[i].node, node->edges[i].type.name))
			return false;
	return is_of_type(node, "job");
}

static bool node_is_sound(const struct node *node)
{
	if (!is_c_identifier(node->type.name) || !edges_lead_back(node) ||
	    !inputs_are_complete(&node->inputs))
		return false;
	switch (node->kind) {
	case NODE_NOOP:
		return is_of_type(node, "job") && node->edge_count == 0;
	case NODE_JOB:
		return job_is_sound(node);
	case NODE_DEVICE:
		return device_is_sound(node);
	case NODE_CHOICE:
		return choice_is_sound(node);
	}
	return false;
}

static bool key_is_sound(const struct key_declaration *key)
{
	const struct argument *argument = &key->argument;

	if (!is_c_identifier(key->identifier) || argument->names == NULL ||
	    argument->names[0] == '\0' || strlen(argument->names) > NAMES_LENGTH_MAX)
		return false;
	if ((unsigned)argument->type > ARGUMENT_ENUM)
		return false;
	return argument->type != ARGUMENT_ENUM || argument->choices[0] != NULL;
}

bool graph_is_sound(const struct graph *graph)
{
	if (!inputs_are_complete(&graph->inputs))
		return false;
	for (size_t i = 0; i < graph->node_count; i++)
		if (!node_is_sound(&graph->nodes[i]))
			return false;
	for (size_t i = 0; i < graph->key_count; i++)
		if (!key_is_sound(&graph->keys[i]))
			return false;
	for (size_t i = 0; i < graph->job_count; i++)
		if (!is_of_type(graph->jobs[i], "job"))
			return false;
	return true;
}
