/* SPDX-License-Identifier: ISC */
/*
 * Reading `--logs`: a list of `LEVEL`, `*:LEVEL` and `SOURCE:LEVEL`.
 *
 * The list is read twice, first to check it and then to apply it, so that a bad list sets nothing.
 */
#include <mirage/log.h>

#include <errno.h>
#include <string.h>

#include <mirage/runtime.h>

#include "runtime/console_line.h"

/* One entry, borrowed from the text. */
struct entry {
	const char *source; /* NULL: every source */
	size_t source_length;
	enum log_level level;
};

static bool text_is(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

static int level_parse(const char *text, size_t length, enum log_level *level)
{
	static const char *const names[] = {
		[LOG_QUIET] = "quiet", [LOG_ERROR] = "error", [LOG_WARNING] = "warning",
		[LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_is(text, length, names[i])) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* A source's name may hold colons; the last one ends it. */
static int entry_parse(const char *text, size_t length, struct entry *entry)
{
	const char *colon = memrchr(text, ':', length);
	const char *level = colon == NULL ? text : colon + 1;

	*entry = (struct entry){ .source = NULL };
	if (colon != NULL) {
		entry->source_length = (size_t)(colon - text);
		if (entry->source_length == 0)
			return -EINVAL;
		if (!text_is(text, entry->source_length, "*"))
			entry->source = text;
	}
	return level_parse(level, (size_t)(text + length - level), &entry->level);
}

static void entry_apply(struct runtime *runtime, const struct entry *entry)
{
	struct log_thresholds *thresholds = (struct log_thresholds *)runtime; /* see log.h */
	bool found = false;

	if (entry->source == NULL) {
		log_set_all(runtime, entry->level);
		return;
	}
	for (size_t i = 0; i < log_source_count(); i++) {
		const struct log_source *source = &__start_mirage_log_sources[i];

		if (text_is(entry->source, entry->source_length, source->name)) {
			thresholds->levels[i] = (uint8_t)entry->level;
			found = true; /* go on: two libraries may use one name */
		}
	}
	if (!found)
		console_line(runtime_target(runtime), "WARNING: %.*s is not a valid log source.",
		             (int)entry->source_length, entry->source);
}

/* Go through the list; with a runtime, apply each entry. */
static int list_read(struct runtime *runtime, const char *text, const char **bad)
{
	for (;;) {
		size_t length = strcspn(text, ",");
		struct entry entry;

		if (entry_parse(text, length, &entry) != 0) {
			*bad = text;
			return -EINVAL;
		}
		if (runtime != NULL)
			entry_apply(runtime, &entry);
		if (text[length] == '\0')
			return 0;
		text += length + 1;
	}
}

int log_configure(struct runtime *runtime, const char *text, const char **bad)
{
	int result = list_read(NULL, text, bad);

	if (result != 0 || runtime == NULL)
		return result;
	return list_read(runtime, text, bad);
}
