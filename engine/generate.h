/* SPDX-License-Identifier: ISC */
/*
 * What `mirage configure` writes, one function for each file.
 *
 * Everything generated depends on the graph and the target alone: no time, no path of this machine
 * (but compile_commands.json, which is for editors), so that the same inputs give the same bytes.
 */
#ifndef ENGINE_GENERATE_H
#define ENGINE_GENERATE_H

#include <stdbool.h>
#include <stdio.h>

#include <mirage/attributes.h>

#include "engine/compile.h"
#include "engine/graph.h"
#include "engine/output.h"

/* What images are optimised for. */
enum optimisation {
	OPTIMISE_DEFAULT, /* what is best for the target */
	OPTIMISE_SIZE,
	OPTIMISE_SPEED
};

struct project {
	const struct graph *graph;
	const struct installation *installation;
	const char *target;
	const char *file;    /* the configuration */
	const char *command; /* how the generated Makefile calls the tool */
	const char *output;  /* -o: name of the result; NULL: the unikernel's */
	enum optimisation optimisation;
	const char *compiler; /* of the image: ENGINE_COMPILER, clang, a cross compiler */
};

void generate_main(const struct project *project, FILE *file);
must_check int generate_keys(const struct project *project, FILE *file);
void generate_makefile(const struct project *project, FILE *file);
void generate_build(const struct project *project, FILE *file);
void generate_packages(const struct project *project, FILE *file);
void generate_manifest(const struct project *project, FILE *file);
must_check int generate_compile_commands(const struct project *project, FILE *file);

/* All of them, into `output`. -EINVAL: reported; -ENOMEM. */
must_check int generate_all(const struct project *project, struct output *output);

/* The graph as text, as graphviz's language, and as the rows of `mirage describe`. */
void describe_text(const struct graph *graph, const char *target, bool choices, FILE *file);
void describe_dot(const struct graph *graph, const char *target, bool choices, FILE *file);

/* Position of a key among those that the image knows at run time, or -1. */
int key_index(const struct graph *graph, const struct key_declaration *key);

/* A C string literal. */
void print_c_string(FILE *file, const char *text);

/* "dist/hello": the result, by name and target. */
const char *project_result(const struct project *project, char buffer[], size_t size);

/* Every source to compile: `visit(context, path)` for the unikernel's, the devices', and those of
   local libraries, each once. */
void for_each_source(const struct graph *graph, void (*visit)(void *context, const char *path),
                     void *context);

/* Every local library, each once. */
void for_each_library(const struct graph *graph, void (*visit)(void *context, const char *path),
                      void *context);

/* Every Debian package, those that every image for `target` needs first, each name once. */
struct package_visitor {
	void (*visit)(void *context, const struct package_request *package);
	void *context;
};
void for_each_package(const struct graph *graph, const char *target,
                      const struct package_visitor *visitor);

/* Every package that a recipe builds for `target` (recipe.h), each name once. */
void for_each_recipe(const struct graph *graph, const char *target,
                     const struct package_visitor *visitor);

#endif
