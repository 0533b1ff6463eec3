// SPDX-License-Identifier: ISC
#include "engine/recipe.h"
#include "engine/check.h"
#include "engine/diagnostic.h"
#include "engine/target.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool recipe_wanted(const char *target, const struct package_request *package)
{
	return target_kind(target) != TARGET_HOSTED && !package->build;
}

bool recipe_of_project(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "packages/%s/recipe.mk", name);
	return access(path, R_OK) == 0;
}

bool recipe_folder(const struct installation *installation, const char *name, char folder[],
                   size_t size)
{
	char bare[PATH_MAX];

	if (recipe_of_project(name)) {
		snprintf(folder, size, "packages/%s", name);
		return true;
	}
	bare_folder(installation, bare, sizeof(bare));
	snprintf(folder, size, "%s/packages/%s", bare, name);
	return access(folder, R_OK) == 0;
}

/* Debian's libraries are made for Linux: what is linked has a recipe. */
static int check_inputs(const struct installation *installation, struct place place,
                        const char *target, const struct build_inputs *inputs)
{
	char folder[PATH_MAX];

	for (size_t i = 0; i < inputs->packages.count; i++) {
		const struct package_request *package = &inputs->packages.items[i];

		if (recipe_wanted(target, package) &&
		    !recipe_folder(installation, package->name, folder, sizeof(folder)))
			return diagnostic_error(
				place_of_name(place, package->name),
				"a package that only the build uses says `.build = true`; for a "
				"library, write a recipe, packages/NAME/recipe.mk, list its "
				"sources, or keep it to unix with if_impl(is_unix(), …)",
				"package '%s' is made for Linux and cannot be linked into this "
				"image",
				package->name);
	}
	return 0;
}

int check_recipes(const struct graph *graph, const struct installation *installation,
                  const char *target)
{
	int error = check_inputs(installation, graph->place, target, &graph->inputs);

	for (size_t i = 0; i < graph->order_count && error == 0; i++)
		error = check_inputs(installation, graph->order[i]->place, target,
		                     &graph->order[i]->inputs);
	return error;
}

bool recipe_headers(const struct installation *installation, const char *target, const char *name,
                    char folder[], size_t size)
{
	char bare[PATH_MAX];

	bare_folder(installation, bare, sizeof(bare));
	if (recipe_of_project(name)) /* as engine/build_flags.c has it built */
		snprintf(folder, size, "_build/%s/%s/packages/%s/include", target,
		         strrchr(bare, '/') + 1, name);
	else
		snprintf(folder, size, "%s/packages/%s/include", bare, name);
	return access(folder, R_OK) == 0;
}

/* "pool/main/m/mbedtls/mbedtls_3.6.6.orig.tar.bz2" has version 3.6.6. */
static void find_version(const char *path, char version[], size_t size)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	const char *begin = strchr(name, '_'), *end = strstr(name, ".orig.");

	if (begin == NULL || end == NULL || end < begin)
		snprintf(version, size, "%s", name);
	else
		snprintf(version, size, "%.*s", (int)(end - begin - 1), begin + 1);
}

int recipe_source_read(const struct installation *installation, const char *name,
                       struct recipe_source *source)
{
	char folder[PATH_MAX], path[PATH_MAX + 16], line[1024], archive[512] = "";

	if (!recipe_folder(installation, name, folder, sizeof(folder)))
		return diagnostic_failure("write packages/NAME/recipe.mk",
		                          "there is no recipe for package '%s'", name);
	snprintf(path, sizeof(path), "%s/source.lock", folder);
	FILE *file = fopen(path, "r");
	*source = (struct recipe_source){ .version = "" };
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (line[0] != '#' && sscanf(line, "%64s %*s %511s", source->sha256, archive) == 2)
			break;
	if (file != NULL)
		fclose(file);
	if (archive[0] == '\0')
		return diagnostic_error((struct place){ .file = path },
		                        "a line is \"SHA-256 BYTES PATH\", the path below a Debian "
		                        "mirror's root",
		                        "it names no source archive");
	find_version(archive, source->version, sizeof(source->version));
	return 0;
}
