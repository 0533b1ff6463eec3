// SPDX-License-Identifier: ISC
/* Showing outside text. */
#include "arguments/message.h"

#include <stdio.h>
#include <string.h>

const char *show_text(const char *text, char shown[SHOWN_SIZE])
{
	static const char ellipsis[] = "…";
	size_t used = 0;

	for (; *text != '\0'; text++) {
		char piece[8];
		int length =
			(unsigned char)*text < 0x20 || *text == 0x7f
				? snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*text)
				: snprintf(piece, sizeof(piece), "%c", *text);
		/* Never end within a UTF-8 sequence: what is cut is cut before its first byte. */
		if (used + (size_t)length + sizeof(ellipsis) > SHOWN_SIZE) {
			while (used > 0 && ((unsigned char)shown[used - 1] & 0xc0) == 0x80)
				used--;
			if (used > 0 && (unsigned char)shown[used - 1] >= 0xc0)
				used--;
			memcpy(shown + used, ellipsis, sizeof(ellipsis));
			return shown;
		}
		memcpy(shown + used, piece, (size_t)length);
		used += (size_t)length;
	}
	shown[used] = '\0';
	return shown;
}
