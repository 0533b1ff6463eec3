// SPDX-License-Identifier: ISC
/*
 * Command lines of a tender, words separated by NUL, against a manifest with one device of each type:
 * either everything is taken or there is a reason.
 */
#include <stdlib.h>
#include <string.h>

#include "tenders/devices/block.h"
#include "tenders/devices/net.h"
#include "tenders/options/options.h"

enum {
	WORDS_MAX = 64,
};

static struct manifest two_devices(void)
{
	struct manifest manifest = { .version = 1, .entry_count = 3 };

	manifest.entries[0].type = SOLO5_DEVICE_RESERVED_FIRST;
	strcpy(manifest.entries[1].name, "b");
	manifest.entries[1].type = SOLO5_DEVICE_BLOCK_BASIC;
	strcpy(manifest.entries[2].name, "n");
	manifest.entries[2].type = SOLO5_DEVICE_NET_BASIC;
	return manifest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[WORDS_MAX] = { "solo5-spt" };
	struct manifest manifest = two_devices();
	struct core_options core = { 0 };
	struct block_options block = { .manifest = &manifest };
	struct net_options net = { .manifest = &manifest };
	const struct option_module modules[] = {
		core_options_module(&core),
		net_options_module(&net),
		block_options_module(&block),
	};
	struct reason reason = { .usage = false };
	struct options_line line;
	char text[OPTIONS_COMMAND_LINE_SIZE];
	int count = 1;

	char *copy = malloc(size + 1);
	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	for (char *at = copy; at < copy + size && count < WORDS_MAX; at += strlen(at) + 1)
		words[count++] = at;

	options_split(&line, count, words);
	if (options_apply(&line, modules, 3, &reason) != 0 &&
	    (!reason.usage || reason.text[0] == '\0'))
		abort();
	if (options_join(&line, text, &reason) == 0 && strlen(text) >= sizeof(text))
		abort();
	if (block.block_sizes[1] != 0 &&
	    (block.block_sizes[1] < BLOCK_SIZE_MIN || block.block_sizes[1] > BLOCK_SIZE_MAX))
		abort();
	free(copy);
	return 0;
}
