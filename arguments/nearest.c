// SPDX-License-Identifier: ISC
/*
 * "Did you mean": optimal string alignment distance, three rows at a time.
 */
#include <mirage/arguments.h>

#include <stdint.h>
#include <string.h>

/* Longer names are simply far: nobody types them by hand. */
#define NAME_LENGTH_MAX 63

static size_t minimum(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t edit_distance(const char *a, const char *b, size_t limit)
{
	uint8_t rows[3][NAME_LENGTH_MAX + 1];
	size_t a_length = strlen(a), b_length = strlen(b);

	if (a_length > NAME_LENGTH_MAX || b_length > NAME_LENGTH_MAX)
		return strcmp(a, b) == 0 ? 0 : limit + 1;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= a_length; i++) {
		uint8_t *row = rows[i % 3];
		const uint8_t *above = rows[(i + 2) % 3];
		const uint8_t *two_above = rows[(i + 1) % 3];

		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t replace = (size_t)above[j - 1] + (a[i - 1] != b[j - 1]);
			size_t insert = minimum(above[j], row[j - 1]) + 1;

			row[j] = (uint8_t)minimum(replace, insert);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = (uint8_t)minimum(row[j], (size_t)two_above[j - 2] + 1);
		}
	}
	return minimum(rows[a_length % 3][b_length], limit + 1);
}

const char *nearest_name(const char *given, const char *const names[], size_t count)
{
	size_t limit = strlen(given) < 3 ? 1 : (strlen(given) + 2) / 3;
	const char *best = NULL;
	size_t best_distance = limit + 1;

	for (size_t i = 0; i < count; i++) {
		size_t distance = edit_distance(given, names[i], limit);

		/* Replacing everything is no resemblance. */
		if (distance < best_distance && distance < strlen(names[i])) {
			best = names[i];
			best_distance = distance;
		}
	}
	return best;
}
