// SPDX-License-Identifier: ISC
/* mirage depends: install what the build needs, and lock the versions. */
#include "cli/apt.h"
#include "cli/packages.h"
#include "cli/project.h"

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

struct request {
	char list[PATH_MAX];
	char lock[PATH_MAX];
	const char *extra_repository; /* NULL: none */
};

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

static int resolve(struct package_list *list, const struct request *request, bool update,
                   bool dry_run)
{
	int error = packages_find_installed(list);

	if (error == 0 && !update)
		error = packages_read_lock(list, request->lock);
	if (error == 0)
		error = apt_install_missing(list, request->extra_repository, dry_run);
	if (error == 0 && !dry_run)
		error = packages_find_installed(list);
	if (error == 0)
		error = packages_check_bounds(list);
	if (error == 0)
		error = check_lock(list);
	if (error == 0)
		error = packages_fetch_sources(list, dry_run);
	if (error != 0 || dry_run)
		return error;
	return packages_write_lock(list, request->lock);
}

/* Where the list and the lockfile are. */
static int find_request(const struct context *context, struct request *request)
{
	if (context->name == NULL || context->target == NULL)
		return diagnostic_failure("run `mirage configure`", "there is no list of packages");
	snprintf(request->list, sizeof(request->list), "mirage/%s-%s.packages", context->name,
	         context->target);
	snprintf(request->lock, sizeof(request->lock), "mirage/%s-%s.lock", context->name,
	         context->target);
	request->extra_repository = context->extra_repository;
	return 0;
}

static int run_depends(struct invocation *invocation)
{
	static struct package_list list;
	struct context context;
	struct request request = { .extra_repository = NULL };
	int status = configure_if_stale(invocation);

	if (status != EXIT_OK)
		return status;
	int error = context_load(&context, invocation_text(invocation, "context-file"));
	if (error == 0)
		error = find_request(&context, &request);
	if (error == 0)
		error = packages_read(&list, request.list);
	if (error == 0)
		error = resolve(&list, &request, invocation_flag(invocation, "update"),
		                invocation_flag(invocation, "dry-run"));
	if (error == 0)
		diagnostic_info("%zu packages are as %s says", list.count, request.lock);
	context_free(&context);
	return error == 0 ? EXIT_OK : EXIT_ERROR;
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
		"another version is an error until --update accepts it. The source archives of "
		"recipes (packages/NAME) are fetched and locked too.",
	.options = options,
	.in_project = true,
	.run = run_depends,
};
