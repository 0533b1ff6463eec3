// SPDX-License-Identifier: ISC
/* Running make and turning its lines into progress. */
#include "cli/make.h"
#include "engine/compile.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Steps are lines such as "  CC      unikernel.c". */
static bool is_step(const char *line)
{
	return strncmp(line, "  ", 2) == 0 && line[2] >= 'A' && line[2] <= 'Z';
}

static void draw_bar(unsigned done, unsigned total, const char *step)
{
	enum {
		WIDTH = 24
	};
	unsigned filled = total > 0 ? done * WIDTH / total : 0;

	fprintf(stderr, "\r\033[K[");
	for (unsigned i = 0; i < WIDTH; i++)
		fputc(i < filled ? '#' : '.', stderr);
	fprintf(stderr, "] %u/%u %.40s", done, total, step);
	fflush(stderr);
}

static void show_progress(FILE *lines, unsigned total, bool bar, FILE *steps)
{
	char *line = NULL;
	size_t size = 0;
	unsigned done = 0;

	while (getline(&line, &size, lines) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		if (bar && is_step(line)) {
			draw_bar(done, total > done ? total : done, line + 2);
			done++;
			continue;
		}
		if (bar)
			fputs("\r\033[K", stderr);
		if (!is_step(line) || diagnostic_verbosity() != VERBOSITY_QUIET)
			fprintf(steps, "%s\n", line);
		fflush(steps);
	}
	if (bar)
		fputs("\r\033[K", stderr);
	free(line);
}

struct make_arguments {
	char root[PATH_MAX + 8];
	char jobs[32];
	const char *argv[16];
};

static int prepare(struct make_arguments *make, const char *jobs)
{
	struct installation installation;
	size_t count = 0;

	if (installation_find(&installation) != 0)
		return EXIT_ERROR;
	snprintf(make->root, sizeof(make->root), "ROOT=%s", installation.root);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	snprintf(make->jobs, sizeof(make->jobs), "-j%ld",
	         jobs != NULL     ? strtol(jobs, NULL, 0)
	         : processors > 0 ? processors
	                          : 1);
	/* The options of a make that called us are about its own targets. */
	unsetenv("MAKEFLAGS");
	unsetenv("MFLAGS");
	unsetenv("MAKELEVEL");
	make->argv[count++] = "make";
	make->argv[count++] = "--no-print-directory";
	make->argv[count++] = "-Rr";
	make->argv[count++] = make->jobs;
	make->argv[count++] = "-f";
	make->argv[count++] = "mirage/build.mk";
	make->argv[count++] = make->root;
	if (diagnostic_verbosity() == VERBOSITY_DEBUG)
		make->argv[count++] = "VERBOSE=1";
	make->argv[count++] = "all";
	make->argv[count] = NULL;
	return EXIT_OK;
}

/* Start make with its standard output in `*lines`. */
static int start(const char *const argv[], FILE **lines, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int ends[2];

	if (pipe(ends) != 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	fflush(NULL);
	int error =
		posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	*lines = error == 0 ? fdopen(ends[0], "r") : NULL;
	if (*lines == NULL)
		close(ends[0]);
	return -error;
}

static int finish(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_BUG;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_OK : EXIT_ERROR;
}

/* How many steps a build takes, by asking make without doing them. */
static unsigned count_steps(struct make_arguments *make)
{
	const char *argv[17];
	FILE *lines = NULL;
	pid_t pid = -1;
	char *line = NULL;
	size_t size = 0;
	unsigned steps = 0;

	memcpy(argv, make->argv, sizeof(make->argv));
	argv[2] = "-Rrn";
	if (start(argv, &lines, &pid) != 0)
		return 0;
	while (lines != NULL && getline(&line, &size, lines) >= 0)
		steps += strstr(line, "printf '  %-7s") != NULL;
	free(line);
	if (lines != NULL)
		fclose(lines);
	finish(pid);
	return steps;
}

int make_build(const char *jobs, bool dry_run, FILE *steps)
{
	struct make_arguments make;
	bool bar = isatty(STDERR_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 &&
	           diagnostic_verbosity() == VERBOSITY_WARNING;
	FILE *lines = NULL;
	pid_t pid = -1;

	if (prepare(&make, jobs) != EXIT_OK)
		return EXIT_ERROR;
	if (dry_run)
		make.argv[2] = "-Rrn";
	unsigned total = bar && !dry_run ? count_steps(&make) : 0;
	int error = start(make.argv, &lines, &pid);
	if (error != 0) {
		(void)diagnostic_failure("run `mirage doctor`", "cannot run make: %s",
		                         strerror(-error));
		return EXIT_ERROR;
	}
	if (lines != NULL) {
		show_progress(lines, total, bar && !dry_run, steps);
		fclose(lines);
	}
	int status = finish(pid);
	if (status != EXIT_OK)
		(void)diagnostic_failure("what the compiler, the linker or a rule said is above",
		                         "the build failed");
	return status;
}
