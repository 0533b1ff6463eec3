// SPDX-License-Identifier: ISC
/* Domain names: checking, reading along pointers, writing with them. */
#include <errno.h>
#include <string.h>

#include <mirage/packet.h>
#include <mirage/packet_name.h>

#define LABEL_SIZE_MAX 63
#define POINTER        0xc0
#define POINTER_MAX    0x3fff

/*
 * The label at *at, following a pointer to it first: its length and, in *bytes, what it says. *at
 * moves past it. The name must have been checked; anything else ends it.
 */
static size_t next_label(struct slice message, size_t *at, const uint8_t **bytes)
{
	size_t position = *at;

	while (slice_holds(message, position, 2) && message.bytes[position] >= POINTER) {
		size_t target = packet_be16(message.bytes + position) & POINTER_MAX;

		if (target >= position)
			return 0;
		position = target;
	}
	if (!slice_holds(message, position, 1))
		return 0;
	size_t length = message.bytes[position];
	if (length > LABEL_SIZE_MAX || !slice_holds(message, position + 1, length))
		return 0;
	*bytes = message.bytes + position + 1;
	*at = position + 1 + length;
	return length;
}

int packet_name_parse(struct slice message, size_t offset, size_t *end)
{
	size_t size = 1, position = offset, limit = offset;
	bool jumped = false;

	for (;;) {
		if (!slice_holds(message, position, 1))
			return -EMSGSIZE;
		size_t length = message.bytes[position];
		if (length >= POINTER) {
			if (!slice_holds(message, position, 2))
				return -EMSGSIZE;
			size_t target = packet_be16(message.bytes + position) & POINTER_MAX;
			/* Each pointer leads before everything read so far: there can be no loop. */
			if (target >= limit)
				return -EBADMSG;
			if (!jumped)
				*end = position + 2;
			jumped = true;
			position = limit = target;
			continue;
		}
		if (length > LABEL_SIZE_MAX)
			return -EBADMSG;
		if (!slice_holds(message, position + 1, length))
			return -EMSGSIZE;
		position += 1 + length;
		if (length == 0)
			break;
		size += 1 + length;
		if (size > PACKET_NAME_SIZE)
			return -EBADMSG;
	}
	if (!jumped)
		*end = position;
	return 0;
}

size_t packet_name_expand(struct packet_name name, uint8_t bytes[PACKET_NAME_SIZE])
{
	size_t size = 0, at = name.offset, length;
	const uint8_t *label;

	while ((length = next_label(name.message, &at, &label)) > 0 &&
	       size + 1 + length < PACKET_NAME_SIZE) {
		bytes[size] = (uint8_t)length;
		memcpy(bytes + size + 1, label, length);
		size += 1 + length;
	}
	bytes[size] = 0;
	return size + 1;
}

