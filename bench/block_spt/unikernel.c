// SPDX-License-Identifier: ISC
/* Reads and writes the disk, sector by sector and at random, and prints nanoseconds for each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <mirage/block.h>
#include <mirage/log.h>
#include <mirage/time.h>

enum {
	ROUNDS = 5,
	LOOK = 512, /* operations between looks at the clock, which is a system call */
};

static const nanoseconds TIME = 200000000;

struct bench {
	const struct time *time;
	const struct block *disk;
	const struct block_info *info;
	uint8_t *sector;
	uint64_t next, random;
};

static uint64_t pick(struct bench *bench, bool random)
{
	if (!random)
		return bench->next++ % bench->info->sector_count;
	bench->random = bench->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (bench->random >> 20) % bench->info->sector_count;
}

/* Nanoseconds for each. */
static uint64_t measure(struct bench *bench, bool write, bool random)
{
	nanoseconds begin = time_now(bench->time), now;
	uint64_t count = 0;

	do {
		for (int i = 0; i < LOOK; i++) {
			uint64_t sector = pick(bench, random);
			size_t size = bench->info->sector_size;
			int error =
				write ? block_write(bench->disk, sector, bench->sector, size, NEVER)
				      : block_read(bench->disk, sector, bench->sector, size, NEVER);

			if (error != 0)
				return 0;
		}
		count += LOOK;
		now = time_now(bench->time);
	} while (now - begin < TIME);
	return (now - begin) / count;
}

int bench_start(const struct time *time, const struct block *disk)
{
	struct bench bench = { .time = time, .disk = disk, .info = block_info(disk), .random = 1 };

	bench.sector = calloc(1, bench.info->sector_size);
	if (bench.sector == NULL)
		return -ENOMEM;
	for (int kind = 0; kind < 4; kind++) {
		uint64_t best = UINT64_MAX;

		for (int i = 0; i < ROUNDS; i++) {
			uint64_t each = measure(&bench, kind >= 2, kind % 2 == 1);
			best = each < best ? each : best;
		}
		log_info("result %s%s %" PRIu64, kind % 2 == 1 ? "rand" : "",
		         kind >= 2 ? "write" : "read", best);
	}
	free(bench.sector);
	return 0;
}
