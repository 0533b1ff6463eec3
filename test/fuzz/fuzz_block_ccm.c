// SPDX-License-Identifier: ISC
/*
 * A disk of block_ccm that was changed: the input is a key's text to a NUL, and then changes of three
 * bytes each, where and to what. Whatever it is, a sector reads as what was written or as -EBADMSG, and
 * it is the former exactly if nothing of its unit was changed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mirage/block_ccm.h>
#include <mirage/ramdisk.h>

enum {
	SECTOR = 512,
	SECTORS = 9,
};

/* Numbers that are the same each time: the nonces need only be different. */
static int fill(const void *self, void *bytes, size_t length)
{
	static uint32_t state;

	(void)self;
	for (size_t i = 0; i < length; i++) {
		state = state * 1664525 + 1013904223;
		((uint8_t *)bytes)[i] = (uint8_t)(state >> 24);
	}
	return 0;
}

static void change(uint8_t *medium, const uint8_t *data, size_t size)
{
	for (; size >= 3; data += 3, size -= 3)
		medium[(data[0] | data[1] << 8) % (2 * SECTORS * SECTOR)] = data[2];
}

static void look(const struct block *disk, const uint8_t *medium, const uint8_t *before)
{
	uint8_t expected[SECTOR], bytes[SECTOR];

	for (unsigned int i = 0; i < SECTORS; i++) {
		bool changed =
			memcmp(medium + 2 * i * SECTOR, before + 2 * i * SECTOR, 2 * SECTOR) != 0;
		int result = block_read(disk, i, bytes, SECTOR, NEVER);

		memset(expected, (int)i + 1, SECTOR); /* never what is left by an error */
		if (result != (changed ? -EBADMSG : 0) ||
		    (result == 0) != (memcmp(bytes, expected, SECTOR) == 0))
			abort();
	}
}

/* Any text is a key or an error; with a key, sectors are written, changed, and read. */
static void with_key(const char *text, const uint8_t *data, size_t size)
{
	static const struct random_ops random_ops = { .fill = fill };
	const struct random random = { .ops = &random_ops };
	const struct argument_value key = { .present = true, .text = text };
	struct ramdisk_state medium;
	const struct ramdisk ramdisk = { .state = &medium, .size = 2 * SECTORS * SECTOR };
	const struct block below = { .ops = &ramdisk_ops, .self = &ramdisk };
	struct block_ccm_state state;
	const struct block_ccm ccm = {
		.state = &state, .below = &below, .random = &random, .key = &key
	};
	const struct block disk = { .ops = &block_ccm_ops, .self = &ccm };
	static uint8_t bytes[SECTORS * SECTOR], before[2 * SECTORS * SECTOR];

	if (ramdisk_connect(&ramdisk) != 0)
		abort();
	if (block_ccm_connect(&ccm) == 0) {
		for (int i = 0; i < SECTORS; i++)
			memset(bytes + i * SECTOR, i + 1, SECTOR);
		if (block_write(&disk, 0, bytes, sizeof(bytes), NEVER) != 0)
			abort();
		memcpy(before, medium.bytes, sizeof(before));
		change(medium.bytes, data, size);
		look(&disk, medium.bytes, before);
		block_ccm_disconnect(&ccm);
	}
	ramdisk_disconnect(&ramdisk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[200];
	size_t length = strnlen((const char *)data, size);

	if (length >= sizeof(text))
		return 0;
	memcpy(text, data, length);
	text[length] = '\0';
	data += length;
	size -= length;
	with_key(text, data, size);
	with_key("000102030405060708090a0b0c0d0e0f", data, size);
	return 0;
}
