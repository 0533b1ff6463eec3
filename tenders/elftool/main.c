/* SPDX-License-Identifier: ISC */
/*
 * solo5-elftool: makes the note of a manifest, and shows what the notes of an image say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tenders/elftool/elftool.h"

static const char program[] = "solo5-elftool";

enum {
	JSON_SIZE_MAX = 1 << 20, /* many times what 63 devices take */
};

static const char usage[] =
	"usage: solo5-elftool COMMAND ...\n"
	"\n"
	"  gen-manifest SOURCE OUTPUT  make a C source with the manifest note of SOURCE, in JSON;\n"
	"                              \"-\" is standard input or output\n"
	"  query-manifest IMAGE        show the manifest of an image as JSON\n"
	"  query-abi IMAGE             show for which tender an image is, as JSON\n"
	"  --help, --version\n";

/* Read all of `path` into `text`, which has room for JSON_SIZE_MAX bytes. */
static int read_source(const char *path, char *text, size_t *length, struct reason *reason)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "re");

	if (file == NULL)
		return reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	errno = 0;
	*length = fread(text, 1, JSON_SIZE_MAX, file);
	int error = 0;
	if (ferror(file))
		error = reason_set(reason, -EIO, "%s: %s", path, strerror(errno));
	else if (*length == JSON_SIZE_MAX)
		error = reason_set(reason, -EFBIG, "%s: too large", path);
	if (!standard)
		fclose(file);
	return error;
}

static int write_source(const char *path, const struct manifest *manifest, struct reason *reason)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdout : fopen(path, "we");

	if (file == NULL)
		return reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	elftool_write_source(file, manifest);
	bool failed = fflush(file) != 0 || ferror(file);
	int error = failed ? errno : 0;
	if (!standard && fclose(file) != 0 && !failed) {
		failed = true;
		error = errno;
	}
	return failed ? reason_set(reason, -EIO, "%s: %s", path, strerror(error)) : 0;
}

static int generate(const char *source, const char *output, struct reason *reason)
{
	const char *name = strcmp(source, "-") == 0 ? "standard input" : source;
	struct manifest manifest;
	size_t length = 0;

	char *text = malloc(JSON_SIZE_MAX);
	if (text == NULL)
		return reason_set(reason, -ENOMEM, "%s", strerror(ENOMEM));
	int error = read_source(source, text, &length, reason);
	if (error == 0)
		error = elftool_parse_json(&manifest, text, length, name, reason);
	free(text);
	return error != 0 ? error : write_source(output, &manifest, reason);
}

/* -ENOSYS if the line is no command. */
static int run(int argc, char **argv, struct reason *reason)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (strcmp(command, "gen-manifest") == 0 && argc == 4)
		return generate(argv[2], argv[3], reason);
	if (strcmp(command, "query-manifest") == 0 && argc == 3)
		return elftool_query_manifest(argv[2], reason);
	if (strcmp(command, "query-abi") == 0 && argc == 3)
		return elftool_query_abi(argv[2], reason);
	return -ENOSYS;
}

int main(int argc, char **argv)
{
	struct reason reason = { .usage = false };

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("%s, version mirage-%s\n", program, MIRAGE_VERSION);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	int error = run(argc, argv, &reason);
	if (error == -ENOSYS) {
		fputs(usage, stderr);
		return 1;
	}
	if (error == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		error = reason_set(&reason, -EIO, "standard output: %s", strerror(errno));
	if (error == 0)
		return 0;
	reason_print(&reason, program);
	return 1;
}
