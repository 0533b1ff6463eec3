// SPDX-License-Identifier: ISC
/* Writing generated files, all or none. */
#include "engine/output.h"
#include "engine/diagnostic.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

FILE *output_begin(struct output *output, const char *path, const char *mark)
{
	if (output->count == OUTPUT_FILES_MAX)
		return NULL;

	struct output_file *file = &output->files[output->count];

	*file = (struct output_file){ .path = strdup(path), .mark = mark };
	file->stream = file->path != NULL ? open_memstream(&file->text, &file->length) : NULL;
	if (file->stream != NULL)
		output->count++;
	else
		free(file->path);
	return file->stream;
}

int output_end(struct output *output)
{
	struct output_file *file = &output->files[output->count - 1];
	int closed = fclose(file->stream);

	file->stream = NULL;
	return closed == 0 ? 0 : -ENOMEM;
}

const char *output_text(const struct output *output, const char *path)
{
	for (size_t i = 0; i < output->count; i++)
		if (strcmp(output->files[i].path, path) == 0)
			return output->files[i].text;
	return NULL;
}

/* The whole of a file, or NULL. */
static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t length = file != NULL ? getdelim(&text, &size, '\0', file) : -1;

	if (file != NULL)
		fclose(file);
	if (length >= 0)
		return text;
	free(text);
	return file != NULL ? strdup("") : NULL;
}

static int check_owner(const struct output_file *file, const char *present)
{
	if (present == NULL || present[0] == '\0' || strstr(present, file->mark) != NULL)
		return 0;
	if (strcmp(file->path, "Makefile") == 0)
		return diagnostic_error((struct place){ .file = file->path },
		                        "rename it to Makefile.user, which the generated one "
		                        "includes",
		                        "this file was not written by mirage and is not replaced");
	return diagnostic_error((struct place){ .file = file->path }, "rename it, or remove it",
	                        "this file was not written by mirage and is not replaced");
}

static void temporary_name(const struct output_file *file, char name[PATH_MAX])
{
	snprintf(name, PATH_MAX, "%s.mirage-new", file->path);
}

static int write_temporary(const struct output_file *file)
{
	char name[PATH_MAX];
	char *slash;

	temporary_name(file, name);
	slash = strrchr(name, '/');
	if (slash != NULL) {
		*slash = '\0';
		if (mkdir(name, 0777) != 0 && errno != EEXIST)
			return diagnostic_failure("is there a file in the way, or the disk full?",
			                          "cannot make the folder %s: %s", name,
			                          strerror(errno));
		*slash = '/';
	}
	FILE *stream = fopen(name, "w");
	bool written =
		stream != NULL && fwrite(file->text, 1, file->length, stream) == file->length;
	if (stream != NULL && fclose(stream) != 0)
		written = false;
	if (written)
		return 0;
	int error = errno;
	unlink(name);
	return diagnostic_failure("is the folder writable and the disk not full?",
	                          "cannot write %s: %s", file->path, strerror(error));
}

static int install(const struct output_file *file)
{
	char name[PATH_MAX];

	temporary_name(file, name);
	if (rename(name, file->path) == 0)
		return 0;
	return diagnostic_failure(NULL, "cannot write %s: %s", file->path, strerror(errno));
}

int output_commit(const struct output *output, bool dry_run)
{
	bool changed[OUTPUT_FILES_MAX] = { false };
	char name[PATH_MAX];
	int error = 0;

	for (size_t i = 0; i < output->count && error == 0; i++) {
		const struct output_file *file = &output->files[i];
		char *present = read_file(file->path);

		changed[i] = present == NULL || strcmp(present, file->text) != 0;
		error = check_owner(file, present);
		free(present);
		if (error == 0 && dry_run)
			printf("* %s %s (%zu bytes)\n", changed[i] ? "write" : "keep", file->path,
			       file->length);
	}
	if (dry_run)
		return error;
	for (size_t i = 0; i < output->count && error == 0; i++)
		if (changed[i])
			error = write_temporary(&output->files[i]);
	for (size_t i = 0; i < output->count; i++) {
		if (changed[i] && error == 0)
			error = install(&output->files[i]);
		temporary_name(&output->files[i], name);
		if (error != 0)
			unlink(name);
	}
	return error;
}

void output_free(struct output *output)
{
	for (size_t i = 0; i < output->count; i++) {
		if (output->files[i].stream != NULL)
			fclose(output->files[i].stream);
		free(output->files[i].path);
		free(output->files[i].text);
	}
	output->count = 0;
}
