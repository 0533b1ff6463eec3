// SPDX-License-Identifier: ISC
/* Asking dpkg and apt about packages; reading and writing lockfiles. */
#include "cli/packages.h"
#include "engine/diagnostic.h"
#include "engine/output.h"
#include "engine/process.h"
#include "engine/recipe.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int packages_read(struct package_list *list, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512];

	list->count = 0;
	if (file == NULL)
		return diagnostic_failure("run `mirage configure` first", "cannot read %s: %s",
		                          path, strerror(errno));
	while (fgets(line, sizeof(line), file) != NULL && list->count < PACKAGES_MAX) {
		struct wanted_package *package = &list->items[list->count];
		char use[16];

		*package = (struct wanted_package){ .build = false };
		if (line[0] == '#' || sscanf(line, "%127s %95s %95s %15s", package->name,
		                             package->min, package->max, use) != 4)
			continue;
		if (strcmp(package->min, "-") == 0)
			package->min[0] = '\0';
		if (strcmp(package->max, "-") == 0)
			package->max[0] = '\0';
		package->build = strcmp(use, "build") == 0;
		package->recipe = strcmp(use, "recipe") == 0;
		list->count++;
	}
	fclose(file);
	return 0;
}

static struct wanted_package *find(struct package_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

/* What a recipe builds is there: its version is that of the source archive. */
static int find_recipe(struct wanted_package *package)
{
	struct installation installation;
	struct recipe_source source;
	int error = installation_find(&installation);

	if (error == 0)
		error = recipe_source_read(&installation, package->name, &source);
	if (error == 0) {
		memcpy(package->installed, source.version, sizeof(source.version));
		memcpy(package->sha256, source.sha256, sizeof(source.sha256));
	}
	return error;
}

int packages_find_installed(struct package_list *list)
{
	size_t count = 3;
	const char *argv[PACKAGES_MAX + 4] = {
		"dpkg-query", "-W", "-f=${binary:Package} ${db:Status-Status} ${Version}\n"
	};
	struct process_result result;

	for (size_t i = 0; i < list->count; i++) {
		list->items[i].installed[0] = '\0';
		if (!list->items[i].recipe)
			argv[count++] = list->items[i].name;
		else if (find_recipe(&list->items[i]) != 0)
			return -EINVAL;
	}
	int error = process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result);
	if (error != 0)
		return diagnostic_failure(
			"packages are Debian's: use Debian 12, or a container of it",
			"cannot run dpkg-query: %s", strerror(-error));
	for (char *save = NULL, *line = strtok_r(result.output, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char name[128], status[32], version[96];

		if (sscanf(line, "%127s %31s %95s", name, status, version) != 3 ||
		    strcmp(status, "installed") != 0)
			continue;
		name[strcspn(name, ":")] = '\0';
		struct wanted_package *package = find(list, name);
		if (package != NULL)
			snprintf(package->installed, sizeof(package->installed), "%s", version);
	}
	process_result_free(&result);
	return 0;
}

int packages_read_lock(struct package_list *list, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[512];
	int number = 0, error = 0;

	while (file != NULL && error == 0 && fgets(line, sizeof(line), file) != NULL) {
		char name[128], version[96], sha256[65] = "";

		number++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "%127s %95s %64s", name, version, sha256) < 2) {
			error = diagnostic_error((struct place){ .file = path, .line = number },
			                         "run `mirage depends --update` to write it anew",
			                         "this line of the lockfile cannot be read");
			break;
		}
		struct wanted_package *package = find(list, name);
		if (package == NULL)
			continue;
		memcpy(package->locked, version, sizeof(version));
		if (strcmp(sha256, "-") != 0)
			memcpy(package->sha256, sha256, sizeof(sha256));
	}
	if (file != NULL)
		fclose(file);
	return error;
}

