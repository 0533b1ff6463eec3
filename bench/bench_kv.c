/* SPDX-License-Identifier: ISC */
/*
 * Getting values of 1 KB and 1 MB from each store, into memory of the caller's, against pread() of a
 * file of that size that is open already; and a store of 100,000 keys: how long it takes to be there,
 * and how much memory.
 *
 * The archive and the file systems are files of the host, in the page cache, as are those of direct_kv.
 * Figures are the best of several rounds, ours and the peer's in turn.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mirage/block_of_file.h>
#include <mirage/crunch.h>
#include <mirage/direct_kv.h>
#include <mirage/fat_kv.h>
#include <mirage/kv_mem.h>
#include <mirage/littlefs_kv.h>
#include <mirage/runtime.h>
#include <mirage/tar_kv.h>

#include "storage/fat/volume.h"
#include "storage/littlefs/volume.h"
#include "storage/tar/archive.h"
#include "targets/unix/unix_target.h"

enum {
	ROUNDS = 5,
	SMALL = 1000,
	LARGE = 1000000,
	KEYS = 100000,
	LITTLEFS_BLOCK = 4096,
};

static const char folder[] = "build/bench/kv";
static uint8_t *buffer;
static const struct wall_clock wall = { .ops = &default_wall_clock_ops };

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_kv: %s: %s\n", what, strerror(errno));
	exit(1);
}

static const char *in_folder(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void make_file(const char *name, size_t size)
{
	int fd = open(in_folder(name), O_RDWR | O_CREAT | O_TRUNC, 0644);

	must(fd >= 0 && write(fd, buffer, size) == (ssize_t)size, name);
	close(fd);
}

/* Nanoseconds of one, the best of some batches. */
static double time_pread(int fd, size_t size, unsigned count)
{
	nanoseconds begin = runtime_now();

	for (unsigned i = 0; i < count; i++)
		must(pread(fd, buffer, size, 0) == (ssize_t)size, "pread");
	return (double)(runtime_now() - begin) / count;
}

static double time_get(const struct kv_ro *kv, const char *key, size_t size, unsigned count)
{
	nanoseconds begin = runtime_now();

	for (unsigned i = 0; i < count; i++)
		must(kv_ro_get_part(kv, key, 0, buffer, size) == (ssize_t)size, key);
	return (double)(runtime_now() - begin) / count;
}

static void compare(const char *store, const struct kv_ro *kv)
{
	static const struct {
		const char *key;
		size_t size;
		unsigned count;
	} sizes[] = { { "small", SMALL, 20000 }, { "large", LARGE, 200 } };

	for (size_t i = 0; i < 2; i++) {
		int fd = open(in_folder(sizes[i].key), O_RDONLY);
		double ours = 1e18, theirs = 1e18;

		must(fd >= 0, sizes[i].key);
		for (int round = 0; round < ROUNDS; round++) {
			double a = time_get(kv, sizes[i].key, sizes[i].size, sizes[i].count);
			double b = time_pread(fd, sizes[i].size, sizes[i].count);

			ours = a < ours ? a : ours;
			theirs = b < theirs ? b : theirs;
		}
		close(fd);
		printf("%-14s %7zu bytes  %10.0f ns  pread %10.0f ns  ratio %.2f\n", store,
		       sizes[i].size, ours, theirs, ours / theirs);
	}
}

static void fill(const struct kv_rw *kv)
{
	must(kv_rw_set(kv, "small", buffer, SMALL) == 0, "set");
	must(kv_rw_set(kv, "large", buffer, LARGE) == 0, "set");
}

static void bench_memory(void)
{
	struct kv_mem_state state = { .count = 0 };
	struct kv_mem mem = { .state = &state, .clock = &wall };
	struct kv_rw kv = { .ops = &kv_mem_ops, .self = &mem };
	struct kv_ro reader = kv_rw_reader(&kv);

	fill(&kv);
	compare("kv_mem", &reader);
	kv_mem_disconnect(&mem);
}

static void bench_crunch(void)
{
	struct crunch_file files[] = {
		{ .path = "large", .bytes = buffer, .length = LARGE },
		{ .path = "small", .bytes = buffer, .length = SMALL },
	};
	struct crunch_index index = { .files = files, .count = 2 };
	struct crunch crunch = { .index = &index };
	struct kv_ro kv = { .ops = &crunch_ops, .self = &crunch };
	uint8_t *value = malloc(LARGE);
	struct kv_value got;

	memcpy(value, buffer, LARGE);
	files[0].bytes = files[1].bytes = value;
	compare("crunch, copied", &kv);
	nanoseconds begin = runtime_now();

	for (unsigned i = 0; i < 1000000; i++) {
		must(kv_ro_get(&kv, i % 2 == 0 ? "small" : "large", &got) == 0, "get");
		kv_value_release(&got);
	}
	printf("%-14s  any size        %10.0f ns\n", "crunch",
	       (double)(runtime_now() - begin) / 1e6);
	free(value);
}

