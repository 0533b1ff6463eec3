#include <mirage/block.h>
#include <mirage/log.h>
#include <mirage/random.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lotto.h"
#include "mirage/key_gen.h"

enum {
	EXIT_WRONG_SLOT = 5,
	EXIT_DISK = 6,
};

struct game {
	const struct block *disk;
	const struct block_info *info;
	uint8_t *sector; /* one, to read and write with */
};

static int save(const struct game *game, uint64_t slot, uint32_t high_score)
{
	lotto_save(game->sector, game->info->sector_size, high_score);
	int error = block_write(game->disk, slot, game->sector, game->info->sector_size, NEVER);
	if (error == 0)
		error = block_flush(game->disk, NEVER);
	if (error == 0)
		return 0;
	log_error("Error writing new state: %s", strerror(-error));
	return EXIT_DISK;
}

static int load(const struct game *game, uint64_t slot, uint32_t *high_score)
{
	int error = block_read(game->disk, slot, game->sector, game->info->sector_size, NEVER);

	if (error != 0) {
		log_error("Error reading: %s", strerror(-error));
		return EXIT_DISK;
	}
	const char *wrong = lotto_load(game->sector, high_score);
	if (wrong == NULL)
		return 0;
	log_error("Error reading state: %s", wrong);
	return EXIT_DISK;
}

static int play(const struct game *game, uint64_t slot, const struct random *random)
{
	uint32_t high_score, draw;
	int status = load(game, slot, &high_score);

	if (status != 0)
		return status;
	int error = random_fill(random, &draw, sizeof(draw));
	if (error != 0)
		return error;
	if (draw > high_score)
		log_info("YOU WON! You beat the old high score %" PRIu32 " with %" PRIu32 "!",
		         high_score, draw);
	else if (draw == high_score)
		log_info("TIE! You tied with the high score %" PRIu32, high_score);
	else
		log_info("YOU LOST! With %" PRIu32 " you didn't beat the high score %" PRIu32, draw,
		         high_score);
	log_info("Saving new game state...");
	status = save(game, slot, draw > high_score ? draw : high_score);
	if (status != 0)
		return status;
	log_info("Done!");
	log_info("Thank you for playing! Exiting...");
	return 0;
}

static int reset(const struct game *game, uint64_t slot)
{
	int status = save(game, slot, 0);

	if (status == 0)
		log_info("Reset game slot %" PRIu64 ".", slot);
	return status;
}

static int reset_all(const struct game *game)
{
	for (uint64_t slot = 0; slot < game->info->sector_count; slot++) {
		int status = save(game, slot, 0);
		if (status != 0)
			return status;
	}
	log_info("All %" PRIu64 " game slots reset.", game->info->sector_count);
	return 0;
}

int lottery_start(const struct block *disk, const struct random *random)
{
	struct game game = { .disk = disk, .info = block_info(disk) };
	uint64_t slot = (uint64_t)key_slot();
	int status;

	if (slot >= game.info->sector_count) {
		log_error("Invalid sector %" PRIu64, slot);
		return EXIT_WRONG_SLOT;
	}
	game.sector = malloc(game.info->sector_size);
	if (game.sector == NULL)
		return -ENOMEM;
	if (key_reset_all())
		status = reset_all(&game);
	else if (key_reset())
		status = reset(&game, slot);
	else
		status = play(&game, slot, random);
	free(game.sector);
	return status;
}
