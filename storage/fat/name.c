// SPDX-License-Identifier: ISC
/* Names: from the disk, to the disk, and compared. */
#include "storage/fat/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "storage/fat/boot_sector.h"

/* Code page 437 from 0x80 on, in Unicode. */
static const uint16_t code_page_437[128] = {
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8,
	0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2,
	0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1,
	0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd,
	0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562,
	0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534,
	0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560,
	0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b,
	0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df, 0x0393,
	0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6,
	0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0,
	0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

/* Append a character in UTF-8: at most 4 bytes. */
static char *put_character(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

static char *put_part(char *to, const uint8_t *part, size_t length, bool lower)
{
	while (length > 0 && part[length - 1] == ' ')
		length--;
	for (size_t i = 0; i < length; i++) {
		uint8_t c = part[i];

		if (lower && c >= 'A' && c <= 'Z')
			c = (uint8_t)(c - 'A' + 'a');
		to = put_character(to, c < 0x80 ? c : code_page_437[c - 0x80]);
	}
	return to;
}

void fat_short_to_text(const uint8_t slot[32], char text[FAT_SHORT_SIZE])
{
	uint8_t base[8];

	memcpy(base, slot, sizeof(base));
	if (base[0] == 0x05)
		base[0] = SLOT_FREE; /* a letter that would say the slot is free */
	char *end = put_part(text, base, 8, (slot[SLOT_CASE] & CASE_LOWER_BASE) != 0);

	if (memcmp(slot + 8, "   ", 3) != 0) {
		*end++ = '.';
		end = put_part(end, slot + 8, 3, (slot[SLOT_CASE] & CASE_LOWER_SUFFIX) != 0);
	}
	*end = '\0';
}

bool fat_units_to_text(const uint16_t *units, size_t count, char text[FAT_NAME_SIZE])
{
	for (size_t i = 0; i < count; i++) {
		uint32_t c = units[i];

		if (c >= 0xd800 && c < 0xdc00 && i + 1 < count && units[i + 1] >= 0xdc00 &&
		    units[i + 1] < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10 | (uint32_t)(units[++i] - 0xdc00));
		if ((c >= 0xd800 && c < 0xe000) || c == 0 || c == '/')
			return false;
		text = put_character(text, c);
	}
	*text = '\0';
	return count > 0;
}

/* The next character of UTF-8 in its shortest form. Returns its length, or 0. */
static size_t take_character(const uint8_t *from, size_t length, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t count = from[0] < 0x80             ? 1
	               : (from[0] & 0xe0) == 0xc0 ? 2
	               : (from[0] & 0xf0) == 0xe0 ? 3
	               : (from[0] & 0xf8) == 0xf0 ? 4
	                                          : 0;

	if (count == 0 || count > length)
		return 0;
	*c = count == 1 ? from[0] : from[0] & (0xffu >> (count + 1));
	for (size_t i = 1; i < count; i++) {
		if ((from[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (from[i] & 0x3f);
	}
	if (*c < least[count] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return count;
}

int fat_text_to_units(const char *text, size_t length, uint16_t units[FAT_UNITS_MAX])
{
	size_t count = 0;

	if (length == 0 || text[length - 1] == '.' || text[length - 1] == ' ')
		return -EINVAL; /* others would not find it again */
	while (length > 0) {
		uint32_t c;
		size_t taken = take_character((const uint8_t *)text, length, &c);

		if (taken == 0 || c < 0x20 ||
		    (c < 0x80 && strchr("\"*/:<>?\\|\x7f", (int)c) != NULL))
			return -EINVAL;
		if (count + (c >= 0x10000 ? 2 : 1) > FAT_UNITS_MAX)
			return -ENAMETOOLONG;
		if (c >= 0x10000) {
			units[count++] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		units[count++] = (uint16_t)c;
		text += taken;
		length -= taken;
	}
	return (int)count;
}

static char fold(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool fat_name_equal(const char *name, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (fold(name[i]) != fold(text[i]) || name[i] == '\0')
			return false;
	return name[length] == '\0';
}

uint8_t fat_short_checksum(const uint8_t name[11])
{
	uint8_t sum = 0;

	for (size_t i = 0; i < SLOT_NAME_LENGTH; i++)
		sum = (uint8_t)(((sum & 1) << 7) + (sum >> 1) + name[i]);
	return sum;
}

static bool is_short_character(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("$%'-_@~`!(){}^#&", c) != NULL);
}

/* Copy a part that has letters of one case alone, as capitals. */
static bool copy_exact(const char *text, size_t length, uint8_t *part, uint8_t bit, uint8_t *lower)
{
	bool capitals = false, small = false;

	for (size_t i = 0; i < length; i++) {
		if (!is_short_character(text[i]))
			return false;
		capitals |= text[i] >= 'A' && text[i] <= 'Z';
		small |= text[i] >= 'a' && text[i] <= 'z';
		part[i] = (uint8_t)fold(text[i]);
	}
	*lower |= small ? bit : 0;
	return !(capitals && small);
}

static bool make_exact(const char *text, size_t length, uint8_t name[11], uint8_t *lower)
{
	const char *dot = memrchr(text, '.', length);
	size_t base = dot != NULL ? (size_t)(dot - text) : length;
	size_t suffix = dot != NULL ? length - base - 1 : 0;

	if (base == 0 || base > 8 || suffix > 3 || (dot != NULL && suffix == 0))
		return false;
	return copy_exact(text, base, name, CASE_LOWER_BASE, lower) &&
	       copy_exact(text + base + 1, suffix, name + 8, CASE_LOWER_SUFFIX, lower);
}

/* What of a part may be in a short name, as capitals. Returns the length. */
static size_t copy_what_may(const char *text, size_t length, uint8_t *part, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used < room; i++)
		if (is_short_character(text[i]))
			part[used++] = (uint8_t)fold(text[i]);
	return used;
}

static unsigned hash_of(const char *text, size_t length, unsigned round)
{
	uint32_t hash = 2166136261u + round;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)text[i]) * 16777619u;
	return (hash ^ hash >> 16) & 0xffff;
}

void fat_short_make(const char *text, size_t length, unsigned round, uint8_t name[11], bool *exact,
                    uint8_t *lower)
{
	enum {
		PLAIN_ROUNDS = 5 /* NAME~1 to NAME~4, then with a hash */
	};
	const char *dot = memrchr(text, '.', length);
	char tail[12];

	memset(name, ' ', SLOT_NAME_LENGTH);
	*lower = 0;
	*exact = round == 0 && make_exact(text, length, name, lower);
	if (*exact)
		return;
	*lower = 0;
	memset(name, ' ', SLOT_NAME_LENGTH);
	if (dot == text)
		dot = NULL;
	size_t base = dot != NULL ? (size_t)(dot - text) : length;

	if (dot != NULL)
		copy_what_may(dot + 1, length - base - 1, name + 8, 3);
	bool plain = round < PLAIN_ROUNDS;
	size_t used = copy_what_may(text, base, name, plain ? 6 : 2);

	if (plain)
		snprintf(tail, sizeof(tail), "~%u", round > 0 ? round : 1);
	else
		snprintf(tail, sizeof(tail), "%04X~%u", hash_of(text, length, round),
		         round % 9 + 1);
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): a field, not a string */
	memcpy(name + used, tail, strlen(tail));
}
