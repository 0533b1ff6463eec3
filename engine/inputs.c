// SPDX-License-Identifier: ISC
/* Walking over everything that goes into a build, each item once. */
#include "engine/generate.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	const char *seen[1024];
	size_t count;
	void (*visit)(void *context, const char *path);
	void *context;
};

static void visit_once(struct walk *walk, const char *path)
{
	for (size_t i = 0; i < walk->count; i++)
		if (strcmp(walk->seen[i], path) == 0)
			return;
	if (walk->count < sizeof(walk->seen) / sizeof(walk->seen[0]))
		walk->seen[walk->count++] = path;
	walk->visit(walk->context, path);
}

static const struct build_inputs *inputs_at(const struct graph *graph, size_t index)
{
	return index == 0 ? &graph->inputs : &graph->order[index - 1]->inputs;
}

void for_each_library(const struct graph *graph, void (*visit)(void *context, const char *path),
                      void *context)
{
	struct walk walk = { .visit = visit, .context = context };

	for (size_t i = 0; i <= graph->order_count; i++)
		for (size_t j = 0; j < inputs_at(graph, i)->libraries.count; j++)
			visit_once(&walk, inputs_at(graph, i)->libraries.items[j]);
}

static int is_c_source(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && dot != entry->d_name && strcmp(dot, ".c") == 0;
}

static void visit_library_sources(void *context, const char *library)
{
	struct walk *walk = context;
	struct dirent **entries;
	int count = scandir(library, &entries, is_c_source, alphasort);
	char path[4096];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", library, entries[i]->d_name);
		walk->visit(walk->context, path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void for_each_source(const struct graph *graph, void (*visit)(void *context, const char *path),
                     void *context)
{
	struct walk walk = { .visit = visit, .context = context };

	for (size_t i = 0; i <= graph->order_count; i++)
		for (size_t j = 0; j < inputs_at(graph, i)->sources.count; j++)
			visit_once(&walk, inputs_at(graph, i)->sources.items[j]);
	for_each_library(graph, visit_library_sources, &walk);
}

/* The package of this name among the first `end` inputs, or NULL. */
static const struct package_request *find_package(const struct graph *graph, size_t end,
                                                  const char *name)
{
	for (size_t i = 0; i < end; i++)
		for (size_t j = 0; j < inputs_at(graph, i)->packages.count; j++)
			if (strcmp(inputs_at(graph, i)->packages.items[j].name, name) == 0)
				return &inputs_at(graph, i)->packages.items[j];
	return NULL;
}

void for_each_package(const struct graph *graph, const struct package_visitor *visitor)
{
	/* What compiling and linking any image takes on this host. */
	static const struct package_request host[] = {
		{ .name = "gcc", .build = true },
		{ .name = "libc6-dev", .build = true },
		{ .name = "make", .build = true },
	};

	for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++)
		if (find_package(graph, graph->order_count + 1, host[i].name) == NULL)
			visitor->visit(visitor->context, &host[i]);
	for (size_t i = 0; i <= graph->order_count; i++)
		for (size_t j = 0; j < inputs_at(graph, i)->packages.count; j++) {
			const struct package_request *package =
				&inputs_at(graph, i)->packages.items[j];

			if (find_package(graph, i, package->name) == NULL)
				visitor->visit(visitor->context, package);
		}
}
