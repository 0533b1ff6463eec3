// SPDX-License-Identifier: ISC
/* Checking a volume: first whom each cluster belongs to, then what is left. */
#include "storage/fat/check_state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Put `part` in front of what is at `end`, with a slash between. False: there is no room. */
static bool prepend(char *path, size_t *at, const char *part)
{
	size_t length = strlen(part), slash = path[*at] != '\0';

	if (length + slash > *at)
		return false;
	*at -= slash;
	if (slash != 0)
		path[*at] = '/';
	*at -= length;
	memcpy(path + *at, part, length);
	return true;
}

/* The path of a place, at the end of the room for it; of one too long its last part. */
static const char *path_of(struct check *check, struct check_place place)
{
	size_t at = sizeof(check->path) - 1;

	check->path[at] = '\0';
	bool fits = prepend(check->path, &at, place.name);

	for (uint32_t i = place.folder; fits && i != CHECK_ROOT; i = check->folders[i].parent)
		fits = prepend(check->path, &at, check->folders[i].name);
	return check->path + at;
}

static void tell(struct check *check, struct check_place place, struct finding finding,
                 const char *format, va_list arguments)
{
	vsnprintf(check->text, sizeof(check->text), format, arguments);
	finding.path = place.folder == CHECK_VOLUME ? "" : path_of(check, place);
	if (place.folder != CHECK_VOLUME && finding.path[0] == '\0')
		finding.path = "/";
	finding.text = check->text;
	check->report(check->context, &finding);
}

void check_found(struct check *check, struct check_place place, const char *kind,
                 const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(check, place, (struct finding){ .kind = kind }, format, arguments);
	va_end(arguments);
}

void check_noted(struct check *check, struct check_place place, const char *kind,
                 const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(check, place, (struct finding){ .kind = kind, .harmless = true }, format, arguments);
	va_end(arguments);
}

/* Bytes of a bit for each cluster, which count from 2. */
static size_t claimed_size(const struct fat_volume *volume)
{
	return ((size_t)volume->cluster_count + FAT_FIRST_CLUSTER) / 8 + 1;
}

static void forget_folders(struct check *check)
{
	for (size_t i = 0; i < check->folder_count; i++)
		free(check->folders[i].name);
	check->folder_count = 0;
}

/* Walk once more, in the same order: this time who claims a crossed cluster is its first owner. */
static int name_owners(struct check *check)
{
	forget_folders(check);
	memset(check->claimed, 0, claimed_size(check->volume));
	check->naming = true;
	int error = check_tree(check);

	check->naming = false;
	return error;
}

int fat_check(struct fat_volume *volume, finding_report *report, void *context)
{
	struct check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return -ENOMEM;
	check->volume = volume;
	check->report = report;
	check->context = context;
	check->claimed = calloc(1, claimed_size(volume));
	int error = check->claimed != NULL ? check_tree(check) : -ENOMEM;

	if (error == 0)
		error = check_lost(check);
	if (error == 0)
		error = check_copies(check);
	if (error == 0 && check->crossed_count > 0)
		error = name_owners(check);
	forget_folders(check);
	free(check->folders);
	free(check->claimed);
	free(check);
	return error;
}
