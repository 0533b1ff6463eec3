// SPDX-License-Identifier: ISC
/* Checks of names, jobs, targets and packages. */
#include "engine/check.h"
#include "engine/target.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int for_each_inputs(const struct graph *graph,
                    int (*check)(const struct graph *graph, struct place place,
                                 const struct build_inputs *inputs))
{
	int error = check(graph, graph->place, &graph->inputs);

	for (size_t i = 0; i < graph->order_count && error == 0; i++)
		error = check(graph, graph->order[i]->place, &graph->order[i]->inputs);
	return error;
}

static int check_name(const struct graph *graph)
{
	const char *name = graph->name;

	if (!isalnum((unsigned char)name[0]) ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
	            strlen(name))
		return diagnostic_error(place_of_name(graph->place, "register_unikernel"),
		                        "use letters, digits, '_' and '-', such as \"hello\"",
		                        "'%s' cannot be the name of a unikernel", name);
	if (graph->job_count == 0)
		return diagnostic_error(place_of_name(graph->place, "register_unikernel"),
		                        "give it a job made by MAIN(), or noop()",
		                        "unikernel '%s' has no job", name);
	return 0;
}

/* How often a job is registered or is the parameter of another. */
static size_t count_uses(const struct graph *graph, const struct node *job)
{
	size_t uses = 0;

	for (size_t i = 0; i < graph->job_count; i++)
		uses += node_resolve(graph->jobs[i]) == job;
	for (size_t i = 0; i < graph->order_count; i++)
		for (size_t j = 0; j < graph->order[i]->edge_count; j++)
			uses += node_resolve(graph->order[i]->edges[j].node) == job;
	return uses;
}

static int check_job(const struct graph *graph, const struct node *job)
{
	if (!is_c_identifier(job->function))
		return diagnostic_error(place_of_name(job->place, job->name),
		                        "give MAIN() the name of a C function, such as "
		                        "\"hello_start\"",
		                        "'%s' cannot be the name of a function",
		                        job->function != NULL ? job->function : "");
	if (count_uses(graph, job) > 1)
		return diagnostic_error(place_of_name(graph->place, "register_unikernel"),
		                        "call its constructor once for each time it is to run",
		                        "job '%s' is used more than once", job->name);
	for (size_t i = 0; i < graph->order_count; i++) {
		const struct node *other = graph->order[i];

		if (other->kind == NODE_JOB && other != job &&
		    strcmp(other->function, job->function) == 0 &&
		    strcmp(other->name, job->name) != 0)
			return diagnostic_error(place_of_name(other->place, other->name),
			                        "each MAIN() declares a function of its own",
			                        "function '%s' is declared by both '%s' and '%s'",
			                        job->function, job->name, other->name);
	}
	return 0;
}

static int check_target(const struct node *node, const char *target)
{
	char list[256] = "";

	if (node->targets.count == 0)
		return 0;
	for (size_t i = 0; i < node->targets.count; i++) {
		if (strcmp(node->targets.items[i], target) == 0)
			return 0;
		size_t used = strlen(list);
		snprintf(list + used, sizeof(list) - used, "%s%s", i > 0 ? ", " : "it exists on ",
		         node->targets.items[i]);
	}
	return diagnostic_error(place_of_name(node->place, node->name), list,
	                        "'%s' does not exist on target %s", node->name, target);
}

static int check_device(const struct graph *graph, const struct node *node)
{
	if (!is_c_identifier(node->name))
		return diagnostic_error(node->place, "name the C structure that implements it",
		                        "'%s' cannot be the name of an implementation", node->name);
	for (size_t i = 0; i < node->value_count; i++) {
		bool known = node->values[i].key == NULL;

		for (size_t k = 0; k < graph->key_count && !known; k++)
			known = strcmp(graph->keys[k].identifier, node->values[i].key) == 0;
		if (!known || !is_c_identifier(node->values[i].field))
			return diagnostic_error(place_of_name(node->place, node->name), NULL,
			                        "field '%s' of '%s' is not usable",
			                        node->values[i].field, node->name);
	}
	return 0;
}

static bool is_package_name(const char *name)
{
	return name != NULL && strlen(name) >= 2 && isalnum((unsigned char)name[0]) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+.-") == strlen(name);
}

static bool is_package_version(const char *version)
{
	return version == NULL ||
	       (isdigit((unsigned char)version[0]) &&
	        strspn(version,
	               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-~:") ==
	                strlen(version));
}

static int check_packages(const struct graph *graph, struct place place,
                          const struct build_inputs *inputs)
{
	(void)graph;
	for (size_t i = 0; i < inputs->packages.count; i++) {
		const struct package_request *package = &inputs->packages.items[i];

		if (!is_package_name(package->name))
			return diagnostic_error(place_of_name(place, "package"),
			                        "names of Debian packages are lower-case letters, "
			                        "digits, '+', '-' and '.'",
			                        "'%s' cannot be the name of a package",
			                        package->name != NULL ? package->name : "");
		if (!is_package_version(package->min) || !is_package_version(package->max))
			return diagnostic_error(place_of_name(place, package->name),
			                        "versions are Debian's, such as \"1:1.2.13\"",
			                        "a version bound of package '%s' is no version",
			                        package->name);
	}
	return 0;
}

int check_graph(const struct graph *graph, const char *target, const struct argument *reserved,
                size_t reserved_count)
{
	int error = check_name(graph);

	for (size_t i = 0; i < graph->order_count && error == 0; i++) {
		const struct node *node = graph->order[i];

		error = node->kind == NODE_JOB ? check_job(graph, node) : check_device(graph, node);
		if (error == 0)
			error = check_target(node, target);
	}
	if (error == 0)
		error = check_keys(graph, reserved, reserved_count);
	if (error == 0 && target_kind(target) == TARGET_SOLO5)
		error = check_manifest(graph);
	if (error == 0)
		error = for_each_inputs(graph, check_packages);
	if (error == 0)
		error = check_rules(graph);
	return error != 0 ? error : check_files(graph);
}
