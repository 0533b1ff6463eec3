// SPDX-License-Identifier: ISC
/*
 * What the linker and binutils print of an image, and the image: read for messages, the gate and
 * sizes, never a crash. The first byte says which reader. The messages are printed; run with
 * -close_fd_mask=3.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/check_image.h"
#include "engine/link_messages.h"
#include "engine/size.h"

static const struct texts sources = { .items = (const char *[]){ "nowhere.c" }, .count = 1 };

static void read_sizes(const uint8_t *data, size_t size, char *text)
{
	struct size_report report = { .sections = NULL };
	/* A file of two parts: the ELF file, and from the first "@@" on what is printed of it. */
	char *map = strstr(text, "@@"), *symbols = map != NULL ? strstr(map + 2, "@@") : NULL;
	char *owners = symbols != NULL ? strstr(symbols + 2, "@@") : NULL;

	if (size_read_sections(&report, data, size) == 0 && owners != NULL) {
		*symbols = *owners = '\0';
		if (size_read_map(&report, map + 2) == 0 &&
		    size_read_symbols(&report, symbols + 2) == 0 &&
		    size_read_owners(&report, owners + 2) == 0)
			error_ignore(size_attribute(&report, &sources), "memory may be out");
	}
	size_report_free(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kernel_call calls[4];
	char *text = size > 0 ? malloc(size) : NULL;

	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0]) {
	case 'l':
		link_messages_report(text, &sources);
		break;
	case 'o':
		find_kernel_calls(text, calls, 4);
		break;
	case 'm':
		find_foreign_library(text, "/opt/mirage");
		break;
	default:
		/* The text of an ELF file would end at its first NUL: look behind the header. */
		read_sizes(data + 1, size - 1, size > 4096 ? text + 4095 : text + strlen(text));
		break;
	}
	free(text);
	return 0;
}
