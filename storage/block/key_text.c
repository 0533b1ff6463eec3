// SPDX-License-Identifier: ISC
#include "storage/block/key_text.h"

#include <errno.h>
#include <string.h>

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int key_text_read(const struct argument_value *value, uint8_t *key, size_t size)
{
	if (value == NULL || !value->present)
		return -ENODATA;
	const char *text = value->text;
	if (strncmp(text, "0x", 2) == 0)
		text += 2;
	size_t length = strlen(text);
	if (length / 2 > size)
		return -E2BIG;
	for (size_t i = 0; i < length / 2; i++) {
		int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		key[i] = (uint8_t)(high << 4 | low);
	}
	return length % 2 == 0 ? (int)(length / 2) : -EINVAL;
}
