#include <mirage/block.h>
#include <mirage/log.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "mirage/key_gen.h"

enum {
	CHUNK_SIZE = 1 << 20,
};

static int copy(const struct block *from, const struct block *to, uint8_t *chunk)
{
	uint32_t size = block_info(from)->sector_size;
	uint64_t count = block_info(from)->sector_count, step = CHUNK_SIZE / size;

	for (uint64_t sector = 0; sector < count; sector += step) {
		uint64_t left = count - sector;
		size_t length = (size_t)(left < step ? left : step) * size;
		int error = block_read(from, sector, chunk, length, NEVER);

		if (error == 0)
			error = block_write(to, sector, chunk, length, NEVER);
		if (error != 0)
			return error;
	}
	return block_flush(to, NEVER);
}

int copy_start(const struct block *plain, const struct block *encrypted)
{
	const struct block *from = key_decrypt() ? encrypted : plain;
	const struct block *to = key_decrypt() ? plain : encrypted;
	uint8_t *chunk;

	if (block_info(from)->sector_size != block_info(to)->sector_size ||
	    block_info(from)->sector_count > block_info(to)->sector_count) {
		log_error("the disk to copy to is too small, or has other sectors");
		return 1;
	}
	chunk = malloc(CHUNK_SIZE);
	if (chunk == NULL)
		return -ENOMEM;
	int error = copy(from, to, chunk);
	free(chunk);
	if (error == 0)
		log_info("%s %" PRIu64 " sectors", key_decrypt() ? "Decrypted" : "Encrypted",
		         block_info(from)->sector_count);
	return error;
}
