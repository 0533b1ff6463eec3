// SPDX-License-Identifier: ISC
/* Whatever a compiler may print. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compiler_message message;
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (compiler_first_error(text, "config.c", &message))
		assert(message.place.file != NULL && strlen(message.text) < sizeof(message.text));
	free(text);
	return 0;
}
