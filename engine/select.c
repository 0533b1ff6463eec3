// SPDX-License-Identifier: ISC
/*
 * Making the choices of a graph and ordering what remains.
 *
 * A depth-first walk from the jobs follows only selected branches; a device is appended to the
 * order when everything it needs has been (so the order is topological), and meeting a node that
 * is still open is a cycle.
 */
#include "engine/graph.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MARK_NEW,
	MARK_OPEN,
	MARK_DONE
};

static const char *node_title(const struct node *node)
{
	if (node->name[0] != '\0')
		return node->name;
	return node->kind == NODE_CHOICE ? node->condition : "noop";
}

static int report_cycle(const struct node *from, const struct node *to)
{
	char hint[256];

	snprintf(hint, sizeof(hint),
	         "remove one of the depends_on() or AFTER() between '%s' and '%s'",
	         node_title(from), node_title(to));
	return diagnostic_error(place_of_name(from->place, node_title(from)), hint,
	                        "'%s' and '%s' wait for each other: the graph has a cycle",
	                        node_title(from), node_title(to));
}

static int visit(struct graph *graph, struct node *node);

static int visit_needed(struct graph *graph, struct node *node, struct node *needed)
{
	if (needed->mark == MARK_OPEN)
		return report_cycle(node, needed);
	return needed->mark == MARK_NEW ? visit(graph, needed) : 0;
}

static int visit(struct graph *graph, struct node *node)
{
	int error = 0;

	node->mark = MARK_OPEN;
	node->active = true;
	for (size_t i = 0; i < node->after_count && error == 0; i++)
		error = visit_needed(graph, node, node->after[i]);
	for (size_t i = 0; i < node->edge_count && error == 0; i++)
		if (node->kind != NODE_CHOICE || i == node->selected)
			error = visit_needed(graph, node, node->edges[i].node);
	node->mark = MARK_DONE;
	if (error == 0 && (node->kind == NODE_DEVICE || node->kind == NODE_JOB))
		graph->order[graph->order_count++] = node;
	return error;
}

/* Number the instances of each implementation: hello_1, hello_2. */
static void number_instances(struct graph *graph)
{
	for (size_t i = 0; i < graph->order_count; i++) {
		struct node *node = graph->order[i];

		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the walk filled the order */
		node->instance = 1;
		for (size_t j = 0; j < i; j++)
			if (graph->order[j]->kind == node->kind &&
			    strcmp(graph->order[j]->name, node->name) == 0)
				node->instance++;
	}
}

int select_nodes(struct graph *graph)
{
	int error = 0;

	graph->order = calloc(graph->node_count + 1, sizeof(struct node *));
	if (graph->order == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < graph->job_count && error == 0; i++)
		if (graph->jobs[i]->mark == MARK_NEW)
			error = visit(graph, graph->jobs[i]);
	if (error == 0)
		number_instances(graph);
	return error;
}
