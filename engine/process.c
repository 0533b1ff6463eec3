// SPDX-License-Identifier: ISC
/* Running other programs, with their output collected through pipes. */
#include "engine/process.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESULT_DESCRIPTOR 3

struct capture {
	int reader;
	int writer;
	FILE *stream;
	char *text;
	size_t size;
};

static int capture_open(struct capture *capture)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	capture->reader = ends[0];
	capture->writer = ends[1];
	capture->stream = open_memstream(&capture->text, &capture->size);
	return capture->stream != NULL ? 0 : -ENOMEM;
}

static void capture_close(struct capture *capture, char **text)
{
	if (capture->reader >= 0)
		close(capture->reader);
	if (capture->writer >= 0)
		close(capture->writer);
	if (capture->stream == NULL)
		return;
	fclose(capture->stream);
	*text = capture->text;
}

/* Read both pipes until their other ends are closed. */
static void collect(struct capture *captures, size_t count)
{
	struct pollfd polled[2];
	char bytes[4096];
	size_t open = 0;

	for (size_t i = 0; i < count; i++) {
		polled[i] = (struct pollfd){ .fd = captures[i].reader, .events = POLLIN };
		open += captures[i].reader >= 0;
	}
	while (open > 0) {
		if (poll(polled, (nfds_t)count, -1) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < count; i++) {
			if (polled[i].fd < 0 || polled[i].revents == 0)
				continue;
			ssize_t length = read(polled[i].fd, bytes, sizeof(bytes));
			if (length > 0) {
				fwrite(bytes, 1, (size_t)length, captures[i].stream);
			} else if (length == 0 || errno != EINTR) {
				polled[i].fd = -1;
				open--;
			}
		}
	}
}

/* Variables that change what a compiler does, or the language it speaks. */
static char **clean_environment(char *storage[], size_t size)
{
	static const char *const dropped[] = { "CPATH=",
		                               "C_INCLUDE_PATH=",
		                               "LIBRARY_PATH=",
		                               "GCC_EXEC_PREFIX=",
		                               "COMPILER_PATH=",
		                               "LC_",
		                               "LANG=",
		                               "LANGUAGE=",
		                               "DEPENDENCIES_OUTPUT=",
		                               "SUNPRO_DEPENDENCIES=",
		                               "GCC_COLORS=" };
	static char c_locale[] = "LC_ALL=C";
	size_t count = 0;

	storage[count++] = c_locale;
	for (char **variable = environ; *variable != NULL && count + 1 < size; variable++) {
		bool drop = false;

		for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
			drop = drop || strncmp(*variable, dropped[i], strlen(dropped[i])) == 0;
		if (!drop)
			storage[count++] = *variable;
	}
	storage[count] = NULL;
	return storage;
}

static int spawn(const char *const argv[], unsigned flags, const struct capture captures[2],
                 pid_t *pid)
{
	enum {
		ENVIRONMENT_MAX = 4096
	};
	char **storage = calloc(ENVIRONMENT_MAX, sizeof(char *));
	posix_spawn_file_actions_t actions;
	int error = storage != NULL ? posix_spawn_file_actions_init(&actions) : ENOMEM;

	if (error != 0) {
		free(storage);
		return -error;
	}
	if ((flags & PROCESS_CAPTURE) != 0) {
		posix_spawn_file_actions_adddup2(&actions, captures[0].writer, STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, captures[0].writer, STDERR_FILENO);
	}
	if ((flags & PROCESS_RESULT) != 0)
		posix_spawn_file_actions_adddup2(&actions, captures[1].writer, RESULT_DESCRIPTOR);
	error = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv,
	                     (flags & PROCESS_C_LOCALE) != 0
	                             ? clean_environment(storage, ENVIRONMENT_MAX)
	                             : environ);
	posix_spawn_file_actions_destroy(&actions);
	free(storage);
	return -error;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_run(const char *const argv[], unsigned flags, struct process_result *result)
{
	struct capture captures[2] = { { .reader = -1, .writer = -1 },
		                       { .reader = -1, .writer = -1 } };
	pid_t pid = -1;
	int error = 0;

	*result = (struct process_result){ .status = 127 };
	if ((flags & PROCESS_CAPTURE) != 0)
		error = capture_open(&captures[0]);
	if (error == 0 && (flags & PROCESS_RESULT) != 0)
		error = capture_open(&captures[1]);
	fflush(NULL);
	if (error == 0)
		error = spawn(argv, flags, captures, &pid);
	for (size_t i = 0; i < 2; i++) {
		if (captures[i].writer >= 0)
			close(captures[i].writer);
		captures[i].writer = -1;
	}
	if (error == 0) {
		collect(captures, 2);
		result->status = wait_for(pid);
	}
	capture_close(&captures[0], &result->output);
	capture_close(&captures[1], &result->result);
	return error;
}

void process_result_free(struct process_result *result)
{
	free(result->output);
	free(result->result);
	*result = (struct process_result){ .status = 0 };
}

bool process_exists(const char *name)
{
	const char *path = getenv("PATH");
	char *copy = strdup(path != NULL ? path : "/usr/bin:/bin");
	char file[4096];
	bool found = false;

	for (char *save = NULL, *folder = copy != NULL ? strtok_r(copy, ":", &save) : NULL;
	     folder != NULL && !found; folder = strtok_r(NULL, ":", &save)) {
		snprintf(file, sizeof(file), "%s/%s", folder, name);
		found = access(file, X_OK) == 0;
	}
	free(copy);
	return found;
}

int temporary_folder(char folder[TEMPORARY_FOLDER_SIZE])
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, TEMPORARY_FOLDER_SIZE, "%s/mirage-XXXXXX",
	         parent != NULL && parent[0] != '\0' ? parent : "/tmp");
	if (mkdtemp(folder) != NULL)
		return 0;
	return diagnostic_failure("set TMPDIR to a folder that can be written",
	                          "cannot make a folder for temporary files (%s): %s", folder,
	                          strerror(errno));
}
