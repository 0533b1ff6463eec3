/* SPDX-License-Identifier: ISC */
/*
 * 4 KiB reads and writes of a file through the block interface, against fio on the same file in the
 * same run, with the same engine and depth: preads and pwrites one by one out of the page cache, and
 * io_uring with 32 in flight for what is not there. A row of a plain pread() loop says what the
 * kernel alone takes.
 *
 * Figures are the best of several rounds, ours and fio's in turn. Usage: bench_block [FILE]
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mirage/block_of_file.h>
#include <mirage/runtime.h>

#include "targets/unix/unix_target.h"

enum {
	ROUNDS = 3,
	BLOCK = 4096,
	SECTORS_PER_BLOCK = BLOCK / 512,
	BLOCKS = 512 * 1024 * 1024 / BLOCK,
	DEPTH = 32,
	COLD_READS = 16384,
};

static const nanoseconds TIME = 500000000;

struct job {
	const char *name;
	const char *rw; /* fio's word */
	bool write, random, cold;
	size_t depth;
	const char *engine; /* fio's */
};

static const struct job jobs[] = {
	{ "sequential read", "read", false, false, false, 1, "psync" },
	{ "random read", "randread", false, true, false, 1, "psync" },
	{ "sequential write", "write", true, false, false, 1, "psync" },
	{ "random write", "randwrite", true, true, false, 1, "psync" },
	{ "random read, cold", "randread", false, true, true, DEPTH, "io_uring" },
};

static const char *path = "build/bench/block.img";
static struct block_of_file_state state;
static struct block_of_file file;
static const struct block disk = { .ops = &block_of_file_ops, .self = &file };
static uint8_t *buffers;
static uint64_t random_state = 88172645463325252, next_block;

static uint64_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static uint64_t pick(const struct job *job)
{
	return (job->random ? draw() : next_block++) % BLOCKS;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s: %s\n", path, what, strerror(errno));
	exit(1);
}

static void make_file(void)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	must(fd >= 0, "cannot make it");
	for (size_t i = 0; i < BLOCKS / DEPTH; i++) {
		memset(buffers, (int)i, (size_t)DEPTH * BLOCK);
		must(write(fd, buffers, (size_t)DEPTH * BLOCK) == (ssize_t)DEPTH * BLOCK,
		     "cannot write");
	}
	must(fdatasync(fd) == 0, "cannot flush");
	close(fd);
}

static void make_cold(void)
{
	int fd = open(path, O_RDONLY);

	must(fd >= 0 && fdatasync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0,
	     "cannot be dropped from the page cache");
	close(fd);
}

static void make_warm(void)
{
	int fd = open(path, O_RDONLY);

	while (read(fd, buffers, (size_t)DEPTH * BLOCK) > 0)
		;
	close(fd);
}

static void one_batch(const struct job *job)
{
	struct block_request requests[DEPTH];
	struct slice slices[DEPTH];

	for (size_t i = 0; i < job->depth; i++) {
		slices[i] = slice_of(buffers + i * BLOCK, BLOCK);
		requests[i] = (struct block_request){
			.operation = job->write ? BLOCK_WRITE : BLOCK_READ,
			.sector = pick(job) * SECTORS_PER_BLOCK,
			.slices = &slices[i],
			.slice_count = 1,
		};
	}
	must(block_submit(&disk, requests, job->depth, NEVER) == 0, "ours failed");
}

/* Operations per second. */
static double ours(const struct job *job)
{
	nanoseconds begin = runtime_now(), now;
	uint64_t count = 0;

	do {
		for (int i = 0; i < 16; i++)
			one_batch(job);
		count += 16 * job->depth;
		now = runtime_now();
	} while (job->cold ? count < COLD_READS : now - begin < TIME);
	return (double)count * 1e9 / (double)(now - begin);
}

static double plain(const struct job *job)
{
	nanoseconds begin = runtime_now(), now;
	uint64_t count = 0;

	do {
		for (int i = 0; i < 64; i++) {
			off_t at = (off_t)(pick(job) * BLOCK);
			ssize_t moved = job->write ? pwrite(state.descriptor, buffers, BLOCK, at)
			                           : pread(state.descriptor, buffers, BLOCK, at);

			must(moved == BLOCK, "plain failed");
		}
		count += 64;
		now = runtime_now();
	} while (job->cold ? count < COLD_READS : now - begin < TIME);
	return (double)count * 1e9 / (double)(now - begin);
}

/* The 8th field of fio's terse output for reads, the 49th for writes: operations per second. */
static double fio(const struct job *job)
{
	char command[1024], line[8192] = "";
	char *rest = line, *field = NULL;

	snprintf(command, sizeof(command),
	         "fio --name=b --filename=%s --size=%lld --bs=4k --rw=%s --ioengine=%s "
	         "--iodepth=%zu --invalidate=0 --norandommap --randrepeat=0 --gtod_reduce=1 "
	         "--overwrite=1 --fallocate=none %s%lld --output-format=terse --terse-version=3",
	         path, (long long)BLOCKS * BLOCK, job->rw, job->engine, job->depth,
	         job->cold ? "--io_size=" : "--time_based --runtime=",
	         job->cold ? (long long)COLD_READS * BLOCK : 1);
	FILE *output = popen(command, "r");
	must(output != NULL, "cannot run fio");
	if (fgets(line, sizeof(line), output) == NULL)
		line[0] = '\0';
	if (pclose(output) != 0)
		return 0;
	for (int i = 0; i < (job->write ? 49 : 8); i++)
		field = strsep(&rest, ";");
	return field != NULL ? atof(field) : 0;
}

static double better(double a, double b)
{
	return a > b ? a : b;
}

static void compare(const struct job *job)
{
	double best = 0, best_fio = 0, best_plain = 0;

	for (int i = 0; i < ROUNDS; i++) {
		if (job->cold)
			make_cold();
		best = better(best, ours(job));
		if (job->cold)
			make_cold();
		best_fio = better(best_fio, fio(job));
		if (job->cold)
			make_cold();
		best_plain = better(best_plain, plain(job));
	}
	printf("%-20s depth %2zu %8.0f/s %6.2f us", job->name, job->depth, best, 1e6 / best);
	if (best_fio > 0)
		printf("   %5.2f of fio %-8s (%8.0f/s)", best / best_fio, job->engine, best_fio);
	printf("   %5.2f of a plain loop (%8.0f/s)\n", best / best_plain, best_plain);
}

static int run(void *argument)
{
	(void)argument;
	file = (struct block_of_file){ .state = &state, .name = path };
	if (block_of_file_connect(&file) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		make_warm();
		compare(&jobs[i]);
	}
	block_of_file_disconnect(&file);
	return 0;
}

int main(int argc, char **argv)
{
	struct runtime *runtime;

	if (argc > 1)
		path = argv[1];
	buffers = malloc((size_t)DEPTH * BLOCK);
	if (buffers == NULL || runtime_new(&runtime, &unix_target, NULL) != 0)
		return 1;
	if (system("fio --version >/dev/null 2>&1") != 0)
		printf("fio is not installed: tools/setup.sh bench\n");
	make_file();
	int status = runtime_run(runtime, run, NULL);
	runtime_free(runtime);
	free(buffers);
	unlink(path);
	return status;
}
