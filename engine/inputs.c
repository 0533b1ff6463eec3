// SPDX-License-Identifier: ISC
/* Walking over everything that goes into a build, each item once. */
#include "engine/generate.h"
#include "engine/recipe.h"
#include "engine/target.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* What the unikernel (index 0) or an active node brings into the build. */
static const struct build_inputs *inputs_at(const struct graph *graph, size_t index)
{
	return index == 0 ? &graph->inputs : &graph->order[index - 1]->inputs;
}

static bool lists(const struct texts *texts, size_t end, const char *path)
{
	for (size_t i = 0; i < end; i++)
		if (strcmp(texts->items[i], path) == 0)
			return true;
	return false;
}

typedef const struct texts *(*texts_of_inputs)(const struct build_inputs *inputs);

/* Visit each text of all inputs at its first place: there is no bound on how many there are. */
static void for_each_text(const struct graph *graph, texts_of_inputs select,
                          void (*visit)(void *context, const char *path), void *context)
{
	for (size_t i = 0; i <= graph->order_count; i++) {
		const struct texts *texts = select(inputs_at(graph, i));

		for (size_t j = 0; j < texts->count; j++) {
			bool seen = lists(texts, j, texts->items[j]);

			for (size_t k = 0; k < i && !seen; k++) {
				const struct texts *earlier = select(inputs_at(graph, k));
				seen = lists(earlier, earlier->count, texts->items[j]);
			}
			if (!seen)
				visit(context, texts->items[j]);
		}
	}
}

static const struct texts *libraries_of(const struct build_inputs *inputs)
{
	return &inputs->libraries;
}

static const struct texts *sources_of(const struct build_inputs *inputs)
{
	return &inputs->sources;
}

void for_each_library(const struct graph *graph, void (*visit)(void *context, const char *path),
                      void *context)
{
	for_each_text(graph, libraries_of, visit, context);
}

struct walk {
	void (*visit)(void *context, const char *path);
	void *context;
};

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

	for_each_text(graph, sources_of, visit, context);
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

/* What compiling and linking any image for the target takes on this host; ends with a NULL name. */
static const struct package_request *packages_of_target(const char *target)
{
	static const struct package_request hosted[] = {
		{ .name = "gcc", .build = true },
		{ .name = "libc6-dev", .build = true },
		{ .name = "make", .build = true },
		{ .name = NULL },
	};
	/* The image gets Mirage's C library; that of the host is for config.c alone. */
	static const struct package_request bare[] = {
		{ .name = "binutils", .build = true },
		{ .name = "gcc", .build = true },
		{ .name = "make", .build = true },
		{ .name = NULL },
	};

	return target_kind(target) == TARGET_HOSTED ? hosted : bare;
}

/* The packages that inputs name, those from recipes or the others, each once. */
static void for_each_named(const struct graph *graph, const char *target, bool recipes,
                           const struct package_visitor *visitor)
{
	for (size_t i = 0; i <= graph->order_count; i++)
		for (size_t j = 0; j < inputs_at(graph, i)->packages.count; j++) {
			const struct package_request *package =
				&inputs_at(graph, i)->packages.items[j];

			if (recipe_wanted(target, package) == recipes &&
			    find_package(graph, i, package->name) == NULL)
				visitor->visit(visitor->context, package);
		}
}

void for_each_package(const struct graph *graph, const char *target,
                      const struct package_visitor *visitor)
{
	const struct package_request *needed = packages_of_target(target);

	for (; needed->name != NULL; needed++)
		if (find_package(graph, graph->order_count + 1, needed->name) == NULL)
			visitor->visit(visitor->context, needed);
	for_each_named(graph, target, false, visitor);
}

void for_each_recipe(const struct graph *graph, const char *target,
                     const struct package_visitor *visitor)
{
	for_each_named(graph, target, true, visitor);
}
