/* SPDX-License-Identifier: ISC */
/*
 * What can be known to be wrong before anything is generated or compiled.
 */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include <stddef.h>

#include <mirage/arguments.h>
#include <mirage/attributes.h>

#include "engine/compile.h"
#include "engine/graph.h"

/*
 * Check names, keys (against each other and against the `reserved` options of the tool), targets,
 * files, libraries, rules and packages of a graph after select_nodes(). The current directory is
 * the project's. Reports the first error: -EINVAL.
 */
must_check int check_graph(const struct graph *graph, const char *target,
                           const struct argument *reserved, size_t reserved_count);

/*
 * Check that what a bare image is to be linked with can be built for it (recipe.h): after
 * check_graph(). Reports the first error: -EINVAL.
 */
must_check int check_recipes(const struct graph *graph, const struct installation *installation,
                             const char *target);

/* The parts, one file each. */
must_check int check_keys(const struct graph *graph, const struct argument *reserved,
                          size_t reserved_count);
must_check int check_files(const struct graph *graph);
must_check int check_manifest(const struct graph *graph);
must_check int check_rules(const struct graph *graph);

/* Call `check` on the inputs of the unikernel and of every active node; stop at an error. */
must_check int for_each_inputs(const struct graph *graph,
                               int (*check)(const struct graph *graph, struct place place,
                                            const struct build_inputs *inputs));

/* The rule that makes `path`, or NULL. */
const struct build_rule *rule_for(const struct graph *graph, const char *path);

#endif