static void bench_direct(void)
{
	struct direct_kv_ro_state state;
	struct direct_kv_ro direct = { .state = &state, .path = folder };
	struct kv_ro kv = { .ops = &direct_kv_ro_ops, .self = &direct };

	must(direct_kv_ro_connect(&direct) == 0, folder);
	compare("direct_kv", &kv);
	direct_kv_ro_disconnect(&direct);
}

static void make_disk(const char *name, uint64_t size, struct block_of_file *file)
{
	static char paths[4][128];
	static unsigned used;
	char *path = paths[used++ % 4];

	snprintf(path, sizeof(paths[0]), "%s", in_folder(name));
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	must(fd >= 0 && ftruncate(fd, (off_t)size) == 0, name);
	close(fd);
	file->name = path;
	must(block_of_file_connect(file) == 0, name);
}

static void bench_tar(void)
{
	struct block_of_file_state file_state;
	struct block_of_file file = { .state = &file_state };
	struct block block = { .ops = &block_of_file_ops, .self = &file };
	struct tar_kv_rw_state state;
	struct tar_kv_rw tar = { .state = &state, .block = &block, .clock = &wall };
	struct kv_rw kv = { .ops = &tar_kv_rw_ops, .self = &tar };
	struct kv_ro reader = kv_rw_reader(&kv);

	make_disk("archive.tar", 8 << 20, &file);
	must(tar_archive_format(&block) == 0 && tar_kv_rw_connect(&tar) == 0, "tar");
	fill(&kv);
	compare("tar_kv", &reader);
	tar_kv_rw_disconnect(&tar);
	block_of_file_disconnect(&file);
}

static void bench_fat(void)
{
	struct block_of_file_state file_state;
	struct block_of_file file = { .state = &file_state };
	struct block block = { .ops = &block_of_file_ops, .self = &file };
	struct fat_rw_state state;
	struct fat_rw fat = { .state = &state, .block = &block, .clock = &wall };
	struct kv_rw kv = { .ops = &fat_rw_ops, .self = &fat };
	struct kv_ro reader = kv_rw_reader(&kv);

	make_disk("fat.img", 8 << 20, &file);
	must(fat_format(&block, &(struct fat_format){ .type = 0 }) == 0 &&
	             fat_rw_connect(&fat) == 0,
	     "fat");
	fill(&kv);
	compare("fat", &reader);
	fat_rw_disconnect(&fat);
	block_of_file_disconnect(&file);
}

static void bench_littlefs(void)
{
	struct block_of_file_state file_state;
	struct block_of_file file = { .state = &file_state };
	struct block block = { .ops = &block_of_file_ops, .self = &file };
	struct littlefs_kv_state state;
	struct littlefs_kv littlefs = { .state = &state, .block = &block, .clock = &wall };
	struct kv_rw kv = { .ops = &littlefs_kv_ops, .self = &littlefs };
	struct kv_ro reader = kv_rw_reader(&kv);

	make_disk("littlefs.img", 8 << 20, &file);
	must(littlefs_format(&block, LITTLEFS_BLOCK) == 0 && littlefs_kv_connect(&littlefs) == 0,
	     "littlefs");
	fill(&kv);
	compare("littlefs", &reader);
	littlefs_kv_disconnect(&littlefs);
	block_of_file_disconnect(&file);
}

static void report_keys(const char *what, nanoseconds begin, size_t before)
{
	double spent = (double)(runtime_now() - begin) / 1e6;

	printf("%-15s %d keys: %.2f ms, %.3f MB\n", what, KEYS, spent,
	       ((double)mallinfo2().uordblks - (double)before) / 1e6);
}