size_t packet_name_size(struct packet_name name)
{
	size_t size = 1, at = name.offset, length;
	const uint8_t *label;

	while ((length = next_label(name.message, &at, &label)) > 0 &&
	       size + 1 + length <= PACKET_NAME_SIZE)
		size += 1 + length;
	return size;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool packet_name_equal(struct packet_name a, struct packet_name b)
{
	size_t at_a = a.offset, at_b = b.offset;

	for (size_t size = 0; size < PACKET_NAME_SIZE;) {
		const uint8_t *label_a, *label_b;
		size_t length = next_label(a.message, &at_a, &label_a);

		if (next_label(b.message, &at_b, &label_b) != length)
			return false;
		for (size_t i = 0; i < length; i++)
			if (lower(label_a[i]) != lower(label_b[i]))
				return false;
		if (length == 0)
			break;
		size += 1 + length;
	}
	return true;
}

/* One byte of a label in text; *text moves past it. -EINVAL for a bad escape. */
static int read_byte(const char **text)
{
	const char *at = *text;

	if (at[0] != '\\') {
		*text = at + 1;
		return (uint8_t)at[0];
	}
	if (at[1] == '\0')
		return -EINVAL;
	if (at[1] < '0' || at[1] > '9') {
		*text = at + 2;
		return (uint8_t)at[1];
	}
	int value = 0;
	for (int i = 1; i <= 3; i++) {
		if (at[i] < '0' || at[i] > '9')
			return -EINVAL;
		value = value * 10 + (at[i] - '0');
	}
	*text = at + 4;
	return value <= UINT8_MAX ? value : -EINVAL;
}

int packet_name_from_text(const char *text, uint8_t bytes[PACKET_NAME_SIZE],
                          struct packet_name *name)
{
	size_t size = 0;

	if (strcmp(text, ".") == 0)
		text++;
	while (*text != '\0') {
		size_t start = size++;

		while (*text != '\0' && *text != '.') {
			int byte = read_byte(&text);

			if (byte < 0 || size - start > LABEL_SIZE_MAX ||
			    size >= PACKET_NAME_SIZE - 1)
				return -EINVAL;
			bytes[size++] = (uint8_t)byte;
		}
		if (size == start + 1)
			return -EINVAL;
		bytes[start] = (uint8_t)(size - start - 1);
		if (*text == '.')
			text++;
	}
	bytes[size++] = 0;
	*name = (struct packet_name){ .message = slice_of(bytes, size) };
	return 0;
}

static char *print_byte(char *text, uint8_t byte)
{
	if (byte > ' ' && byte < 0x7f) {
		if (byte == '.' || byte == '\\')
			*text++ = '\\';
		*text++ = (char)byte;
		return text;
	}
	*text++ = '\\';
	*text++ = (char)('0' + byte / 100);
	*text++ = (char)('0' + byte / 10 % 10);
	*text++ = (char)('0' + byte % 10);
	return text;
}

const char *packet_name_to_text(struct packet_name name, char text[PACKET_NAME_TEXT_SIZE])
{
	size_t at = name.offset, length, size = 1;
	const uint8_t *label;
	char *to = text;

	while ((length = next_label(name.message, &at, &label)) > 0 &&
	       (size += 1 + length) <= PACKET_NAME_SIZE) {
		if (to != text)
			*to++ = '.';
		for (size_t i = 0; i < length; i++)
			to = print_byte(to, label[i]);
	}
	if (to == text)
		*to++ = '.';
	*to = '\0';
	return text;
}

static int table_find(void *context, struct slice message, struct packet_name name)
{
	const struct packet_name_table *table = context;

	for (size_t i = 0; i < table->count; i++)
		if (packet_name_equal((struct packet_name){ message, table->offsets[i] }, name))
			return table->offsets[i];
	return -1;
}

static void table_remember(void *context, struct slice message, uint16_t offset)
{
	struct packet_name_table *table = context;

	(void)message;
	if (table->count < PACKET_NAME_TABLE_COUNT)
		table->offsets[table->count++] = offset;
}

struct packet_compression packet_name_table(struct packet_name_table *table)
{
	return (struct packet_compression){ table_find, table_remember, table };
}

int packet_name_put(struct slice message, size_t at, struct packet_name name,
                    const struct packet_compression *compression, size_t *end)
{
	struct slice written = slice_of(message.bytes, at);
	struct packet_name rest = name;
	size_t ignored, start = at;
	uint8_t root = 0;

	if (name.message.bytes == NULL)
		rest.message = slice_of(&root, 1);
	else if (packet_name_parse(name.message, name.offset, &ignored) != 0)
		return -EINVAL;
	for (;;) {
		struct packet_name here = rest;
		const uint8_t *label = NULL;
		size_t length = next_label(rest.message, &rest.offset, &label);
		int known = -1;

		if (length > 0 && compression != NULL && compression->find != NULL)
			known = compression->find(compression->context, written, here);
		if (known >= 0 && known <= POINTER_MAX && (size_t)known < start) {
			if (!slice_holds(message, at, 2))
				return -ENOBUFS;
			packet_store_be16(message.bytes + at, (uint16_t)(0xc000 | known));
			at += 2;
			break;
		}
		if (!slice_holds(message, at, 1 + length))
			return -ENOBUFS;
		message.bytes[at] = (uint8_t)length;
		if (length > 0)
			memmove(message.bytes + at + 1, label, length);
		at += 1 + length;
		if (length == 0)
			break;
	}
	*end = at;
	if (compression == NULL || compression->remember == NULL)
		return 0;
	/* Each label that this name begins is a place to point at. */
	written = slice_of(message.bytes, at);
	for (size_t i = start;
	     i <= POINTER_MAX && message.bytes[i] > 0 && message.bytes[i] < POINTER;
	     i += 1 + (size_t)message.bytes[i])
		compression->remember(compression->context, written, (uint16_t)i);
	return 0;
}
