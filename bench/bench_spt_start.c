/* SPDX-License-Identifier: ISC */
/*
 * What it costs to start an image under solo5-spt: from fork() to the first byte of output and to
 * the end of the process, beside /bin/true in the same rounds; system calls from exec() to exit;
 * and the memory of a tender whose image sleeps.
 *
 * With the paths of another tender, and of another image that prints something and ends, as
 * arguments, those are measured.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	ROUNDS = 300,
	WARM_UP = 20,
};

struct sample {
	double output_ms[ROUNDS];
	double exit_ms[ROUNDS];
};

static double now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void fail(const char *what)
{
	fprintf(stderr, "bench_spt_start: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Start a command whose output goes to `output`. */
static pid_t start(char *const *command, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	errno = posix_spawn(&pid, command[0], &actions, NULL, command, environ);
	if (errno != 0)
		fail(command[0]);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* One run. `first_ms` stays 0 for a command without output. */
static void run(char *const *command, double *first_ms, double *exit_ms)
{
	char bytes[4096];
	int pipe_ends[2];
	int status;

	if (pipe2(pipe_ends, O_CLOEXEC) != 0)
		fail("pipe");
	double begin = now_ms();
	pid_t pid = start(command, pipe_ends[1]);
	close(pipe_ends[1]);
	*first_ms = 0;
	if (read(pipe_ends[0], bytes, sizeof(bytes)) > 0)
		*first_ms = now_ms() - begin;
	waitpid(pid, &status, 0);
	*exit_ms = now_ms() - begin;
	close(pipe_ends[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "bench_spt_start: %s ended with status %d\n", command[0], status);
		exit(1);
	}
}

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a;
	double second = *(const double *)b;

	return (first > second) - (first < second);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* Take turns, so that a noisy moment is everybody's. */
static void measure(char *const *commands[], struct sample *samples, size_t count)
{
	for (int round = -WARM_UP; round < ROUNDS; round++) {
		for (size_t i = 0; i < count; i++) {
			double first;
			double end;

			run(commands[i], &first, &end);
			if (round < 0)
				continue;
			samples[i].output_ms[round] = first;
			samples[i].exit_ms[round] = end;
		}
	}
}

/* System calls from the end of exec() on. */
static unsigned count_calls(char *const *command)
{
	unsigned calls = 0;
	int status;

	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(null, STDOUT_FILENO);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(command[0], command);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		calls += WSTOPSIG(status) == (SIGTRAP | 0x80);
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	}
	/* Each stops twice, but for the last, which does not return. */
	return (calls + 1) / 2;
}

/* The value of a line of /proc/PID/FILE, in KiB. */
static long kib_of(pid_t pid, const char *file, const char *field)
{
	char path[64];
	char line[256];
	long value = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	FILE *stream = fopen(path, "re");
	if (stream == NULL)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), stream) != NULL) {
		if (strncmp(line, field, strlen(field)) == 0)
			value = strtol(line + strlen(field) + 1, NULL, 10);
	}
	fclose(stream);
	return value;
}

/* Memory of a command that goes on after its first output, which is ended then. */
static void print_memory(char *const *command)
{
	char byte;
	int pipe_ends[2];

	if (pipe2(pipe_ends, O_CLOEXEC) != 0)
		fail("pipe");
	pid_t pid = start(command, pipe_ends[1]);
	if (read(pipe_ends[0], &byte, 1) != 1)
		fail("read");
	printf("%-44s %9ld KiB, peak %ld, proportional %ld\n", "resident while the image sleeps",
	       kib_of(pid, "status", "VmRSS"), kib_of(pid, "status", "VmHWM"),
	       kib_of(pid, "smaps_rollup", "Pss"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void row(const char *name, double value, double peer)
{
	printf("%-44s %9.3f ms   %-20s %9.3f ms   ratio %.2f\n", name, value, "/bin/true", peer,
	       value / peer);
}

int main(int argc, char **argv)
{
	static struct sample samples[2];
	char tender[] = "build/bin/solo5-spt";
	char image[] = "build/test/images/probe_none.spt";
	char hello_word[] = "hello";
	char reflect_word[] = "reflect";
	char one[] = "1";
	char true_path[] = "/bin/true";
	char *hello[] = { argc > 1 ? argv[1] : tender, argc > 2 ? argv[2] : image,
		          argc > 2 ? NULL : hello_word, NULL };
	char *sleeper[] = { argc > 1 ? argv[1] : tender, image, reflect_word, one, NULL };
	char *truth[] = { true_path, NULL };
	char *const *commands[] = { truth, hello };

	measure(commands, samples, 2);
	double floor = median(samples[0].exit_ms);
	row("solo5-spt: fork to first output of hello", median(samples[1].output_ms), floor);
	row("solo5-spt: fork to exit of hello", median(samples[1].exit_ms), floor);
	printf("%-44s %9u      %-20s %9u\n", "system calls of its whole life", count_calls(hello),
	       "/bin/true", count_calls(truth));
	print_memory(sleeper);
	return 0;
}