/* The SHA-256 of the package file, if an index that is here knows this version. */
static void find_sha256(struct wanted_package *package)
{
	char wanted[256];
	const char *const argv[] = { "apt-cache", "show", wanted, NULL };
	struct process_result result;

	if (package->recipe) {
		error_ignore(find_recipe(package), "it was read before");
		return;
	}
	snprintf(wanted, sizeof(wanted), "%s=%s", package->name, package->installed);
	if (process_run(argv, PROCESS_CAPTURE | PROCESS_C_LOCALE, &result) != 0)
		return;
	const char *field = result.status == 0 ? strstr(result.output, "\nSHA256: ") : NULL;
	if (field != NULL)
		sscanf(field + 9, "%64s", package->sha256);
	process_result_free(&result);
}

static void print_lock(FILE *file, const struct wanted_package *package)
{
	struct wanted_package known = *package;

	if (strcmp(known.installed, known.locked) != 0 || known.sha256[0] == '\0') {
		known.sha256[0] = '\0';
		find_sha256(&known);
	}
	fprintf(file, "%s %s %s\n", known.name, known.installed,
	        known.sha256[0] != '\0' ? known.sha256 : "-");
}

int packages_write_lock(const struct package_list *list, const char *path)
{
	struct output output = { .count = 0 };
	FILE *file = output_begin(&output, path, OUTPUT_MARK);

	if (file == NULL)
		return -ENOMEM;
	fputs("# " OUTPUT_MARK " and `mirage depends`: keep it under version control.\n"
	      "# Debian package, version, SHA-256 of the package file.\n",
	      file);
	for (size_t i = 0; i < list->count; i++)
		print_lock(file, &list->items[i]);
	int error = output_end(&output);
	if (error == 0)
		error = output_commit(&output, false);
	output_free(&output);
	return error;
}

bool version_holds(const char *a, const char *operator, const char * b)
{
	const char *const argv[] = { "dpkg", "--compare-versions", a, operator, b, NULL };
	struct process_result result;
	bool holds = process_run(argv, PROCESS_CAPTURE, &result) == 0 && result.status == 0;

	process_result_free(&result);
	return holds;
}

int packages_check_bounds(const struct package_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct wanted_package *p = &list->items[i];

		if (p->installed[0] == '\0')
			continue;
		if (p->min[0] != '\0' && !version_holds(p->installed, "ge", p->min))
			return diagnostic_failure(
				"upgrade the package, or lower the bound in config.c",
				"package %s is %s, the configuration wants at "
				"least %s",
				p->name, p->installed, p->min);
		if (p->max[0] != '\0' && !version_holds(p->installed, "lt", p->max))
			return diagnostic_failure(
				"raise the bound in config.c, or install an older "
				"version",
				"package %s is %s, the configuration wants less "
				"than %s",
				p->name, p->installed, p->max);
	}
	return 0;
}

static int fetch_source(const char *root, const char *name, bool dry_run)
{
	char script[PATH_MAX], lock[PATH_MAX];
	const char *const argv[] = { script, lock, NULL };
	struct process_result result;

	snprintf(script, sizeof(script), "%s/lib/mirage/packages/fetch_source.sh", root);
	snprintf(lock, sizeof(lock), "packages/%s/source.lock", name);
	if (dry_run) {
		printf("* run %s %s\n", script, lock);
		return 0;
	}
	int error = process_run(argv, PROCESS_CAPTURE, &result);
	if (error == 0 && result.status != 0) {
		fputs(result.output, stderr);
		error = -EINVAL;
	}
	if (error == 0)
		process_result_free(&result);
	else
		error = diagnostic_failure("lock a version that the mirror has, or set "
		                           "MIRAGE_DEBIAN_MIRROR to one that has this",
		                           "the source of package '%s' could not be fetched", name);
	return error;
}

int packages_fetch_sources(const struct package_list *list, bool dry_run)
{
	struct installation installation;
	int error = installation_find(&installation);

	for (size_t i = 0; i < list->count && error == 0; i++)
		if (list->items[i].recipe && recipe_of_project(list->items[i].name))
			error = fetch_source(installation.root, list->items[i].name, dry_run);
	return error;
}
