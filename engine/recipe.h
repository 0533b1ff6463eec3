/* SPDX-License-Identifier: ISC */
/*
 * Packages that are linked into bare images. They are built from source: by a recipe of the project,
 * packages/NAME/recipe.mk, or by one of Mirage's, which was built with it. packages/README.md has the
 * format.
 */
#ifndef ENGINE_RECIPE_H
#define ENGINE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/compile.h"

/* True if a recipe is what an image for `target` has this package from, rather than Debian. */
bool recipe_wanted(const char *target, const struct package_request *package);

/* True if the project in the current directory has a recipe of this name. */
bool recipe_of_project(const char *name);

/*
 * The folder of what a recipe says of a package, its lock file source.lock among it: the project's
 * recipe, or what Mirage built. False if there is neither.
 */
bool recipe_folder(const struct installation *installation, const char *name, char folder[],
                   size_t size);

/*
 * Where the headers are that a recipe has built for this machine's kind of processor. False if they
 * are not there, because the project's recipe was not built yet.
 */
bool recipe_headers(const struct installation *installation, const char *target, const char *name,
                    char folder[], size_t size);

/* Which source archive a recipe builds. */
struct recipe_source {
	char version[96]; /* the original's, as its name has it: "3.6.6" */
	char sha256[65];
};

/* Read the lock file of a recipe. -EINVAL: reported. */
must_check int recipe_source_read(const struct installation *installation, const char *name,
                                  struct recipe_source *source);

#endif
