// SPDX-License-Identifier: ISC
/* mirage depends: install what the build needs, and lock the versions. */
#include "cli/packages.h"
#include "cli/project.h"
#include "engine/process.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct argument options[] = {
	{ .names = "update",
	  .type = ARGUMENT_FLAG,
	  .doc = "Write the lockfile anew from the versions that are installed now." },
	{ .names = NULL },
};

/* apt-get's words for what is missing, as the locked version if there is one. */
struct missing {
	char names[PACKAGES_MAX][256];
	const char *argv[PACKAGES_MAX + 8];
	size_t count;
};

static void find_missing(const struct package_list *list, struct missing *missing)
{
	missing->count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct wanted_package *p = &list->items[i];

		if (p->installed[0] == '\0')
			snprintf(missing->names[missing->count++], sizeof(missing->names[0]),
			         "%s%s%s", p->name, p->locked[0] != '\0' ? "=" : "", p->locked);
	}
}

static int install(struct missing *missing, bool dry_run)
{
	bool sudo = geteuid() != 0 && process_exists("sudo");
	size_t count = 0;
	struct process_result result;

	if (sudo)
		missing->argv[count++] = "sudo";
	missing->argv[count++] = "apt-get";
	missing->argv[count++] = "install";
	missing->argv[count++] = "-y";
	missing->argv[count++] = "--no-install-recommends";
	for (size_t i = 0; i < missing->count; i++)
		missing->argv[count++] = missing->names[i];
	missing->argv[count] = NULL;
	printf(dry_run ? "* run" : "Installing:");
	for (size_t i = dry_run ? 0 : count - missing->count; i < count; i++)
		printf(" %s", missing->argv[i]);
	putchar('\n');
	if (dry_run)
		return 0;
	int error = process_run(missing->argv, 0, &result);
	if (error != 0 || result.status != 0)
		return diagnostic_failure(
			"look at what apt-get said; `apt-get update` may be due, or "
			"the name in config.c wrong",
			"the packages could not be installed");
	return 0;
}

/* What is installed must be what is locked. */
static int check_lock(const struct package_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct wanted_package *p = &list->items[i];

		if (p->locked[0] != '\0' && p->installed[0] != '\0' &&
		    strcmp(p->locked, p->installed) != 0)
			return diagnostic_failure(
				"`mirage depends --update` locks what is installed",
				"package %s is %s, but the lockfile says %s", p->name, p->installed,
				p->locked);
	}
	return 0;
}

static int resolve(struct package_list *list, const char *lock, bool update, bool dry_run)
{
	static struct missing missing;
	int error = packages_find_installed(list);

	if (error == 0 && !update)
		error = packages_read_lock(list, lock);
	if (error != 0)
		return error;
	find_missing(list, &missing);
	if (missing.count > 0) {
		error = install(&missing, dry_run);
		if (error == 0 && !dry_run)
			error = packages_find_installed(list);
	}
	if (error == 0)
		error = packages_check_bounds(list);
	if (error == 0)
		error = check_lock(list);
	if (error != 0 || dry_run)
		return error;
	return packages_write_lock(list, lock);
}

/* "mirage/NAME-TARGET", of which the list and the lockfile are two endings. */
static int find_stem(const char *context_path, char stem[], size_t size)
{
	struct context context;
	int error = context_load(&context, context_path);

	if (error == 0 && (context.name == NULL || context.target == NULL))
		error = diagnostic_failure("run `mirage configure`",
		                           "there is no list of packages");
	if (error == 0)
		snprintf(stem, size, "mirage/%s-%s", context.name, context.target);
	context_free(&context);
	return error;
}

static int run_depends(struct invocation *invocation)
{
	static struct package_list list;
	char stem[PATH_MAX], path[PATH_MAX + 16], lock[PATH_MAX + 16];
	int status = configure_if_stale(invocation);

	if (status != EXIT_OK)
		return status;
	if (find_stem(invocation_text(invocation, "context-file"), stem, sizeof(stem)) != 0)
		return EXIT_ERROR;
	snprintf(path, sizeof(path), "%s.packages", stem);
	snprintf(lock, sizeof(lock), "%s.lock", stem);
	if (packages_read(&list, path) != 0 ||
	    resolve(&list, lock, invocation_flag(invocation, "update"),
	            invocation_flag(invocation, "dry-run")) != 0)
		return EXIT_ERROR;
	diagnostic_info("%zu packages are as %s says", list.count, lock);
	return EXIT_OK;
}

const struct command depends_command = {
	.name = "depends",
	.summary = "install the packages that the build needs and lock their versions",
	.description =
		"Reads mirage/NAME-TARGET.packages, installs what is missing with apt-get (through "
		"sudo when not root), and writes mirage/NAME-TARGET.lock with the version and "
		"checksum "
		"of each. Where a lockfile is already there, its versions are what is installed, "
		"and "
		"another version is an error until --update accepts it.",
	.options = options,
	.in_project = true,
	.run = run_depends,
};
