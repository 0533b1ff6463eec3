// SPDX-License-Identifier: ISC
/* mirage image check: what the format's own checker finds, then whether everything can be read. */
#include "cli/image_check.h"
#include "cli/image_walk.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct check {
	const struct image_store *store;
	const char *path; /* of the image */
	json_t *findings; /* NULL: print them */
	uint64_t values;
	uint64_t bytes;
	uint64_t damages;
	bool foreign; /* no image at all, which is reported */
};

/* What may be printed: names on a medium may hold anything. Returns `shown`. */
static const char *make_printable(const char *text, char *shown, size_t size)
{
	snprintf(shown, size, "%s", text);
	for (char *c = shown; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	json_t *string = json_string(shown); /* NULL: no UTF-8 */

	for (char *c = shown; string == NULL && *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	json_decref(string);
	return shown;
}

static void report(void *context, const struct finding *finding)
{
	struct check *check = context;
	char path[KV_KEY_SIZE], text[512];

	make_printable(finding->path, path, sizeof(path));
	make_printable(finding->text, text, sizeof(text));
	check->damages += !finding->harmless;
	if (check->findings != NULL)
		json_array_append_new(check->findings,
		                      json_pack("{s:s, s:s, s:s, s:b}", "kind", finding->kind,
		                                "path", path, "text", text, "harmless",
		                                (int)finding->harmless));
	else
		printf("%s: %s%s%s%s\n", check->path, finding->harmless ? "harmless: " : "", path,
		       path[0] != '\0' ? ": " : "", text);
}

static void report_error(struct check *check, const char *kind, const char *key, int error,
                         const char *problem)
{
	report(check, &(struct finding){ .kind = kind,
	                                 .path = key,
	                                 .text = problem != NULL     ? problem
	                                         : error == -EBADMSG ? "it is damaged"
	                                                             : strerror(-error) });
}

/* Read a value from its beginning to its end. */
static int read_value(void *context, const char *key, int error)
{
	static uint8_t chunk[1 << 16];
	struct check *check = context;
	uint64_t size = 0, offset = 0;
	ssize_t count = 1;

	if (error == 0)
		error = kv_ro_size(&check->store->reader, key, &size);
	while (error == 0 && count > 0 && offset < size) {
		count = kv_ro_get_part(&check->store->reader, key, offset, chunk, sizeof(chunk));
		if (count < 0)
			error = (int)count;
		else
			offset += (uint64_t)count;
	}
	if (error == 0 && offset != size)
		error = -EBADMSG;
	if (error != 0)
		report_error(check, "unreadable", key, error, NULL);
	check->values++;
	check->bytes += size;
	return 0;
}

static int check_store(struct check *check, struct image_store *store)
{
	const struct image_format *format = store->format;
	const char *problem = NULL;
	int error = format->open(store, false, &problem);

	if (error == -ENODATA && problem != NULL) { /* not damaged: it never was one */
		error = diagnostic_failure(NULL, "%s: %s", check->path, problem);
		format->close(store);
		check->foreign = true;
		return error;
	}
	if (error != 0)
		report_error(check, "unusable", "", error, problem);
	else if (format->check != NULL)
		error = format->check(store, report, check);
	if (error != 0 && check->damages == 0)
		report_error(check, "unreadable", "", error, NULL);
	/* What refers to itself could be read for ever. */
	if (error == 0 && check->damages == 0)
		error = image_walk(&store->reader, "", read_value, check);
	format->close(store);
	return error;
}

static int print_json(struct check *check)
{
	json_t *document =
		json_pack("{s:s, s:s, s:b, s:I, s:I, s:o}", "image", check->path, "format",
	                  check->store->format->name, "sound", (int)(check->damages == 0), "files",
	                  (json_int_t)check->values, "bytes", (json_int_t)check->bytes, "findings",
	                  check->findings);

	if (document == NULL)
		return diagnostic_failure(NULL, "%s: its name is no UTF-8", check->path);
	json_dumpf(document, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(document);
	return 0;
}

static void print_text(const struct check *check)
{
	const char *title = check->store->format->title;

	if (check->damages == 0)
		printf("%s: %s with %" PRIu64 " files, %" PRIu64 " bytes: all can be read\n",
		       check->path, title, check->values, check->bytes);
	else
		printf("%s: %s that is damaged: %" PRIu64 " finding%s\n", check->path, title,
		       check->damages, check->damages == 1 ? "" : "s");
}

int image_check(struct image_store *store, const char *path, bool json)
{
	struct check check = { .store = store,
		               .path = path,
		               .findings = json ? json_array() : NULL };
	int error = check_store(&check, store);

	if (check.foreign)
		json_decref(check.findings);
	else if (json && print_json(&check) != 0)
		error = -EINVAL;
	else if (!json)
		print_text(&check);
	return error != 0 || check.damages > 0 ? -EINVAL : 0;
}
