// SPDX-License-Identifier: ISC
/*
 * apt-get.
 *
 * A further package source is apt's for these calls only: a folder with links to the machine's own
 * source files and one more, so that nothing of the machine's configuration is changed.
 */
#include "cli/apt.h"
#include "engine/diagnostic.h"
#include "engine/process.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sources {
	char folder[64]; /* "": the machine's own alone */
	char option[96];
};

/* apt-get's words: names are composed, argv points to them. */
struct words {
	char names[PACKAGES_MAX][256];
	const char *argv[PACKAGES_MAX + 16];
	size_t name_count;
};

static void link_sources(const char *folder)
{
	char path[PATH_MAX];
	glob_t found;

	if (glob("/etc/apt/sources.list.d/*", 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++) {
			snprintf(path, sizeof(path), "%s/%s", folder,
			         strrchr(found.gl_pathv[i], '/') + 1);
			error_ignore(symlink(found.gl_pathv[i], path), "apt says what it misses");
		}
	globfree(&found);
}

static int sources_open(struct sources *sources, const char *line)
{
	char path[PATH_MAX];

	*sources = (struct sources){ .folder = "" };
	if (line == NULL)
		return 0;
	snprintf(sources->folder, sizeof(sources->folder), "/tmp/mirage-sources-XXXXXX");
	if (mkdtemp(sources->folder) == NULL || chmod(sources->folder, 0755) != 0)
		return diagnostic_failure("make room in /tmp", "cannot make a folder in /tmp: %s",
		                          strerror(errno));
	link_sources(sources->folder);
	snprintf(path, sizeof(path), "%s/mirage-extra.list", sources->folder);
	FILE *file = fopen(path, "w");
	if (file == NULL)
		return diagnostic_failure(NULL, "cannot write %s: %s", path, strerror(errno));
	fprintf(file, "%s\n", line);
	fclose(file);
	snprintf(sources->option, sizeof(sources->option), "Dir::Etc::sourceparts=%s",
	         sources->folder);
	return 0;
}

static void sources_close(const struct sources *sources)
{
	char pattern[96];
	glob_t found;

	if (sources->folder[0] == '\0')
		return;
	snprintf(pattern, sizeof(pattern), "%s/*", sources->folder);
	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
	rmdir(sources->folder);
}

static void find_missing(const struct package_list *list, struct words *words)
{
	words->name_count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct wanted_package *p = &list->items[i];

		if (p->installed[0] == '\0')
			snprintf(words->names[words->name_count++], sizeof(words->names[0]),
			         "%s%s%s", p->name, p->locked[0] != '\0' ? "=" : "", p->locked);
	}
}

/* Print the command, and run it unless this is a dry run. */
static int run(const char *const argv[], bool dry_run)
{
	struct process_result result;

	fputs(dry_run ? "* run" : "Running:", stdout);
	for (size_t i = 0; argv[i] != NULL; i++)
		printf(" %s", argv[i]);
	putchar('\n');
	if (dry_run)
		return 0;
	int error = process_run(argv, 0, &result);
	if (error == 0 && result.status == 0)
		return 0;
	return diagnostic_failure("look at what apt-get said; `apt-get update` may be due, or the "
	                          "name in config.c wrong",
	                          "the packages could not be installed");
}

/* "[sudo] apt-get [-o …]"; returns the count of words. */
static size_t begin(const char *argv[], const struct sources *sources)
{
	size_t count = 0;

	if (geteuid() != 0 && process_exists("sudo"))
		argv[count++] = "sudo";
	argv[count++] = "apt-get";
	if (sources->folder[0] != '\0') {
		argv[count++] = "-o";
		argv[count++] = sources->option;
	}
	return count;
}

static int install(struct words *words, const struct sources *sources, bool dry_run)
{
	size_t count = begin(words->argv, sources);
	int error = 0;

	if (sources->folder[0] != '\0') {
		words->argv[count] = "update";
		words->argv[count + 1] = NULL;
		error = run(words->argv, dry_run);
	}
	words->argv[count++] = "install";
	words->argv[count++] = "-y";
	words->argv[count++] = "--no-install-recommends";
	for (size_t i = 0; i < words->name_count; i++)
		words->argv[count++] = words->names[i];
	words->argv[count] = NULL;
	return error != 0 ? error : run(words->argv, dry_run);
}

int apt_install_missing(const struct package_list *list, const char *extra_repository, bool dry_run)
{
	struct words *words = calloc(1, sizeof(*words));
	struct sources sources;
	int error = 0;

	if (words == NULL)
		return diagnostic_failure(NULL, "out of memory");
	find_missing(list, words);
	if (words->name_count > 0) {
		error = sources_open(&sources, extra_repository);
		if (error == 0)
			error = install(words, &sources, dry_run);
		sources_close(&sources);
	}
	free(words);
	return error;
}
