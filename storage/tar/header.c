// SPDX-License-Identifier: ISC
/* Reading and making headers of tar archives. */
#include "storage/tar/header.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Where fields are, and their lengths. */
enum {
	NAME = 0,
	NAME_LENGTH = 100,
	MODE = 100,
	USER = 108,
	GROUP = 116,
	SIZE = 124,
	MODIFIED = 136,
	NUMBER_LENGTH = 12,
	CHECKSUM = 148,
	CHECKSUM_LENGTH = 8,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_LENGTH = 155,
};

bool tar_round(uint64_t size, uint64_t *rounded)
{
	if (__builtin_add_overflow(size, (uint64_t)TAR_BLOCK - 1, rounded))
		return false;
	*rounded -= *rounded % TAR_BLOCK;
	return true;
}

/* Octal digits with blanks around them, or base 256 if the first bit is set. */
static bool parse_number(const uint8_t *field, size_t length, uint64_t *number)
{
	size_t i = 0;

	*number = 0;
	if ((field[0] & 0x80) != 0) {
		if ((field[0] & 0x7f) != 0)
			return false; /* negative, or beyond 64 bits */
		for (i = 1; i < length; i++) {
			if (*number >> 56 != 0)
				return false;
			*number = *number << 8 | field[i];
		}
		return true;
	}
	while (i < length && field[i] == ' ')
		i++;
	for (; i < length && field[i] >= '0' && field[i] <= '7'; i++) {
		if (*number >> 61 != 0)
			return false;
		*number = *number << 3 | (uint64_t)(field[i] - '0');
	}
	return i == length || field[i] == ' ' || field[i] == '\0';
}

/* Old programs summed signed bytes. */
static bool checksum_fits(const uint8_t block[TAR_BLOCK])
{
	uint64_t expected, sum = 0;
	int64_t signed_sum = 0;

	if (!parse_number(block + CHECKSUM, CHECKSUM_LENGTH, &expected))
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		bool own = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH;
		uint8_t byte = own ? ' ' : block[i];

		sum += byte;
		signed_sum += (int8_t)byte;
	}
	return sum == expected || (uint64_t)signed_sum == expected;
}

static bool all_zero(const uint8_t block[TAR_BLOCK])
{
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (block[i] != 0)
			return false;
	return true;
}

static void copy_text(char *text, const uint8_t *field, size_t length)
{
	size_t used = strnlen((const char *)field, length);

	memcpy(text, field, used);
	text[used] = '\0';
}

int tar_header_parse(const uint8_t block[TAR_BLOCK], struct tar_header *header)
{
	/* GNU's own magic, "ustar  ", has no prefix. */
	bool posix = memcmp(block + MAGIC, "ustar", 6) == 0;
	size_t length = 0;

	if (all_zero(block))
		return -ENODATA;
	if (!checksum_fits(block) || !parse_number(block + SIZE, NUMBER_LENGTH, &header->size))
		return -EBADMSG;
	if (!parse_number(block + MODIFIED, NUMBER_LENGTH, &header->modified_s))
		header->modified_s = 0; /* before 1970 */
	if (posix && block[PREFIX] != '\0') {
		copy_text(header->name, block + PREFIX, PREFIX_LENGTH);
		length = strlen(header->name);
		header->name[length++] = '/';
	}
	copy_text(header->name + length, block + NAME, NAME_LENGTH);
	copy_text(header->link, block + LINK, NAME_LENGTH);
	header->type = (char)block[TYPE];
	if (header->type == '\0' || header->type == '7')
		header->type = '0';
	/* Before ustar a folder was a file with a slash. */
	length = strlen(header->name);
	if (header->type == '0' && length > 0 && header->name[length - 1] == '/')
		header->type = '5';
	/* Only these have bytes. */
	if (strchr("12346", header->type) != NULL || header->type == '5')
		header->size = 0;
	return 0;
}

static void print_octal(uint8_t *field, size_t length, uint64_t number)
{
	for (size_t i = length - 1; i-- > 0; number >>= 3)
		field[i] = (uint8_t)('0' + (number & 7));
	field[length - 1] = '\0';
}

static void print_number(uint8_t *field, uint64_t number)
{
	if (number >> TAR_OCTAL_MAX_BITS == 0) {
		print_octal(field, NUMBER_LENGTH, number);
		return;
	}
	memset(field, 0, NUMBER_LENGTH);
	field[0] = 0x80;
	for (size_t i = NUMBER_LENGTH; i-- > NUMBER_LENGTH - 8; number >>= 8)
		field[i] = (uint8_t)number;
}