static void bench_keys(void)
{
	struct kv_mem_state state = { .count = 0 };
	struct kv_mem mem = { .state = &state, .clock = &wall };
	struct kv_rw kv = { .ops = &kv_mem_ops, .self = &mem };
	struct block_of_file_state file_state;
	struct block_of_file file = { .state = &file_state };
	struct block block = { .ops = &block_of_file_ops, .self = &file };
	struct tar_archive *archive;
	char text[64];
	size_t before = mallinfo2().uordblks;
	nanoseconds begin = runtime_now();

	for (unsigned i = 0; i < KEYS; i++) {
		snprintf(text, sizeof(text), "dictionary-%u/key-%u", i % 100, i * 7919 % KEYS);
		must(kv_rw_set(&kv, text, "0123456789abcdef", 16) == 0, "set");
	}
	report_keys("kv_mem, set", begin, before);
	kv_mem_disconnect(&mem);
	make_disk("many.tar", (uint64_t)KEYS * 1024 + 4096, &file);
	/* As tar would write it; appending flushes each, which is not what is measured. */
	must(system("cd build/bench/kv && rm -rf many && mkdir many && cd many && seq 1 100000 | "
	            "xargs -n 1000 touch && cd .. && tar -cf many.tar many && rm -rf many") == 0,
	     "tar");
	block_of_file_disconnect(&file);
	must(block_of_file_connect(&file) == 0, "many.tar");
	before = mallinfo2().uordblks;
	begin = runtime_now();
	must(tar_archive_open(&archive, &block) == 0, "many.tar");
	report_keys("tar_kv, mount", begin, before);
	tar_archive_close(archive);
	block_of_file_disconnect(&file);
}

static int count_entry(void *context, const char *name, enum kv_kind kind)
{
	unsigned *count = context;

	(void)name;
	*count += kind == KV_VALUE;
	return 0;
}

static void list_keys(const char *what, const struct kv_ro *kv)
{
	size_t before = mallinfo2().uordblks;
	nanoseconds begin = runtime_now();
	unsigned count = 0;
	char text[16];

	for (unsigned i = 100; i < 200; i++) {
		snprintf(text, sizeof(text), "%u", i);
		must(kv_ro_list(kv, text, count_entry, &count) == 0, what);
	}
	must(count == KEYS, what);
	report_keys(what, begin, before);
}

/* File systems of 100 folders with 1000 empty files each, as `mirage image` makes them. */
static void bench_file_system_keys(void)
{
	struct block_of_file_state file_state;
	struct block_of_file file = { .state = &file_state };
	struct block block = { .ops = &block_of_file_ops, .self = &file };
	struct fat_rw_state fat_state;
	struct fat_rw fat = { .state = &fat_state, .block = &block, .clock = &wall };
	struct littlefs_kv_state littlefs_state;
	struct littlefs_kv littlefs = { .state = &littlefs_state, .block = &block, .clock = &wall };

	must(system("cd build/bench/kv && rm -rf many && mkdir many && cd many && seq 100 199 | "
	            "xargs mkdir && seq 100000 199999 | sed 's,^...,&/,' | xargs -n 1000 touch && "
	            "cd .. && ../../bin/mirage image make --format=fat many many.fat && "
	            "../../bin/mirage image make --format=littlefs many many.littlefs; "
	            "made=$?; rm -rf many; exit $made") == 0,
	     "mirage image make");
	file.name = "build/bench/kv/many.fat";
	must(block_of_file_connect(&file) == 0, file.name);
	size_t before = mallinfo2().uordblks;
	nanoseconds begin = runtime_now();

	must(fat_rw_connect(&fat) == 0, file.name);
	report_keys("fat, mount", begin, before);
	list_keys("fat, list", &(struct kv_ro){ .ops = &fat_rw_ops.read, .self = &fat });
	fat_rw_disconnect(&fat);
	block_of_file_disconnect(&file);
	file.name = "build/bench/kv/many.littlefs";
	must(block_of_file_connect(&file) == 0, file.name);
	before = mallinfo2().uordblks;
	begin = runtime_now();
	must(littlefs_kv_connect(&littlefs) == 0, file.name);
	report_keys("littlefs, mount", begin, before);
	list_keys("littlefs, list",
	          &(struct kv_ro){ .ops = &littlefs_kv_ops.read, .self = &littlefs });
	littlefs_kv_disconnect(&littlefs);
	block_of_file_disconnect(&file);
}

static int bench(void *argument)
{
	(void)argument;
	make_file("small", SMALL);
	make_file("large", LARGE);
	bench_crunch();
	bench_memory();
	bench_direct();
	bench_tar();
	bench_fat();
	bench_littlefs();
	bench_keys();
	bench_file_system_keys();
	return 0;
}

int main(void)
{
	struct runtime *runtime;

	buffer = calloc(1, LARGE);
	mkdir(folder, 0755);
	if (buffer == NULL || runtime_new(&runtime, &unix_target, NULL) != 0)
		return 1;
	int status = runtime_run(runtime, bench, NULL);

	runtime_free(runtime);
	free(buffer);
	return system("rm -rf build/bench/kv") == 0 ? status : 1;
}