/* Put the name into both fields, cut at a slash. */
static bool place_name(uint8_t block[TAR_BLOCK], const char *name)
{
	size_t length = strlen(name);

	if (length <= NAME_LENGTH) {
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): a field, not a string */
		memcpy(block + NAME, name, length);
		return true;
	}
	for (size_t cut = length - NAME_LENGTH - 1; cut < length && cut <= PREFIX_LENGTH; cut++) {
		if (name[cut] != '/' || cut == 0 || cut + 1 == length)
			continue;
		memcpy(block + PREFIX, name, cut);
		memcpy(block + NAME, name + cut + 1, length - cut - 1);
		return true;
	}
	return false;
}

int tar_header_make(uint8_t block[TAR_BLOCK], const char *name, uint64_t size, uint64_t modified_s,
                    char type)
{
	unsigned sum = 0;

	memset(block, 0, TAR_BLOCK);
	if (!place_name(block, name))
		return -ENAMETOOLONG;
	print_octal(block + MODE, 8, 0644);
	print_octal(block + USER, 8, 0);
	print_octal(block + GROUP, 8, 0);
	print_number(block + SIZE, size);
	print_number(block + MODIFIED, modified_s);
	block[TYPE] = (uint8_t)type;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): a field, not a string */
	memcpy(block + MAGIC,
	       "ustar\0"
	       "00",
	       8);
	memset(block + CHECKSUM, ' ', CHECKSUM_LENGTH);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	print_octal(block + CHECKSUM, 7, sum);
	return 0;
}

static bool key_is(const char *key, size_t length, const char *name)
{
	return length == strlen(name) && memcmp(key, name, length) == 0;
}

/* Decimal digits; what follows is at *end. */
static bool parse_decimal(const char *text, size_t length, uint64_t *number, size_t *end)
{
	size_t i = 0;

	*number = 0;
	for (; i < length && text[i] >= '0' && text[i] <= '9'; i++)
		if (__builtin_mul_overflow(*number, (uint64_t)10, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(text[i] - '0'), number))
			return false;
	*end = i;
	return i > 0;
}

static void parse_time(const char *value, size_t length, struct tar_pax *pax)
{
	size_t end = 0;
	uint32_t scale = 100000000;

	/* A time before 1970 is none. */
	if (!parse_decimal(value, length, &pax->modified_s, &end))
		pax->modified_s = 0;
	pax->has_modified = true;
	pax->modified_ns = 0;
	if (end >= length || value[end] != '.')
		return;
	for (size_t i = end + 1; i < length && value[i] >= '0' && value[i] <= '9'; i++) {
		pax->modified_ns += (uint32_t)(value[i] - '0') * scale;
		scale /= 10;
	}
}

static int take_record(const char *key, size_t key_length, const char *value, size_t length,
                       struct tar_pax *pax)
{
	size_t end;

	if (key_is(key, key_length, "path")) {
		pax->path = value;
		pax->path_length = length;
	} else if (key_is(key, key_length, "linkpath")) {
		pax->link = value;
		pax->link_length = length;
	} else if (key_is(key, key_length, "size")) {
		pax->has_size = parse_decimal(value, length, &pax->size, &end) && end == length;
		return pax->has_size ? 0 : -EBADMSG;
	} else if (key_is(key, key_length, "mtime")) {
		parse_time(value, length, pax);
	} else if (key_length > 11 && memcmp(key, "GNU.sparse.", 11) == 0) {
		pax->sparse = true;
	}
	return 0;
}

int tar_pax_parse(const char *records, size_t length, struct tar_pax *pax)
{
	*pax = (struct tar_pax){ .path = NULL };
	while (length > 0) {
		uint64_t size;
		size_t digits;

		if (records[0] == '\0')
			return 0; /* padding that some count in */
		if (!parse_decimal(records, length, &size, &digits) || size > length ||
		    size < digits + 2 || records[digits] != ' ' || records[size - 1] != '\n')
			return -EBADMSG;
		const char *key = records + digits + 1;
		size_t rest = (size_t)size - digits - 2;
		const char *equals = memchr(key, '=', rest);

		if (equals == NULL)
			return -EBADMSG;
		size_t key_length = (size_t)(equals - key);
		int error = take_record(key, key_length, equals + 1, rest - key_length - 1, pax);

		if (error != 0)
			return error;
		records += size;
		length -= (size_t)size;
	}
	return 0;
}

int tar_pax_path(char *records, size_t size, const char *name)
{
	static const char frame[] = " path=\n";
	size_t rest = strlen(name) + sizeof(frame) - 1, total = rest;
	char digits[24];

	/* The length counts its own digits. */
	for (int round = 0; round < 3; round++) {
		int count = snprintf(digits, sizeof(digits), "%zu", total);

		total = rest + (size_t)count;
	}
	if (total >= size)
		return -ENAMETOOLONG;
	snprintf(records, size, "%zu path=%s\n", total, name);
	return (int)total;
}
